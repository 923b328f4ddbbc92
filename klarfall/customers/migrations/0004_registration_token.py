# The browser that began a registration, and the language of its mails.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_registration"),
    ]

    operations = [
        migrations.AddField(
            model_name="registration",
            name="language",
            field=models.CharField(default="de", max_length=2),
        ),
        # The table is younger than any release: there are no rows that would need a token.
        migrations.AddField(
            model_name="registration",
            name="token_hash",
            field=models.CharField(max_length=64, unique=True),
            preserve_default=False,
        ),
    ]
