"""Nothing leaves a published terms version and nothing joins it, the products of its items included.

The table between items and products has no model of its own, so its trigger stands here.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


CREATE = """
CREATE FUNCTION contracts_published_products_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM contracts_catalogueitem i JOIN contracts_termsversion t ON t.id = i.terms_id
         WHERE t.published_at IS NOT NULL
           AND ((TG_OP <> 'INSERT' AND i.id = OLD.catalogueitem_id)
             OR (TG_OP <> 'DELETE' AND i.id = NEW.catalogueitem_id))
    ) THEN
        RAISE EXCEPTION 'published terms are immutable' USING ERRCODE = '23514';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contracts_published_products_stay
    BEFORE INSERT OR UPDATE OR DELETE ON contracts_catalogueitem_products
    FOR EACH ROW EXECUTE FUNCTION contracts_published_products_stay();
"""

DROP = """
DROP TRIGGER contracts_published_products_stay ON contracts_catalogueitem_products;
DROP FUNCTION contracts_published_products_stay();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0001_initial"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="catalogueitem",
            name="published_items_stay",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="ratecardline",
            name="published_rates_stay",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="catalogueitem",
            trigger=pgtrigger.compiler.Trigger(
                name="published_items_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF (TG_OP <> 'INSERT' AND EXISTS (\n                    SELECT FROM contracts_termsversion WHERE id = OLD.terms_id AND published_at IS NOT NULL))\n                OR (TG_OP <> 'DELETE' AND EXISTS (\n                    SELECT FROM contracts_termsversion WHERE id = NEW.terms_id AND published_at IS NOT NULL))\n            THEN\n                RAISE EXCEPTION 'published terms are immutable' USING ERRCODE = '23514';\n            END IF;\n            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n            RETURN NEW;\n        ",
                    hash="bc187ce63e8b5f14c704fd7bf74f51d210be9157",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_published_items_stay_d35d2",
                    table="contracts_catalogueitem",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ratecardline",
            trigger=pgtrigger.compiler.Trigger(
                name="published_rates_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF (TG_OP <> 'INSERT' AND EXISTS (\n                    SELECT FROM contracts_termsversion WHERE id = OLD.terms_id AND published_at IS NOT NULL))\n                OR (TG_OP <> 'DELETE' AND EXISTS (\n                    SELECT FROM contracts_termsversion WHERE id = NEW.terms_id AND published_at IS NOT NULL))\n            THEN\n                RAISE EXCEPTION 'published terms are immutable' USING ERRCODE = '23514';\n            END IF;\n            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n            RETURN NEW;\n        ",
                    hash="43b9ac4894ed976e0ef779296126add381c24af7",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_published_rates_stay_8d585",
                    table="contracts_ratecardline",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
