"""Which words of a whole request tell what it is about."""

from collections.abc import Iterable

from klarfall.core.search import query as queries
from klarfall.core.search.folding import fold
from klarfall.core.search.query import Query, QueryWord
from klarfall.core.search.stop_words import CHATTER, QUESTION_WORDS
from klarfall.core.search.synonyms import Synonyms
from klarfall.knowledge.search.candidates import Frequencies, frequencies
from klarfall.knowledge.search.scoring import rarity

#: Words that are looked at, and how many of them are searched for.
_MOST_LOOKED_AT, _MOST = 150, 12
_FIRST_LINE, _AGAIN = 1.5, 0.25
#: What a word tells that only another word stands for.
_OTHERWISE = 0.8
#: What letters begin and end with.
_LETTER = frozenset(
    fold(
        """guten tag morgen liebe lieber liebes sehr geehrte geehrter damen herren team support mit freundlichen
        freundliche grüßen grüße gruß viele beste besten dank vielen vorab voraus freundlich hallo servus moin mfg vg lg
        danke bitte dear regards kind best thanks thank heute gestern woche seit herr frau kollege kollegin kollegen
        rückmeldung"""
    ).split()
)
_UNTELLING = QUESTION_WORDS | _LETTER | CHATTER


def telling_query(text: str, synonyms: Synonyms) -> Query:
    """The words of a text that tell most, in their order, as a query with synonyms.

    A word that occurs nowhere may still tell by another word for it: customers say it in words of their own.
    """
    seen: dict[str, list[float]] = {}
    words: dict[str, QueryWord] = {}
    first, _, _rest = text.partition("\n")
    for token in queries.rejoined(text):
        if not token.terms or token.word in _UNTELLING or len(words) >= _MOST_LOOKED_AT:
            continue
        if token.terms[0] not in words:
            words[token.terms[0]] = queries.word_of(text, token)
        seen.setdefault(token.terms[0], []).append(_FIRST_LINE if token.start < len(first) else 1.0)
    words = {one.term: one for one in synonyms.expanded(Query(text, tuple(words.values()))).words}
    known = frequencies(list(dict.fromkeys(term for one in words.values() for term in _terms(one))))
    tells = {term: _tells(words[term], seen[term], known) for term in words}
    chosen = set(sorted((term for term in tells if tells[term]), key=lambda term: -tells[term])[:_MOST])
    return Query(text, tuple(word for term, word in words.items() if term in chosen))


def _terms(word: QueryWord) -> Iterable[str]:
    return (term for alternative in word.alternatives for term in alternative.terms)


def _tells(word: QueryWord, places: list[float], known: Frequencies) -> float:
    """How much a word tells; nothing if it occurs nowhere. Said again, and in the first line, it tells more."""
    having = known.having
    own = [having[term] for one in word.alternatives if one.kind != "synonym" for term in one.terms if term in having]
    if own:
        rare = rarity(known.entries, having.get(word.term, max(own)))
    else:
        others = [one.terms for one in word.alternatives if having.keys() >= set(one.terms)]
        if not others:
            return 0.0
        rare = _OTHERWISE * rarity(known.entries, max(min(having[term] for term in terms) for terms in others))
    return rare * max(places) * (1 + _AGAIN * min(3, len(places) - 1))
