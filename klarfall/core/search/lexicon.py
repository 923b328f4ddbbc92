"""The German nouns and their irregular plurals, read once from the word list of the package german-nouns."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

#: Lemma, kind, gender, then the plural (17th column); what is no plain word is left out.
_ROW = re.compile(r"^([^\W\d_]{3,32}),(\"[^\"\n]*\"|[^,\n]*),([a-z]?),(?:[^,\n]*,){13}([^\W\d_]*),", re.MULTILINE)
_NO_WORDS = re.compile("name|Toponym|Abk|Affix|Gebundenes|Buchstabe|Symbol|Suffix")
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
    singulars: dict[str, str] = {}
    for lemma, kind, gender, plural in _ROW.findall(text):
        if _NO_WORDS.search(kind):
            continue
        if gender == "n" and not plural and lemma.endswith("n"):
            continue
        nouns.add(lemma)
        if plural and plural != lemma and not plural.startswith(lemma):
            singulars.setdefault(plural, lemma)
    return Lexicon(frozenset(nouns), singulars)


def _source() -> Path:
    spec = find_spec("german_nouns")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package german-nouns is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "nouns.csv"
