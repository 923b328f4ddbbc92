# A draft can be put aside and brought back for a while.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0008_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="requestdraft",
            name="discarded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
