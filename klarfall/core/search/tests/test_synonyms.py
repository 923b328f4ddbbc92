"""The general list of the domain holds together, and queries are widened by it."""

import pytest

from klarfall.core.search import synonyms
from klarfall.core.search.query import parse
from klarfall.core.search.synonyms import EQUAL, NARROWER, Synonyms
from klarfall.core.search.terms import terms_of

_GENERAL = Synonyms(*synonyms.general())


def _alternatives(text: str, known: Synonyms = _GENERAL) -> set[str]:
    return {" ".join(one.terms) for word in known.expanded(parse(text)).words for one in word.alternatives[1:]}


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("Mahnung", "Zahlungserinnerung"),
        ("Mahnungen", "Zahlungserinnerung"),
        ("Zahlungserinnerung", "Mahnung"),
        ("Nebenkostenabrechnung", "Betriebskostenabrechnung"),
        ("NK-Abrechnung", "Betriebskostenabrechnung"),
        ("BKA", "Betriebskostenabrechnung"),
        ("Mietsicherheit", "Kaution"),
        ("Wohngeld", "Hausgeld"),
        ("rückgängig machen", "stornieren"),
        ("Sollstellung zurücknehmen", "Storno"),
        ("Kennwort", "Passwort"),
        ("MwSt", "Umsatzsteuer"),
        ("MT940", "Kontoauszug"),
        ("Programm hängt", "Absturz"),
        ("direct debit", "Lastschrift"),
        ("Umlageschlüssel", "Verteilerschlüssel"),
        ("Backup", "Datensicherung"),
        ("Klempner", "Handwerker"),
        ("Mitarbeiter", "Benutzer"),
        ("abstottern", "Ratenzahlung"),
        ("Energiepass", "Energieausweis"),
        ("Cashflow", "Liquidität"),
        ("Steuerbüro", "Steuerberater"),
        ("Virenschutz", "Virenscanner"),
        ("falsch gebucht", "Storno"),
        ("Wohnung verkauft", "Eigentümerwechsel"),
        ("leer stehen", "Leerstand"),
        ("unterschrieben", "Unterschrift"),
        ("Kuvert", "Briefumschlag"),
    ],
)
def test_words_find_what_means_the_same(query: str, finds: str) -> None:
    assert terms_of(finds)[0] in _alternatives(query)


def test_the_list_is_long_and_has_no_word_alone() -> None:
    groups, narrower = synonyms.general()

    assert len(groups) >= 700
    assert all(len(group) > 1 for group in groups)
    assert all(others for _word, others in narrower)


def test_no_group_means_everything() -> None:
    """Words that stand in many groups would make all of them one."""
    groups, _narrower = synonyms.general()
    meanings: dict[str, int] = {}
    for group in groups:
        for term in {terms_of(member)[0] for member in group if len(member.split()) == 1 and terms_of(member)}:
            meanings[term] = meanings.get(term, 0) + 1

    assert max(meanings.values()) <= 4, sorted(meanings, key=lambda term: -meanings[term])[:5]


def test_narrower_words_are_found_one_way_only() -> None:
    known = Synonyms([], [("Kaution", ["Bürgschaft"])])

    assert _alternatives("Kaution", known) == {"buergschaft"}
    assert _alternatives("Bürgschaft", known) == set()


def test_groups_of_editors_stand_beside_the_list() -> None:
    known = Synonyms([*synonyms.general()[0], ("Heizhaus", "Kesselraum")])

    assert "kesselraum" in _alternatives("Heizhaus", known)
    assert "zahlungserinnerung" in _alternatives("Mahnung", known)


def test_an_expression_counts_for_each_of_its_words() -> None:
    known = Synonyms([("friert dauernd", "Absturz")])

    assert [synonym[:2] for synonym in known.of(["programm", "frier", "dauer"])] == [(1, 2)]
    assert all(word.alternatives[-1].weight == EQUAL for word in known.expanded(parse("friert dauernd")).words)


def test_parts_of_compounds_may_be_replaced() -> None:
    known = Synonyms([("Nebenkosten", "Betriebskosten")])

    assert "betriebskosten vorauszahlung" in _alternatives("Nebenkostenvorauszahlung", known)


def test_weights_tell_equal_from_narrower() -> None:
    assert 0 < NARROWER < EQUAL < 1


@pytest.mark.parametrize("group", [[""], ["und"], ["a" * 300, "\0"], ["", "Miete"]])
def test_odd_groups_do_no_harm(group: list[str]) -> None:
    Synonyms([group], [("", group)]).expanded(parse("Miete und Konto"))


def test_other_words_for_a_code_come_after_it():
    (word,) = _GENERAL.expanded(parse("pain.008")).words
    assert {one.weight for one in word.alternatives if one.kind == "synonym"} == {0.4}


def test_misspelt_words_of_the_lists_are_known_by_their_stems():
    known = Synonyms([("Zahlungserinnerung", "Mahnung"), ("Soll stellen", "Sollstellung")])
    assert list(known.near("Zahlungserinerung")) == ["zahlungserinnerung"]
    assert list(known.near("Sollstelung")) == ["sollstellung"]
    assert known.near("Kaution") == known.near("Mahnung") == {}
