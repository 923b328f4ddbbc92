"""The other half of the trigger *offer_fits*: a concern becomes covered or not offered (INV-8).

Its table belongs to a lower app that does not know offers, so the trigger stands here and not in a model.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION billing_free_concern_owes_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM billing_costoffer o
          JOIN tickets_concern c ON c.id = o.concern_id
          JOIN tickets_assessment a ON a.id = c.current_assessment_id
         WHERE c.id = NEW.id AND a.outcome <> 'chargeable' AND o.status IN ('sent', 'accepted', 'exhausted')
    ) THEN
        RAISE EXCEPTION 'an offer on a concern that costs nothing' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER billing_free_concern_owes_nothing
    AFTER UPDATE OF current_assessment_id ON tickets_concern
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_free_concern_owes_nothing();
"""

DROP = """
DROP TRIGGER billing_free_concern_owes_nothing ON tickets_concern;
DROP FUNCTION billing_free_concern_owes_nothing();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial"), ("tickets", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
