"""One draft of the catalogue at a time; the English of the texts from which specialists start."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0003_contract_title"),
    ]

    operations = [
        migrations.AddField(
            model_name="catalogueitem",
            name="changes_if_en",
            field=models.CharField(blank=True, max_length=240),
        ),
        migrations.AddField(
            model_name="catalogueitem",
            name="default_exclusions_en",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="catalogueitem",
            name="default_scope_en",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="catalogueitem",
            name="reason_template_en",
            field=models.TextField(blank=True),
        ),
        migrations.AddConstraint(
            model_name="termsversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("published_at__isnull", True)),
                fields=("published_at",),
                name="one_draft_of_terms",
                nulls_distinct=False,
            ),
        ),
    ]
