# Numbers on file are read once, so that callers are recognised from the first day on.

from typing import Any

from django.db import migrations

_AT_ONCE = 2_000


def read_numbers(apps: Any, schema_editor: Any) -> None:
    from klarfall.customers.phone_numbers import e164

    profile = apps.get_model("core", "VendorProfile").objects.first()
    country = profile.country if profile else "DE"
    model = apps.get_model("customers", "Contact")
    changed = []
    for contact in model.objects.exclude(phone="").filter(phone_e164="").only("pk", "phone").iterator():
        contact.phone_e164 = e164(contact.phone, country)
        if contact.phone_e164:
            changed.append(contact)
    model.objects.bulk_update(changed, ["phone_e164"], batch_size=_AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_mail_in"),
        ("customers", "0006_phone_search"),
    ]

    operations = [migrations.RunPython(read_numbers, migrations.RunPython.noop)]
