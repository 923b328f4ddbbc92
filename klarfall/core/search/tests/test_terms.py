"""What a text is found under: words, codes, versions, names, and where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klarfall.core.search.folding import fold, umlauts
from klarfall.core.search.terms import LONGEST_TERM, analyse, terms_of


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("8.4.2", "8.4.2"),
        ("v8.4.2", "8.4.2"),
        ("8.4.2", "8.4"),
        ("E-1042", "e1042"),
        ("E1042", "e1042"),
        ("E-1042", "1042"),
        ("FI-204", "fi204"),
        ("pain.008", "pain008"),
        ("pain.008.001.02", "pain008"),
        ("camt.053", "camt053"),
        ("MT940", "mt940"),
        ("0x80070005", "0x80070005"),
        ("§21", "21"),
        ("§ 35a", "35a"),
        ("CO₂", "co2"),
        ("CO2-Aufteilung", "co2"),
        ("Mahnung_2026.pdf", "mahnung"),
        ("Mahnung_2026.pdf", "2026"),
        ("C:\\Programme\\server.log", "server"),
        ("anna@example.org", "anna@example.org"),
        ("und/oder/Miete", "miete"),
        ("Ein-/Auszahlung", "auszahlung"),
        ("Kund:innen", "kunde"),
        ("Mieter*innen", "mieter"),
        ("MieterInnen", "mieter"),
        ("E-Mail", "mail"),
        ("E-Rechnung", "rechnung"),
        ("Ver\u00adteiler\u200bschlüssel", "verteilerschluessel"),
        ("Verteilerschlu\u0308ssel", "verteilerschluessel"),
        ("VERTEILERSCHLÜSSEL", "verteilerschluessel"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("ﬁnden", "find"),
        ("Miet\u2011Konto", "mietkonto"),
        ("Fehler:E-1042", "e1042"),
        ("C++", "c++"),
    ],
)
def test_it_is_found_under(text: str, term: str) -> None:
    assert term in {term for token in analyse(text) for term in token.terms}


def test_tokens_say_where_they_stand() -> None:
    text = "Der Verteiler\u00adschlüssel, (E-1042) und Ein-/Auszug"

    words = {text[token.start : token.end]: token.word for token in analyse(text)}

    assert words == {
        "Der": "der",
        "Verteiler\u00adschlüssel": "verteilerschluessel",
        "E-1042": "e-1042",
        "und": "und",
        "Ein": "ein",
        "Auszug": "auszug",
    }


def test_stop_words_have_no_terms_and_words_that_turn_the_meaning_have() -> None:
    assert terms_of("und") == terms_of("the") == ()
    assert all(terms_of(word) for word in ("nicht", "kein", "ohne"))


def test_umlauts_are_folded_in_one_direction_only() -> None:
    assert fold("Schlüssel") == fold("Schluessel") == "schluessel"
    assert umlauts(fold("Steuer")) == "steuer"
    assert umlauts(fold("neue Bauer")) == "neue bauer"


@given(st.text(max_size=400))
def test_any_text_is_analysed_within_bounds(text: str) -> None:
    end = 0
    for token in analyse(text):
        assert end <= token.start < token.end <= len(text)
        end = token.end
        assert len(token.terms) <= 12
        assert all(0 < len(term) <= LONGEST_TERM and "\0" not in term for term in token.terms)


@given(st.text(max_size=60))
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_endless_words_are_cut() -> None:
    terms = [term for token in analyse("a" * 5_000_000 + " " + "a-" * 100_000) for term in token.terms]

    assert all(len(term) <= LONGEST_TERM for term in terms)
    assert len(terms) < 100


@pytest.mark.parametrize(
    "piece", ["§", "§ ", "a-", "a.", "1,", "_", "a:\\", "ä\u0308", "\u200b", "miet- ", "'", "https://"]
)
def test_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    """A walk back from every sign would take minutes here."""
    assert sum(1 for _ in analyse(piece * 50_000)) <= 50_000
