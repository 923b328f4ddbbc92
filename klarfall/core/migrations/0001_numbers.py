"""The sequences behind the numbers that people read."""

from django.db import migrations

NAMES = (
    "klarfall_ticket_number",
    "klarfall_offer_number",
    "klarfall_consulting_number",
    "klarfall_training_number",
)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(f"CREATE SEQUENCE IF NOT EXISTS {name} START 1001", f"DROP SEQUENCE IF EXISTS {name}")
        for name in NAMES
    ]
