"""Brings the forms of a word to one stem: nouns by their lemma, verbs by their family, the rest by the stemmer."""

from functools import lru_cache

import Stemmer

from klarfall.core.search.folding import fold, umlauts
from klarfall.core.search.lexicon import lexicon

_GERMAN = Stemmer.Stemmer("german")
_ENDINGS = ("en", "es", "er", "em", "n", "s", "e")


@lru_cache(maxsize=65536)
def stem(folded: str) -> str:
    """The stem of one folded word."""
    return noun(folded) or _by_rule(folded)


def noun(folded: str) -> str:
    """The folded lemma of a noun's form, or nothing."""
    words = lexicon()
    if found := words.singulars.get(folded):
        return found
    if folded in words.nouns:
        return folded
    for ending in _ENDINGS:
        if folded.endswith(ending) and (rest := folded[: -len(ending)]) in words.nouns:
            return rest
        if folded.endswith(ending) and (rest := folded[: -len(ending)]) in words.singulars:
            return words.singulars[rest]
    return ""


def _by_rule(folded: str) -> str:
    """The stemmer takes endings away and nothing else, so its umlauts can be kept: Zähler is not Zahl."""
    word = umlauts(folded)
    return fold(word[: len(_GERMAN.stemWord(word))])
