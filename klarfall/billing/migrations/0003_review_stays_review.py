import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_free_concerns_owe_nothing"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="timeentry",
            trigger=pgtrigger.compiler.Trigger(
                name="review_stays_review",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.purpose = 'triage' AND NEW.purpose <> 'triage')",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="ba618d6809ac244ff69a5bd59f4169f994fda222",
                    operation="UPDATE",
                    pgid="pgtrigger_review_stays_review_b7c80",
                    table="billing_timeentry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
