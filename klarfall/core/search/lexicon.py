"""The German nouns and their irregular plurals, read once from the word list of the package german-nouns."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

#: Lemma, kind, gender, then the plural (17th column); what is no plain word is left out.
_ROW = re.compile(r"^([^\W\d_]{3,32}),(\"[^\"\n]*\"|[^,\n]*),([a-z]?),(?:[^,\n]*,){13}([^\W\d_]*),", re.MULTILINE)
_NO_WORDS = re.compile("name|Toponym|Abk|Affix|Gebundenes|Buchstabe|Symbol|Suffix|adjektivische")
#: Plurals that mean something else than their singular.
_BY_ITSELF = frozenset(["posten", "kosten", "daten", "mieter", "akten", "zahlen", "rechte", "leute"])
_UMLAUTS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"))


class Lexicon(NamedTuple):
    """Folded lemmas, and those plurals that no ending explains: vertraege -> vertrag, konten -> konto."""

    nouns: frozenset[str]
    singulars: dict[str, str]


@cache
def lexicon() -> Lexicon:
    """Read on first use; afterwards in memory for good."""
    text = _source().read_text(encoding="utf-8").lower()
    for umlaut, plain in _UMLAUTS:
        text = text.replace(umlaut, plain)
    nouns: set[str] = set()
    plurals: dict[str, str] = {}
    singulars: dict[str, str] = {}
    for lemma, kind, gender, plural in _ROW.findall(text):
        if _NO_WORDS.search(kind):
            continue
        if gender == "n" and not plural and lemma.endswith("n"):
            continue
        nouns.add(lemma)
        if plural and plural != lemma:
            plurals.setdefault(plural, lemma)
    for plural, lemma in plurals.items():
        regular = plural.startswith(lemma)
        if not regular or (plural == lemma + "n" and plural in nouns and plural not in _BY_ITSELF):
            singulars[plural] = lemma
    return Lexicon(frozenset(nouns), singulars)


def _source() -> Path:
    spec = find_spec("german_nouns")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package german-nouns is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "nouns.csv"
