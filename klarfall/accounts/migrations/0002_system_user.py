"""The built-in user *System*, as which the worker acts: "who did this?" always has an answer."""

from django.db import migrations

EMAIL = "system@klarfall.invalid"


def create(apps, schema_editor):
    user = apps.get_model("accounts", "User")
    if not user.objects.filter(kind="system").exists():
        # "!" is no hash of any password: nobody signs in as the system.
        user.objects.create(email=EMAIL, name="System", kind="system", password="!")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
