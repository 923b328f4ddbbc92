"""Which passage of an entry answers best, and which of its words are marked. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from klarfall.core.search.passages import Part, in_parts
from klarfall.core.search.query import Alternative
from klarfall.core.search.terms import analyse
from klarfall.core.search.tokens import runs
from klarfall.knowledge.search.wanted import Wanted

#: Signs of which a passage has more than a heading.
_PASSAGE = 65
_FIRST = 2  # before them stand title and context
_HEADING = 60
_NEAR = 3  # words between two words of the query that still belong together


@dataclass(frozen=True, slots=True)
class Place:
    """A passage, its anchor, the share of what the query tells that it covers, and how much of it stands together."""

    text: str = ""
    anchor: str = ""
    covered: float = 0.0
    together: float = 0.0
    #: Its terms as they were indexed; empty where the text is put together.
    terms: str = ""


#: Word of the query -> how well it is held, 0 to 1.
Held = dict[int, float]


class Matcher:
    """Looks for the words of a query in texts that are given as their terms."""

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self.wanted = wanted
        self._telling = [one.telling for one in wanted]
        self._asked = sum(self._telling) or 1.0
        #: Term -> the words for which it stands alone, and those for which it does with others (all of the terms),
        #: and how well.
        self._alone: dict[str, dict[int, float]] = {}
        self._with: dict[str, list[tuple[int, frozenset[str], float]]] = {}
        for at, one in enumerate(wanted):
            for two in one.alternatives:
                terms, how = frozenset(two.terms), _how_well(two)
                if len(terms) == 1:
                    words = self._alone.setdefault(two.terms[0], {})
                    words[at] = max(words.get(at, 0.0), how)
                for term in terms if len(terms) > 1 else ():
                    self._with.setdefault(term, []).append((at, terms, how))
        self._terms = frozenset((*self._alone, *self._with))
        #: Words of the query that stand at a place, by its terms: most words of a text are said often.
        self._places: dict[str, tuple[int, ...]] = {".": ()}

    def held(self, terms: str) -> Held:
        """Which words the text holds, and how well, 0 to 1."""
        return self._held(self._terms.intersection(terms.replace(" ", "|").split("|")))

    def _held(self, here: frozenset[str]) -> Held:
        if not here:
            return _NONE
        found: dict[int, float] = {}
        for term in here:
            for at, how in self._alone.get(term, _NONE).items():
                found[at] = max(found.get(at, 0.0), how)
            for at, terms, how in self._with.get(term, ()):
                if how > found.get(at, 0.0) and terms <= here:
                    found[at] = how
        return found

    def share(self, *texts: Held) -> float:
        """What the words of these texts are of all that the query tells, 0 to 1."""
        if len(texts) == 1:
            return sum(self._telling[at] * how for at, how in texts[0].items()) / self._asked
        every = {at for held in texts for at in held}
        return sum(self._telling[at] * max(held.get(at, 0.0) for held in texts) for at in every) / self._asked

    def together(self, terms: str) -> float:
        """The share of neighbouring words of the query that stand near each other and in order; 0 for one word."""
        if len(self._telling) < 2:  # noqa: PLR2004
            return 0.0
        if len(self.held(terms)) < 2:  # noqa: PLR2004
            return 0.0
        found: list[list[int]] = [[] for _word in self._telling]
        for at, place in enumerate(terms.split(" ")):
            if (held := self._places.get(place)) is None:
                held = self._places[place] = tuple(self._held(self._terms.intersection(place.split("|"))))
            for word in held:
                found[word].append(at)
        near = sum(any(0 <= b - a <= _NEAR for a in one for b in other) for one, other in pairwise(found))
        return near / (len(found) - 1)

    def share_of(self, terms: str) -> float:
        """How many of the telling words of a title were asked for, 0 to 1."""
        words = [place for place in terms.split(" ") if place != "."]
        return sum(bool(self.held(word)) for word in words) / len(words) if words else 0.0

    def best_place(self, passages: Sequence[Sequence[str]]) -> Place:
        """The passage that covers most, the earliest of equals; the title is no passage."""
        chosen, most = 0, 0.0
        title = passages[0][0] if passages else ""
        # What the entry belongs to holds for each of its passages.
        given = self.held(context(passages))
        for place, passage in enumerate(passages[_FIRST:], start=_FIRST):
            held = self.held(passage[1])
            if held and (covered := self.share(held, given)) > most + 0.001 and passage[0] != title:
                chosen, most = place, covered
        if not chosen:
            first = next((one for one in passages[_FIRST:] if len(one[0]) > _PASSAGE), ["", "", ""])
            return Place(first[0], first[2])
        text, terms, anchor = passages[chosen]
        following = passages[chosen + 1 : chosen + 2]
        together = self.together(terms)
        if len(text) < _HEADING and following and following[0][2] == anchor:  # a heading with what stands below it
            text, terms = f"{text}: {following[0][0]}", ""
        return Place(text, anchor, most, together, terms)


_NONE: Held = {}


def _how_well(alternative: Alternative) -> float:
    """How well words answer for another one: itself, its parts, another word for it, one that it was corrected to."""
    if alternative.kind in ("spelling", "instead"):
        return max(0.6, alternative.weight)
    return (
        1.0 if alternative.kind == "whole" else _PARTS if alternative.kind == "part" else 0.5 + alternative.weight / 2
    )


#: What all parts of a word are worth where the word itself was asked for.
_PARTS = 0.95


def context(passages: Sequence[Sequence[str]]) -> str:
    """The terms of what an entry belongs to."""
    return passages[1][1] if len(passages) > 1 else ""


def terms_in(text: str) -> str:
    """The terms of a text as passages keep them."""
    return " ".join("|".join((*token.terms, "")) if token.terms else "." for token in analyse(text))


def follows(passages: Iterable[Sequence[str]], phrase: Sequence[str]) -> bool:
    """Whether the words (their terms) stand one after the other, only stop words between them."""
    for passage in passages:
        places = [place for place in passage[1].split(" ") if place != "."]
        for start in range(len(places) - len(phrase) + 1):
            if all(_has(places[start + at], term) for at, term in enumerate(phrase)):
                return True
    return False


def _has(terms: str, term: str) -> bool:
    mark = f"{term}|"
    return terms.startswith(mark) or f" {mark}" in terms or f"|{mark}" in terms


def marked(text: str, wanted: Sequence[Wanted], *, terms: str = "", whole: bool = False) -> tuple[Part, ...]:
    """The text in parts; all of it if `whole`, else so much around the first marked word as is shown.

    `terms`: those of its words, if they are known; the text is analysed where they are not.
    """
    return in_parts(text, _spans(text, wanted, terms), whole=whole)


class _Written(NamedTuple):
    """A word of a text: where it stands, and its terms."""

    start: int
    end: int
    terms: Sequence[str]


def _words(text: str, terms: str) -> list[_Written]:
    """The words that have terms, from those that the index keeps if every run of letters is one word."""
    found = list(runs(text)) if terms else []
    places = terms.split(" ")
    if not found or len(found) != len(places):
        return [_Written(token.start, token.end, token.terms) for token in analyse(text) if token.terms]
    return [
        _Written(run.start(), run.start() + len(run[0].rstrip("_-")), place.rstrip("|").split("|"))
        for run, place in zip(found, places, strict=True)
        if place != "."
    ]


def _spans(text: str, wanted: Sequence[Wanted], known: str) -> Iterator[tuple[int, int]]:
    """Where the words stand, neighbours joined; of a compound only the part that was asked for."""
    tokens = _words(text, known)
    here = {term for token in tokens for term in token.terms}
    alternatives = [alternative.terms for one in wanted for alternative in one.alternatives]
    # Words that only together stand for another one are marked where all of them are.
    terms = {term for found in alternatives if here.issuperset(found) for term in found}
    typed = [one.word.text.lower() for one in wanted]
    waiting: tuple[int, int] | None = None
    for token in tokens:
        if terms.isdisjoint(token.terms):
            continue
        start, end = token.start, token.end
        if token.terms[0] not in terms:
            start, end = _within(text[start:end].lower(), typed, start, end)
        if waiting and text[waiting[1] : start].isspace():
            waiting = (waiting[0], end)
            continue
        if waiting:
            yield waiting
        waiting = (start, end)
    if waiting:
        yield waiting


def _within(word: str, typed: Sequence[str], start: int, end: int) -> tuple[int, int]:
    found = max((one for one in typed if one in word), key=len, default="")
    return (start + word.index(found), start + word.index(found) + len(found)) if found else (start, end)
