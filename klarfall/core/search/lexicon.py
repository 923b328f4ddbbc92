"""The German nouns and their irregular plurals, read once from the word list of the package german-nouns."""

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from klarfall.core.search.parts import DOMAIN

_KIND, _GENDER, _PLURAL = 1, 2, 16
_LENGTHS = range(3, 33)
#: Plurals that mean something else than their singular.
_BY_ITSELF = frozenset(["posten", "kosten", "daten", "mieter", "akten", "zahlen", "leute"])
_UMLAUTS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"))


class Lexicon(NamedTuple):
    """Folded lemmas, and those plurals that no ending explains: vertraege -> vertrag, konten -> konto."""

    nouns: frozenset[str]
    singulars: dict[str, str]


@cache
def lexicon() -> Lexicon:
    """Read on first use (about a third of a second); afterwards in memory for good (about 15 MB)."""
    with _source().open("rb") as lines:
        rows = (line.split(b",", _PLURAL + 1) for line in lines)
        # Names of people and places, abbreviations and nouns with the endings of adjectives are of another kind.
        plain = [
            b"%b,%b,%b" % (row[0], row[_GENDER], row[_PLURAL])
            for row in rows
            if len(row) > _PLURAL and row[_KIND] == b"Substantiv"
        ]
    text = b"\n".join(plain).decode().lower()
    for umlaut, folded in _UMLAUTS:
        text = text.replace(umlaut, folded)
    return _made(row.split(",") for row in text.split("\n"))


def _made(rows: Iterable[list[str]]) -> Lexicon:
    nouns: set[str] = set(DOMAIN)
    plurals: dict[str, str] = {}
    for lemma, gender, plural in rows:
        # Infinitives as nouns (das Buchen) belong to the family of their verb.
        if len(lemma) not in _LENGTHS or not lemma.isalpha() or (gender == "n" and not plural and lemma[-1] == "n"):
            continue
        nouns.add(lemma)
        if plural != lemma and (plural not in plurals or plural.startswith(lemma)):
            plurals[plural] = lemma
    singulars = {
        plural: lemma
        for plural, lemma in plurals.items()
        if (plural and not plural.startswith(lemma))
        or (plural == lemma + "n" and plural in nouns and plural not in _BY_ITSELF)
    }
    return Lexicon(frozenset(nouns), singulars)


def _source() -> Path:
    spec = find_spec("german_nouns")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package german-nouns is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "nouns.csv"
