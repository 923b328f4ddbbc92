"""The numbers of billed offers, read through a view (`core/row_security.py` makes it)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0007_billing_runs")]

    operations = [
        migrations.CreateModel(
            name="BilledOffer",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
                ("ticket_number", models.BigIntegerField()),
            ],
            options={"db_table": "public_billed_offer", "managed": False},
        ),
    ]
