"""What a query says: words, phrases, exclusions, what must occur; and that any text is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klarfall.core.search.query import LONGEST, MOST_WORDS, parse


def _terms(text: str) -> list[str]:
    return [word.term for word in parse(text).words]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Mahnungen drucken", ["mahnung", "druck"]),
        ("Wie kann ich eine Mahnung drucken?", ["mahnung", "druck"]),
        ("Was muss ich tun, wenn der Zählerstand fehlt?", ["zaehlerstand", "fehl"]),
        ("Mahnung, Mahnungen und mahnen", ["mahnung"]),
        ("Miete - Konto", ["miete", "konto"]),
        ("Heizkosten-Abrechnung", ["heizkostenabrechnung"]),
        ("und oder", []),
        ("", []),
        ("* + - \"\" ''", []),
    ],
)
def test_the_words_that_are_asked_for(text: str, terms: list[str]) -> None:
    assert _terms(text) == terms


def test_words_of_questions_count_if_nothing_else_is_asked() -> None:
    assert _terms("geht nicht") == ["gang", "nicht"]
    assert _terms("drucken geht nicht") == ["druck", "nicht"]


def test_phrases_exclusions_and_musts() -> None:
    query = parse('"doppelte Sollstellung" -Video -"alte Version" +Mahnlauf buch*')

    assert query.phrases == (("doppelt", "sollstellung"),)
    assert [word.term for word in query.words if word.must] == ["doppelt", "sollstellung", "mahnlauf"]
    assert [word.alternatives[0].terms for word in query.excluded] == [("alt", "version"), ("video",)]
    assert [word.term for word in query.words if word.prefix] == ["buch"]


def test_german_quotation_marks_make_phrases() -> None:
    assert parse("„offene Posten“").phrases == parse("»offene Posten«").phrases == (("offen", "posten"),)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("miet konto", "mietkonto"),
        ("Sollstellungs lauf", "sollstellungslauf"),
        ("Verteiler Schlüssel", "verteilerschluessel"),
        ("MT 940", "mt940"),
        ("FI 204", "fi204"),
    ],
)
def test_neighbours_may_be_one_word(text: str, term: str) -> None:
    words = parse(text).words

    assert all((term,) in [one.terms for one in word.alternatives] for word in words)


def test_single_letter_of_a_code_is_not_asked_for() -> None:
    (_fehler, code) = parse("Fehler E 1042").words

    assert ("e1042",) in [one.terms for one in code.alternatives]


def test_compounds_offer_their_parts_for_less() -> None:
    (word,) = parse("Heizungsabrechnung").words

    assert [(one.terms, one.kind) for one in word.alternatives] == [
        (("heizungsabrechnung",), "whole"),
        (("heizung", "abrechnung"), "part"),
    ]
    assert word.alternatives[0].weight > word.alternatives[1].weight


def test_the_last_word_may_be_unfinished() -> None:
    assert parse("Mahnung dru").last_is_prefix
    assert not parse("Mahnung dru ").last_is_prefix
    assert not parse('"Mahnung drucken"').last_is_prefix


@given(st.text(max_size=600))
def test_any_text_is_a_query(text: str) -> None:
    query = parse(text)

    assert len(query.words) <= MOST_WORDS
    assert len(query.text) <= LONGEST
    for word in (*query.words, *query.excluded):
        assert word.alternatives[0].kind == "whole"
        assert len(word.alternatives) <= 12
        assert all(one.terms and 0 < one.weight <= 1 for one in word.alternatives)


@given(st.text(alphabet='ab "+-*„“\n', max_size=80))
def test_any_signs_are_a_query(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Wo trage ich das Guthaben ein?", ["eintragung", "guthaben"]),
        ("Wie passe ich die Miete an, auch die Garage?", ["anpassung", "miete", "garage"]),
        ("Wie führe ich Adressen zusammen", ["zusammenfuehrung", "adresse"]),
        ("wie setze ich das passwort zurück", ["zuruecksetzung", "passwort"]),
        # No verb goes with it, it is not the end, the clause is another one, or it is a noun.
        ("Mieter an", ["mieter"]),
        ("Wie melde ich an der Bank", ["meldung", "bank"]),
        ("Ich melde es, schalte an", ["meldung", "anschaltung"]),
        ("Trage ein", ["trage"]),
        # A participle is not the verb of its clause, "bekomme" keeps its particle, and "zu hoch" is none.
        ("Wie bekomme ich die gebuchte Rechnung raus?", ["buchung", "rechnung", "raus"]),
        ("Die Adresse steht zu hoch", ["adresse", "stand", "hoch"]),
    ],
)
def test_verbs_are_read_with_their_particles(text, terms):
    assert [word.term for word in parse(text).words] == terms


def test_a_joined_verb_is_found_without_its_particle_too():
    (word,) = parse("wo teile ich es auf?").words
    assert [(one.terms, one.kind) for one in word.alternatives] == [(("aufteilung",), "whole"), (("teil",), "part")]
