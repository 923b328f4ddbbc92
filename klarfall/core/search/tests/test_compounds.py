"""Compounds come apart where they should: a list of more than two hundred, every second line held back from tuning."""

from pathlib import Path

import pytest

from klarfall.core.search.compounds import split
from klarfall.core.search.folding import fold
from klarfall.core.search.parts import STEMS
from klarfall.core.search.stems import stem
from klarfall.core.search.terms import analyse, terms_of, ways

_LINES = [
    line
    for line in (Path(__file__).parent / "compounds.txt").read_text("utf-8").splitlines()
    if line and line[0] != "#"
]


def _right(line: str) -> bool:
    if line.startswith("- "):
        return not split(fold(line[2:]))
    wanted, word = line.split(" = ")
    parts = [stem(STEMS.get(fold(part), fold(part))) for part in wanted.split()]
    return [stem(part.word) for part in split(fold(word))] == parts


@pytest.mark.parametrize(("held_back", "least"), [(0, 0.98), (1, 0.93)], ids=["known", "held back"])
def test_most_words_come_apart_as_wanted(held_back: int, least: float) -> None:
    lines = _LINES[held_back::2]
    wrong = [line for line in lines if not _right(line)]

    assert 1 - len(wrong) / len(lines) >= least, wrong


def test_few_words_come_apart_that_should_not() -> None:
    whole = [line for line in _LINES if line.startswith("- ")]

    assert sum(not _right(line) for line in whole) / len(whole) <= 0.02


@pytest.mark.parametrize(
    ("sought", "text"),
    [
        ("Schlüssel", "Verteilerschlüssel"),
        ("Schluessel", "Verteilerschlüsseln"),
        ("Abrechnung", "Heizkostenabrechnung"),
        ("Heizung", "Heizkostenabrechnung"),
        ("Heizkosten", "Heizkostenabrechnungen"),
        ("Vertrag", "Wartungsverträge"),
        ("Auszüge", "Kontoauszug"),
        ("Miete", "Miet-Konto"),
        ("Mietkonto", "Miet-Konto"),
        ("Konto", "Mietkonten"),
        ("Betriebskosten", "Betriebs- und Heizkosten"),
    ],
)
def test_a_part_finds_the_compound(sought: str, text: str) -> None:
    assert terms_of(sought)[0] in {term for token in analyse(text) for term in token.terms}


@pytest.mark.parametrize("word", ["Urinstinkt", "Abteilung", "Ersparnisse", "notieren", "Passwort", "x" * 300, "", "ä"])
def test_no_compound_stays_whole(word: str) -> None:
    assert split(fold(word)) == ()


def test_a_compound_can_be_said_in_parts() -> None:
    assert ways("heizkostenabrechnung") == [
        ("heizung", "kostenabrechnung"),
        ("heizkosten", "abrechnung"),
        ("heizung", "kosten", "abrechnung"),
    ]
    assert ways("abteilung") == []
