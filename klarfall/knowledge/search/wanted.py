"""What a query asks of entries: words with weighed alternatives, and how far an entry answers them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from typing import NamedTuple

from klarfall.core.search.query import Alternative, Query, QueryWord
from klarfall.core.search.stop_words import CHATTER, NEGATIONS
from klarfall.knowledge.search.scoring import rarity

#: What the kinds of alternatives are worth as an answer, beside their own weights.
_ANSWERS = {"whole": 1.0, "part": 0.8, "synonym": 0.95, "spelling": 0.9, "instead": 0.9}
#: A compound of which only some parts occur.
_SOME_PARTS = 0.45
_ALL = 0.999
#: Terms that one search looks for, alternatives included.
_MOST_TERMS = 32
#: A word that occurs nowhere counts like one that is in every sixtieth entry: it may be chatter.
_UNKNOWN_SHARE = 60
#: What the words of a sentence tell that are no nouns, known ones and those that occur nowhere.
_BESIDE, _BESIDE_UNKNOWN = 0.85, 0.5
#: What they tell that fit every sentence (often, once, today), and of those that turn one.
_CHATTER = 0.4
_SMALL = CHATTER | NEGATIONS
_LEAST_OF_SENTENCE = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """One word of a query: how much it tells (its rarity), and what may stand for it."""

    word: QueryWord
    telling: float
    alternatives: tuple[Alternative, ...]
    #: It, all of its parts, or another word for it occurs somewhere the viewer may read.
    known: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """How an entry answers a query: `score` sums the words, `coverage` is the share of what they tell (0 to 1)."""

    score: float
    coverage: float
    #: For each word how well it is met, 0 to 1.
    met: tuple[float, ...]


def terms_of(query: Query) -> list[str]:
    """All terms that may stand for words of the query, each once."""
    found: dict[str, None] = {}
    for word in query.words:
        for alternative in word.alternatives:
            found.update(dict.fromkeys(alternative.terms))
    return list(found)


def weigh(query: Query, entries: int, having: Mapping[str, int], occurs: frozenset[str] | None = None) -> list[Wanted]:
    """The words with what they tell. `having`: in how many entries terms occur; `occurs`: what the viewer may find."""
    seen = occurs if occurs is not None else frozenset(having)
    beside = _beside(query.words)
    return [_weighed(word, entries, having, seen, word in beside) for word in query.words]


def _beside(words: Sequence[QueryWord]) -> list[QueryWord]:
    """The words of a written sentence that are no nouns: they say less of what it is about."""
    small = [word for word in words if word.text[:1].islower() and word.text.isalpha()]
    return small if len(words) >= _LEAST_OF_SENTENCE and 0 < len(small) < len(words) else []


def _weighed(
    word: QueryWord, entries: int, having: Mapping[str, int], occurs: frozenset[str], is_beside: bool
) -> Wanted:
    known = any(set(one.terms) <= occurs for one in word.alternatives)
    if count := having.get(word.term):
        telling = rarity(entries, count)
    else:
        others = [
            max(rarity(entries, having.get(term, 0)) for term in one.terms)
            for one in word.alternatives[1:]
            if any(term in having for term in one.terms)
        ]
        unknown = rarity(entries, max(1, entries // _UNKNOWN_SHARE))
        telling = min(unknown, max(others)) if others else unknown
    if is_beside:
        telling *= _CHATTER if word.word in _SMALL else _BESIDE if known else _BESIDE_UNKNOWN
    return Wanted(word, telling, word.alternatives, known)


def weights(wanted: Iterable[Wanted], entries: int, having: Mapping[str, int]) -> dict[str, float]:
    """Term -> what it adds at most to the score of an entry, for choosing candidates; the heaviest of them.

    The words themselves come first, however common: what is not looked for would seem to occur nowhere.
    """
    found: dict[str, float] = {}
    own = set()
    for one in wanted:
        own.add(one.word.term)
        for alternative in one.alternatives:
            for term in alternative.terms:
                if term in having:
                    worth = alternative.weight * min(one.telling, rarity(entries, having[term]))
                    found[term] = max(found.get(term, 0.0), worth)
    heaviest = sorted(found, key=lambda term: (term not in own, -found[term]))[:_MOST_TERMS]
    return {term: found[term] for term in heaviest}


class Scorer:
    """Answers for many entries; what does not depend on an entry is worked out once."""

    def __init__(self, wanted: Iterable[Wanted], rare: Mapping[str, float]) -> None:
        """`rare`: the rarity of each term."""
        self._telling: list[float] = []
        #: Term -> (word, worth, how well it meets it) of alternatives of one term; and its alternatives of several.
        self._alone: dict[str, list[tuple[int, float, float]]] = {}
        self._with: dict[str, list[tuple[int, _Choice]]] = {}
        for at, one in enumerate(wanted):
            self._telling.append(one.telling)
            for choice in (_choice(two, one.telling, rare) for two in one.alternatives):
                if choice.single is not None:
                    self._alone.setdefault(choice.single, []).append((at, choice.worth, choice.met))
                for term, _tells in choice.terms if choice.single is None else ():
                    self._with.setdefault(term, []).append((at, choice))
        self._asked = sum(self._telling) or 1.0

    def answer(self, impacts: Mapping[str, float]) -> Answer:
        """How an entry with these impacts answers: of each word its best alternative counts."""
        worths, met = [0.0] * len(self._telling), [0.0] * len(self._telling)
        for term, impact in impacts.items():
            for at, worth, how in self._alone.get(term, ()):
                worths[at], met[at] = max(worths[at], worth * impact), max(met[at], how)
            for at, choice in self._with.get(term, ()):
                worth, how = _together(choice, impacts)
                worths[at], met[at] = max(worths[at], worth), max(met[at], how)
        covered = sum(map(mul, self._telling, met))
        return Answer(sum(worths), covered / self._asked, tuple(met))


class _Choice(NamedTuple):
    """An alternative: its terms with their rarity, what it adds at most, and how well it meets its word."""

    single: str | None
    terms: tuple[tuple[str, float], ...]
    total: float
    worth: float
    met: float
    #: What a compound adds of which only some parts occur; 0 for anything else.
    some: float


def _choice(alternative: Alternative, telling: float, rare: Mapping[str, float]) -> _Choice:
    """Together the terms of an alternative never tell more than the word for which they stand."""
    terms = tuple((term, rare.get(term, 1.0)) for term in alternative.terms)
    total = sum(tells for _term, tells in terms)
    single = alternative.terms[0] if len(alternative.terms) == 1 else None
    if alternative.kind == "whole":
        return _Choice(single, terms, total, telling, 1.0, 0.0)
    tells = min(telling, max(tells for _term, tells in terms))
    # A word corrected twice is a worse answer than one corrected once; parts of one word are as good as they get.
    met = _ANSWERS[alternative.kind] * (alternative.weight if alternative.kind in ("spelling", "instead") else 1.0)
    some = alternative.weight * _SOME_PARTS * telling if alternative.kind == "part" else 0.0
    return _Choice(single, terms, total, alternative.weight * tells, met, some)


def _together(choice: _Choice, impacts: Mapping[str, float]) -> tuple[float, float]:
    """What several terms add, and how well they meet the word: all of them, or some parts of a compound."""
    found = here = 0.0
    for term, tells in choice.terms:
        impact = impacts.get(term)
        if impact is not None:
            found += tells * impact
            here += tells
        elif not choice.some:
            return 0.0, 0.0
    if not here:
        return 0.0, 0.0
    share = here / choice.total
    if share > _ALL:
        return choice.worth * found / choice.total, choice.met
    return choice.some * share * found / here, share * _SOME_PARTS
