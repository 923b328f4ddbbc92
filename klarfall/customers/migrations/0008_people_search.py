"""People and companies are found by the beginnings of their words, ä as a or ae: two indexes over what is written."""

from django.db import migrations

FOLDED = """
CREATE FUNCTION klarfall_folded(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(replace(replace(replace(
        translate(lower(words), 'äöüáàâãåéèêëíìîïóòôõúùûçñšžčćřěů@._-/', 'aouaaaaaeeeeiiiioooouuucnszccreu     '),
        'ß', 'ss'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u')
$$;
CREATE INDEX user_by_words ON accounts_user
    USING gin (to_tsvector('simple'::regconfig, klarfall_folded(name || ' ' || email))) WITH (fastupdate = off);
CREATE INDEX customer_by_words ON customers_customer
    USING gin (to_tsvector('simple'::regconfig, klarfall_folded(name || ' ' || number || ' ' || city)))
    WITH (fastupdate = off);
"""
GONE = """
DROP INDEX customer_by_words;
DROP INDEX user_by_words;
DROP FUNCTION klarfall_folded(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_read_phone_numbers"),
        ("accounts", "0005_what_can_be_muted"),
    ]

    operations = [migrations.RunSQL(FOLDED, GONE)]
