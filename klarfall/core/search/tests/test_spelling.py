"""Typing errors are found, words that are right or too short are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klarfall.core.search.sounds import sound
from klarfall.core.search.spelling import Vocabulary

_WORDS = """
Mahnung Mahnlauf Mahnstufe Rechnung Abrechnung Betriebskostenabrechnung Heizkostenabrechnung
Verteilerschlüssel Schlüssel Kontoauszug Kaution Quittung Mietvertrag Kaufvertrag Vertrag Lizenz Stornierung
Passwort Benutzer Eigentümer Umsatz Hausgeld Nebenkosten Überweisung Lastschrift Sollstellung Zähler
Zählerstand Drucker Drucken Buchung Buchungskreis Rücklastschrift Wirtschaftsplan Wohngeld Leerstand Umlage
Anlage Auszug Einzug Installation Zertifikat Server Konto Bank Beleg Rund Hand
"""
_VOCABULARY = Vocabulary((word, 3) for word in _WORDS.split())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Schlussel", "schluessel"),
        ("Schlüsel", "schluessel"),
        ("Mahung", "mahnung"),
        ("Mahnugn", "mahnung"),
        ("Rechung", "rechnung"),
        ("Verteilerschlusel", "verteilerschluessel"),
        ("Vertielerschlüssel", "verteilerschluessel"),
        ("Kontoasuzug", "kontoauszug"),
        ("Abrechnugn", "abrechnung"),
        ("Betreibskostenabrechung", "betriebskostenabrechnung"),
        ("Heizkostenabrchnung", "heizkostenabrechnung"),
        ("Zertivikat", "zertifikat"),
        ("Mietvetrag", "mietvertrag"),
        ("Mietvertrga", "mietvertrag"),
        ("Lizens", "lizenz"),
        ("Stornirung", "stornierung"),
        ("Passwrot", "passwort"),
        ("Paswort", "passwort"),
        ("Benutzter", "benutzer"),
        ("Eigentumer", "eigentuemer"),
        ("Umsaz", "umsatz"),
        ("Kauton", "kaution"),
        ("Hausgled", "hausgeld"),
        ("Überwiesung", "ueberweisung"),
        ("Lastschrfit", "lastschrift"),
        ("Solstellung", "sollstellung"),
        ("Zahlerstand", "zaehlerstand"),
        ("Wirtschaftspaln", "wirtschaftsplan"),
        ("Zertifkat", "zertifikat"),
        ("Instalation", "installation"),
        ("wohngelt", "wohngeld"),
        ("ohngeld", "wohngeld"),
        ("amhnung", "mahnung"),
        ("Konot", "konto"),
        ("Knoto", "konto"),
        ("Bnak", "bank"),
        ("Bamk", "bank"),
        ("Belg", "beleg"),
    ],
)
def test_the_word_that_was_meant_comes_first(typed: str, meant: str) -> None:
    assert _VOCABULARY.near(typed)[0].word == meant


@pytest.mark.parametrize("typed", ["WEG", "xy", "8.4.2", "E-1042", "Quartalsbericht", "", "a" * 500, "Hund"])
def test_short_words_codes_and_strangers_are_left_alone(typed: str) -> None:
    assert _VOCABULARY.near(typed) == []


def test_the_nearer_then_the_more_frequent_comes_first() -> None:
    vocabulary = Vocabulary([("Mahnlauf", 1), ("Mahnkauf", 90), ("Mahnlaus", 5)])

    assert vocabulary.near("Mahnlauff")[0].word == "mahnlauf"
    assert [near.word for near in Vocabulary([("Buchse", 1), ("Buchte", 9)]).near("Buchje")] == ["buchte", "buchse"]


def test_errors_that_are_easily_made_count_less() -> None:
    (umlaut,) = Vocabulary([("Schlüssel", 1)]).near("Schlussel")
    (swapped,) = Vocabulary([("Hausgeld", 1)]).near("Hausgled")
    (other,) = Vocabulary([("Hausgeld", 1)]).near("Hausgelx")

    assert umlaut.distance < swapped.distance < other.distance <= 1


def test_words_written_as_one_come_apart() -> None:
    assert _VOCABULARY.apart("Mahnungdrucken") == ("mahnung", "drucken")
    assert _VOCABULARY.apart("Mahnung") == _VOCABULARY.apart("Mahnungxyz") == ()


@pytest.mark.parametrize(
    ("word", "code"), [("Wikipedia", "3412"), ("Breschnew", "17863"), ("Quittung", "4264"), ("Müller", "657"), ("", "")]
)
def test_sounds_follow_the_cologne_phonetics(word: str, code: str) -> None:
    assert sound(word) == code


@given(st.text(max_size=60))
def test_any_word_can_be_looked_up(word: str) -> None:
    for near in _VOCABULARY.near(word):
        assert near.word in _VOCABULARY
        assert near.distance > 0
    _VOCABULARY.apart(word)
