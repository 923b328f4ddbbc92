"""Searching help: who finds what, by which words, and what nobody learns of."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.actions.misses import record_miss
from klarfall.knowledge.actions.shelf import withdraw_article
from klarfall.knowledge.misses import normalised
from klarfall.knowledge.models import IndexState, Posting, SearchEntry, SearchMiss, SynonymGroup, Term, Word
from klarfall.knowledge.search import candidates, finding
from klarfall.knowledge.search.indexing import index, rebuild
from klarfall.knowledge.tests.help_steps import republish
from klarfall.knowledge.tests.search_steps import (
    PUBLIC,
    STAFF,
    contact,
    fitted,
    found,
    indexed,
    suggested,
    titles,
)
from tests.cast import NOW, make_contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(cast):
    """One article for each kind of reader, and one of a product that only Borealis has; each has a word of its own."""
    make_contract(cast.borealis, cast.other, calendar=cast.calendar, number="W-other")
    for title, product, visibility in (
        ("Kaution Walnuss", cast.erp, "public"),
        ("Kaution Haselmaus", cast.erp, "signed_in"),
        ("Kaution Rosinante", cast.erp, "customers"),
        ("Kaution Zaunkönig", cast.erp, "internal"),
        ("Kaution Eichhörnchen", cast.other, "customers"),
    ):
        indexed(product, cast.dora, title, visibility=visibility)
    return cast


def viewers(cast):
    return {"public": PUBLIC, "acme": contact(cast.bernd), "borealis": contact(cast.clara), "staff": STAFF}


#: The word of each article -> who may learn of it.
READERS = {
    "Walnuss": {"public", "acme", "borealis", "staff"},
    "Haselmaus": {"acme", "borealis", "staff"},
    "Rosinante": {"acme", "borealis", "staff"},
    "Zaunkönig": {"staff"},
    "Eichhörnchen": {"borealis", "staff"},
}


def test_everybody_finds_what_they_may_read_and_counts_nothing_else(shelf):
    for name, viewer in viewers(shelf).items():
        expected = {f"Kaution {word}" for word, readers in READERS.items() if name in readers}
        answer = found(viewer, "Kaution")
        assert {hit.title for hit in answer.hits} == expected, name
        assert answer.count == len(expected)
        assert sum(answer.facets.kinds.values()) == len(expected)
        assert sum(answer.facets.products.values()) == len(expected)


@pytest.mark.parametrize("word", READERS)
def test_a_word_that_one_may_not_read_is_a_word_that_does_not_exist(shelf, word):
    typo = word[:-2] + word[-1]
    for name, viewer in viewers(shelf).items():
        may = name in READERS[word]
        assert bool(titles(viewer, word)) is may, (name, word)
        assert bool(suggested(viewer, word[:5])) is may, (name, word)
        assert (word in found(viewer, typo).meant) is may, (name, typo)
        assert bool(fitted(viewer, f"Guten Tag, wo finde ich Kaution {word}?")) is may or name != "public"
        answer = found(viewer, f"Kaution {typo}")
        shown = [answer.meant, *answer.also, *(hit.title for hit in answer.hits)]
        assert may or not any(word in text for text in shown), (name, shown)


def test_what_is_seen_does_not_change_with_what_is_hidden(shelf):
    with viewing_as(PUBLIC):
        before = finding.find("Kaution Zaunkönig")
    indexed(shelf.erp, shelf.dora, "Kaution Zaunkönigin", visibility="internal")
    with viewing_as(PUBLIC):
        after = finding.find("Kaution Zaunkönig")
    assert (before.count, before.meant, before.also, before.unsure) == (
        after.count,
        after.meant,
        after.also,
        after.unsure,
    )
    assert [hit.title for hit in before.hits] == [hit.title for hit in after.hits]


def test_synonyms_lead_to_what_one_may_read_only_and_name_nothing_else(shelf):
    with viewing_as(SYSTEM):
        SynonymGroup.objects.create(words=["Bürgschaft", "Zaunkönig", "Walnuss"], changed_at=NOW)
    with viewing_as(PUBLIC):
        answer = finding.find("Bürgschaft")
    assert [hit.title for hit in answer.hits] == ["Kaution Walnuss"]
    assert answer.also == ("Walnuss",)
    with viewing_as(PUBLIC):
        assert finding.find("Bürgschaft", exact=True).hits == ()


def test_postings_are_narrowed_by_the_database_as_well(shelf):
    with viewing_as(PUBLIC), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT visibility FROM knowledge_posting")
        assert cursor.fetchall() == [("public",)]
    with viewing_as(contact(shelf.bernd)), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT visibility FROM knowledge_posting ORDER BY 1")
        assert ("internal",) not in cursor.fetchall()


def test_the_search_itself_narrows_even_where_the_database_would_not(shelf):
    """The manager's rule is in the statement: read as staff, described for a visitor."""
    from klarfall.core.isolation import describing_for

    with describing_for(PUBLIC):
        text, _values = candidates._readable(finding.Filters(), [])
    assert "visibility" in text


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("Schlüssel", "Verteilerschlüssel anlegen"),
        ("verteilerschluessel", "Verteilerschlüssel anlegen"),
        ("Verteiler-Schlüssel", "Verteilerschlüssel anlegen"),
        ("Verteilerschlüsel", "Verteilerschlüssel anlegen"),
        ("Verteilerschlüssels", "Verteilerschlüssel anlegen"),
        ("Abrechnung Heizung", "Heizkostenabrechnung erstellen"),
        ("Zahlungserinnerung", "Mahnung drucken"),
        ("Mahnungen", "Mahnung drucken"),
        ("E-1042", "Fehler E-1042 beim Drucken"),
        ("e1042", "Fehler E-1042 beim Drucken"),
        ("8.4.2", "Neu in 8.4.2"),
        ('"Fehler E-1042"', "Fehler E-1042 beim Drucken"),
        ("Wie kann ich eine Mahnung drucken?", "Mahnung drucken"),
    ],
)
def test_german_as_it_is_spoken_finds(cast, query, title):
    for one in ("Verteilerschlüssel anlegen", "Heizkostenabrechnung erstellen", "Mahnung drucken", "Neu in 8.4.2"):
        indexed(cast.erp, cast.dora, one)
    indexed(cast.erp, cast.dora, "Fehler E-1042 beim Drucken")
    assert titles(contact(cast.bernd), query)[:1] == [title]


def test_dots_left_out_are_missed_even_where_the_parts_are_words_themselves(cast):
    indexed(cast.erp, cast.dora, "Zahler ändern", "Der Zahler und sein Stand: so ändern Sie den Zahler und den Stand.")
    indexed(cast.erp, cast.dora, "Zählerstände erfassen")
    assert titles(contact(cast.bernd), "Zahlerstande")[0] == "Zählerstände erfassen"
    assert titles(contact(cast.bernd), "Zahlerstand")[0] == "Zählerstände erfassen"


def test_exclusion_and_phrases_narrow(cast):
    bernd = contact(cast.bernd)
    indexed(cast.erp, cast.dora, "Mahnung drucken")
    indexed(cast.erp, cast.dora, "Mahnung sperren", body="Drucken sperren, dann die Mahnung.")
    assert titles(bernd, "Mahnung -sperren") == ["Mahnung drucken"]
    assert titles(bernd, '"Mahnung drucken"') == ["Mahnung drucken"]


@pytest.mark.parametrize(
    "query", ["Kaffeemaschine entkalken", "xqzzkv", "Wetter morgen in Hamburg", "", "?", "-Mahnung"]
)
def test_what_nothing_answers_is_unsure(cast, query):
    indexed(cast.erp, cast.dora, "Mahnung drucken")
    indexed(cast.erp, cast.dora, "Kaution anlegen")
    assert titles(contact(cast.bernd), query) == []


def test_filters_are_part_of_the_search(cast):
    bernd = contact(cast.bernd)
    with viewing_as(SYSTEM):
        area = cast.erp.areas.get()
    indexed(cast.erp, cast.dora, "Mahnung drucken", area=area)
    indexed(cast.erp, cast.dora, "Mahnung im Video", kind="knowledge")
    for filters, expected in (
        (finding.Filters(areas=(area.pk,)), ["Mahnung drucken"]),
        (finding.Filters(kinds=("update",)), []),
        (finding.Filters(products=(cast.other.pk,)), []),
        (finding.Filters(products=(cast.erp.pk,)), ["Mahnung drucken", "Mahnung im Video"]),
    ):
        assert sorted(titles(bernd, "Mahnung", filters=filters)) == expected
    answer = found(bernd, "Mahnung", filters=finding.Filters(areas=(area.pk,)))
    assert answer.facets.kinds == {"knowledge": 2}


def test_a_manual_is_found_by_its_best_chapter(cast):
    body = "## Kaution\n\nZinsen der Kaution.\n\n## Mahnung\n\nStufen der Mahnung.\n\n## Kaution zahlen\n\nKaution."
    with viewing_as(SYSTEM):
        cast.erp.media = ["manual"]
        cast.erp.save()
    indexed(cast.erp, cast.dora, "Handbuch Miete", body, kind="manual")
    hit = found(contact(cast.bernd), "Mahnung").hits[0]
    assert (hit.anchor, hit.title, hit.article_title, hit.chapter) == ("mahnung", "Mahnung", "Handbuch Miete", True)
    assert found(contact(cast.bernd), "Kaution").count == 1


def test_the_index_follows_its_articles(cast):
    bernd = contact(cast.bernd)
    article = indexed(cast.erp, cast.dora, "Mahnung drucken", visibility="public")
    republish(article, cast.dora)
    index([article.pk])
    with viewing_as(SYSTEM):
        assert SearchEntry.objects.filter(article=article).count() == 1
        before = dict(Term.objects.values_list("term", "entries"))
        words = dict(Word.objects.values_list("word", "entries"))
        version = IndexState.objects.get().version
    rebuild()
    with viewing_as(SYSTEM):
        assert dict(Term.objects.values_list("term", "entries")) == before
        assert dict(Word.objects.values_list("word", "entries")) == words
        assert IndexState.objects.get().version != version
    withdraw_article(article, actor=cast.dora, now=NOW)
    index([article.pk])
    assert titles(bernd, "Mahnung") == []
    with viewing_as(SYSTEM):
        assert not Posting.objects.exists()
        assert not Term.objects.exists()
        assert not Word.objects.exists()


def test_readers_get_their_language_and_german_where_nothing_else_is(cast):
    from django.utils import translation

    indexed(cast.erp, cast.dora, "Mahnung SEPA", visibility="public")
    indexed(cast.erp, cast.dora, "Reminder SEPA", visibility="public", language="en")
    with translation.override("en"):
        assert titles(PUBLIC, "SEPA") == ["Reminder SEPA", "Mahnung SEPA"]
    with translation.override("de"):
        assert titles(PUBLIC, "SEPA")[0] == "Mahnung SEPA"


def test_a_request_gets_what_fits_and_nothing_else(cast):
    bernd = contact(cast.bernd)
    for title, body in (
        ("Bankumsätze sind doppelt", "Nach dem Einlesen der Kontoauszüge stehen Umsätze doppelt da."),
        ("Mahnung drucken", "So drucken Sie eine Mahnung."),
        ("Kaution anlegen", "So legen Sie eine Kaution an."),
    ):
        indexed(cast.erp, cast.dora, title, body)
    text = "Guten Tag,\nbeim Einlesen der Kontoauszüge sind seit gestern alle Umsätze doppelt.\nViele Grüße\nPetra"
    assert fitted(bernd, text) == ["Bankumsätze sind doppelt"]
    assert fitted(bernd, "Guten Tag, unsere Kaffeemaschine ist kaputt. Viele Grüße") == []
    assert fitted(bernd, text, product_id=cast.other.pk) == []


def test_a_request_in_words_of_its_own_gets_what_fits(cast):
    """No word of it stands in the article: other words for them are what is looked for."""
    indexed(cast.erp, cast.dora, "Mahnsperre bei Ratenzahlung", "Bei einer Ratenzahlung setzen Sie eine Mahnsperre.")
    indexed(cast.erp, cast.dora, "Kaution anlegen", "So legen Sie eine Kaution an.")
    text = "Hallo, jemand möchte es abstottern, bitte einen Mahnstopp eintragen. Danke"
    assert fitted(contact(cast.bernd), text) == ["Mahnsperre bei Ratenzahlung"]


def test_numbers_times_and_haste_are_not_what_a_request_is_about(cast):
    indexed(cast.erp, cast.dora, "Kaution auszahlen", "Nach dem Auszug zahlen Sie die Kaution aus.")
    chatter = "Zuletzt kommen drei Fragen, meist schnell; früher stehen sie nach Wochen da."
    indexed(cast.erp, cast.dora, "Drei schnell", chatter)
    text = "Seit drei Wochen steht die Kaution nach dem Auszug da, früher kam zuletzt meist schnell eine Meldung."
    assert fitted(contact(cast.bernd), text) == ["Kaution auszahlen"]


def test_beginnings_and_misspelt_beginnings_are_suggested(cast):
    bernd = contact(cast.bernd)
    indexed(cast.erp, cast.dora, "Verteilerschlüssel anlegen")
    indexed(cast.erp, cast.dora, "Mahnung drucken")
    for text in ("verteil", "Vertielersch", "mahnung dru", "Schlüss"):
        assert suggested(bernd, text), text
    assert suggested(bernd, "verteil") == ["Verteilerschlüssel anlegen"]
    assert suggested(bernd, "qqqq") == []


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=120))
def test_no_text_breaks_the_search(shelf, text):
    with viewing_as(contact(shelf.bernd)):
        finding.find(text)
        finding.suggest(text)
        finding.fitting(text)


def test_a_search_asks_the_database_a_bounded_number_of_times(shelf):
    filters = finding.Filters(kinds=("knowledge",))
    with viewing_as(contact(shelf.bernd)):
        finding.find("Kaution")  # words and synonyms are in memory from then on
        for ask, most in (
            (lambda: finding.find("Kaution Walnuss"), 5),
            (lambda: finding.find("Kautoin Walnus"), 8),
            (lambda: finding.find("Kaution Walnuss", filters=filters), 8),
            (lambda: finding.suggest("Kaut"), 6),
            (lambda: finding.fitting("Wo finde ich die Kaution?"), 6),
        ):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                ask()
            assert len(asked) <= most, [one["sql"][:120] for one in asked.captured_queries]


def test_misses_say_nothing_of_anybody_and_count(cast):
    for text, kept in (
        ("Kaffee  kochen", "kaffee kochen"),
        ("kochen Kaffee", "kaffee kochen"),
        ("petra@acme.example Kaffee", "kaffee"),
        ("DE89370400440532013000 Kaffee", "kaffee"),
        ("0171 2345678", ""),
        ("", ""),
    ):
        assert normalised(text) == kept, text
    for _ in range(2):
        record_miss("Kaffee kochen", product=None, actor=cast.bernd.user, now=NOW)
    record_miss("", product=None, actor=cast.bernd.user, now=NOW)
    with viewing_as(SYSTEM):
        assert list(SearchMiss.objects.values_list("words", "times")) == [("kaffee kochen", 2)]
