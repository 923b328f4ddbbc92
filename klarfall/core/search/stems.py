"""Brings the forms of a word to one stem: nouns by their lemma, verbs by their family, the rest by the stemmer."""

import re
from functools import lru_cache

import Stemmer

from klarfall.core.search.folding import fold, umlauts
from klarfall.core.search.lexicon import lexicon
from klarfall.core.search.parts import STEMS
from klarfall.core.search.verbs import family

_GERMAN = Stemmer.Stemmer("german")
_ENDINGS = ("n", "en", "s", "es", "e", "er", "em")


#: Mieterin and Mieterinnen are found with Mieter.
_FEMININE = re.compile(r"(.{3,})innen|(.{3,}(?:er|or|ent|ant|ist))in")

#: What is left here with these endings is English: entries, hotkeys, deleting, deleted.
_ENGLISH_PLURAL = re.compile("ies$|(?<=[aeo]y)s$")
_ENGLISH_VERB = re.compile(r"(.{4,})(?:ings?|ed)")


@lru_cache(maxsize=65536)
def stem(folded: str) -> str:
    """The stem of one folded word."""
    return family(folded) or noun(folded) or STEMS.get(folded) or _by_rule(folded)


def noun(folded: str) -> str:
    """The folded lemma of a noun's form, or nothing."""
    words = lexicon()
    if found := words.singulars.get(folded) or (folded.endswith("n") and words.singulars.get(folded[:-1])):
        return found
    if form := _FEMININE.fullmatch(folded):
        for word in ((man := form[1] or form[2]), man + "e"):
            if word in words.nouns:
                return word
    if folded in words.nouns:
        return folded
    if "niss" in folded[-6:]:
        folded = re.sub("niss(e[ns]?)$", "nis", folded)
        return folded if folded in words.nouns else ""
    for ending in _ENDINGS:
        if folded.endswith(ending) and (rest := folded[: -len(ending)]) in words.nouns:
            return rest
    return ""


def _by_rule(folded: str) -> str:
    """The stemmer takes endings away and nothing else, so its umlauts can be kept: Zähler is not Zahl."""
    folded = _ENGLISH_PLURAL.sub(lambda found: "y" if found[0] == "ies" else "", folded)
    if form := _ENGLISH_VERB.fullmatch(folded):
        return form[1]
    word = umlauts(folded)
    return fold(word[: len(_GERMAN.stemWord(word))])
