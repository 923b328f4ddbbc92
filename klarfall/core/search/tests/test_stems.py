"""Forms of one word meet, words of another meaning do not."""

from pathlib import Path

import pytest

from klarfall.core.search.terms import terms_of

_FAMILIES = [
    line.split()
    for line in (Path(__file__).parent / "families.txt").read_text("utf-8").splitlines()
    if line and line[0] != "#"
]
_APART = """
Zähler Zahler, Zähler Zahl, Mieter Miete, Buch Buchung, Rechnung Abrechnung, Daten Datum, Posten Post, Steuer Steuerung,
Vertrag Betrag, Einzug Auszug, Konto Kontakt, Forderung Förderung, Beleg Belegung, Verwalter Verwaltung, Kosten Kasse,
Umlage Anlage, Anfrage Abfrage, Anmeldung Abmeldung, Zahl Zahlung, Stunde Stundung,
Einstellung Stellung, Dienst Bedienung
"""


@pytest.mark.parametrize("family", _FAMILIES, ids=lambda family: family[0])
def test_forms_of_a_word_share_a_stem(family: list[str]) -> None:
    assert len({terms_of(word)[0] for word in family}) == 1


@pytest.mark.parametrize("pair", _APART.split(","))
def test_other_words_keep_their_own_stem(pair: str) -> None:
    one, other = pair.split()

    assert terms_of(one)[0] != terms_of(other)[0]


def test_stems_stay_when_analysed_again() -> None:
    """Terms are handed on as words (synonyms, spelling), so a stem must not have another stem."""
    words = [word for family in _FAMILIES for word in family]

    changed = [word for word in words if terms_of(terms_of(word)[0])[:1] != terms_of(word)[:1]]

    assert len(changed) <= len(words) // 20, changed
