import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0001_initial"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="attachment",
            trigger=pgtrigger.compiler.Trigger(
                name="attachment_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."content_type" IS DISTINCT FROM (NEW."content_type") OR OLD."size" IS DISTINCT FROM (NEW."size") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."uploaded_by_id" IS DISTINCT FROM (NEW."uploaded_by_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."ticket_id" IS DISTINCT FROM (NEW."ticket_id") OR OLD."message_id" IS DISTINCT FROM (NEW."message_id") OR OLD."internal" IS DISTINCT FROM (NEW."internal"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="deed2d215c66a39dd31724df4aa5f972e5673ad9",
                    operation="UPDATE",
                    pgid="pgtrigger_attachment_stays_34740",
                    table="tickets_attachment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="message",
            trigger=pgtrigger.compiler.Trigger(
                name="message_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6d09a4ee82b6d9d4ab94f4b2082ed97aad8a448e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_message_is_append_only_39549",
                    table="tickets_message",
                    when="BEFORE",
                ),
            ),
        ),
    ]
