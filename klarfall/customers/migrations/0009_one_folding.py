"""Names are folded in PostgreSQL as `core/search/folding.py` folds words; then umlauts lose their dots."""

from django.db import migrations

# What is neither letter nor digit stands between words. A test holds this beside `undotted(fold(...))`.
# plpgsql with its own cost: the planner must not look into it and think that folding every row is cheap.
FOLDED = r"""
CREATE OR REPLACE FUNCTION klarfall_folded(words text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 5000 AS $$
BEGIN
    RETURN regexp_replace(regexp_replace(replace(replace(replace(normalize(
        replace(replace(replace(replace(replace(replace(replace(
            translate(normalize(lower(normalize(words, NFKC)), NFC), 'åł', 'al'),
            'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'ø', 'oe'),
        NFD), 'ae', 'a'), 'oe', 'o'), 'ue', 'u'),
        '[\u0300-\u036f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]+', '', 'g'),
        '[\u0001-\u002f\u003a-\u0060\u007b-\u00a0\u2010-\u2027]+', ' ', 'g');
END $$;
REINDEX INDEX user_by_words;
REINDEX INDEX customer_by_words;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION klarfall_folded(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    COST 100 AS $$
    SELECT replace(replace(replace(replace(
        translate(lower(words), 'äöüáàâãåéèêëíìîïóòôõúùûçñšžčćřěů@._-/', 'aouaaaaaeeeeiiiioooouuucnszccreu     '),
        'ß', 'ss'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u')
$$;
REINDEX INDEX user_by_words;
REINDEX INDEX customer_by_words;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_people_search"), ("accounts", "0005_what_can_be_muted")]

    operations = [migrations.RunSQL(FOLDED, BEFORE)]
