# Beginnings of numbers are searched while somebody types; a plain index serves no LIKE outside the C collation.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0005_mail_in"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="contact", name="contact_by_phone"),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("phone_e164", ""), _negated=True),
                fields=["phone_e164"],
                name="contact_by_phone",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
    ]
