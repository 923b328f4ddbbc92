"""What a query asks of entries: words with weighed alternatives, and how far an entry answers them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from klarfall.core.search.query import Alternative, Query, QueryWord
from klarfall.knowledge.search.scoring import rarity

#: What the kinds of alternatives are worth as an answer, beside their own weights.
_ANSWERS = {"whole": 1.0, "part": 0.8, "synonym": 0.95, "spelling": 0.9}
#: A compound of which only some parts occur.
_SOME_PARTS = 0.45
#: A word that occurs nowhere counts like one that is in every sixtieth entry: it may be chatter.
_UNKNOWN_SHARE = 60


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
    return [_weighed(word, entries, having, seen) for word in query.words]


def _weighed(word: QueryWord, entries: int, having: Mapping[str, int], occurs: frozenset[str]) -> Wanted:
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
    return Wanted(word, telling, word.alternatives, known)


def weights(wanted: Iterable[Wanted], entries: int, having: Mapping[str, int]) -> dict[str, float]:
    """Term -> what it adds at most to the score of an entry, for choosing candidates."""
    found: dict[str, float] = {}
    for one in wanted:
        for alternative in one.alternatives:
            for term in alternative.terms:
                worth = alternative.weight * min(one.telling, rarity(entries, having.get(term, 0)))
                found[term] = max(found.get(term, 0.0), worth)
    return found


def answer(wanted: Iterable[Wanted], impacts: Mapping[str, float], rare: Mapping[str, float]) -> Answer:
    """How an entry with these impacts answers, of each word its best alternative; `rare`: the rarity of each term."""
    score = covered = asked = 0.0
    met = []
    for one in wanted:
        best = best_met = 0.0
        for alternative in one.alternatives:
            worth, how = _of(alternative, one.telling, impacts, rare)
            best, best_met = max(best, worth), max(best_met, how)
        score += best
        covered += one.telling * best_met
        asked += one.telling
        met.append(best_met)
    return Answer(score, covered / asked if asked else 0.0, tuple(met))


def _of(
    alternative: Alternative, telling: float, impacts: Mapping[str, float], rare: Mapping[str, float]
) -> tuple[float, float]:
    """What the alternative adds, and how well it meets the word. Together its terms never tell more than the word."""
    total = found = here = 0.0
    for term in alternative.terms:
        tells = rare.get(term, 1.0)
        total += tells
        if term in impacts:
            found += tells * impacts[term]
            here += tells
    if not here:
        return 0.0, 0.0
    share = here / total
    if alternative.kind == "whole":
        return telling * found / total, 1.0
    if share < 1:
        if alternative.kind != "part":
            return 0.0, 0.0
        return alternative.weight * share * _SOME_PARTS * telling * found / here, share * _SOME_PARTS
    tells = min(telling, max(rare.get(term, 1.0) for term in alternative.terms))
    # A word corrected twice is a worse answer than one corrected once; parts of one word are as good as they get.
    met = _ANSWERS[alternative.kind] * (alternative.weight if alternative.kind == "spelling" else 1.0)
    return alternative.weight * tells * found / total, met
