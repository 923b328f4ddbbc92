"""Passages of texts with what was sought marked in them: one way to cut and to mark for every search. Pure.

Where the marks go is found in two ways. The help analyses its passages, which are short and are cut when they are
indexed. At the desk whole messages are looked through, 150 for one page: a pattern of the terms as they may be written
takes half a millisecond for them, analysing every word of them fifteen. What a pattern cannot know (Mahnstufe for
Mahnung, Konten for Konto) is then looked for in the beginnings of those texts where it found nothing.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from klarfall.core.search.terms import analyse

#: Signs of a passage that is shown; a text that is little longer is shown whole.
_SHOWN, _LITTLE_LONGER = 260, 1.4
#: Signs around a hit of which the passage is made when there are many spaces in it.
_AROUND = 600
#: Signs of a request's texts of which the words are read where the pattern finds nothing.
_ANALYSED = 800
_UMLAUTS = {"ae": "(?:ae|[aä])", "oe": "(?:oe|[oö])", "ue": "(?:ue|[uü])", "ss": "(?:ss|ß)"}
_UMLAUTS |= {"a": "[aä]", "o": "[oö]", "u": "[uü]"}
_LETTERS = re.compile("(ae|oe|ue|ss|[aou])")
#: Shorter stems are marked at the beginning of words only.
_SHORT = 4


class Part(NamedTuple):
    """A piece of text, marked if it is what was sought."""

    text: str
    marked: bool = False


def in_parts(text: str, spans: Iterable[tuple[int, int]], *, whole: bool = False) -> tuple[Part, ...]:
    """The text in parts; all of it if `whole`, else so much around the first span as is shown."""
    spans = list(spans)
    start, end = (0, len(text)) if whole else _window(text, spans[0][0] if spans else 0)
    parts = [Part("… ")] if start else []
    at = start
    for first, last in spans:
        if first < at or last > end or first == last:
            continue
        parts += [Part(text[at:first]), Part(text[first:last], marked=True)]
        at = last
    parts.append(Part(text[at:end] + (" …" if end < len(text) else "")))
    return tuple(part for part in parts if part.text)


class Sought:
    """The terms of a query, ready to be found in whole texts."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._terms = frozenset(term for term in terms if term)
        longest = sorted(self._terms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_spelled, longest)) or r"(?!)", re.IGNORECASE)

    def place(self, text: str) -> int | None:
        """Where the first of them is written; None if it is not."""
        hit = self._pattern.search(text)
        return hit.start() if hit else None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where they are written; where they are not, the words of the beginning that have one of the terms."""
        return [hit.span() for hit in self._pattern.finditer(text)] or self._words(text[:_ANALYSED])

    def _words(self, text: str) -> list[tuple[int, int]]:
        return [(one.start, one.end) for one in analyse(text) if not self._terms.isdisjoint(one.terms)]


def marked(text: str, sought: Sought) -> tuple[Part, ...]:
    """The whole text in parts, those that were sought marked."""
    return in_parts(text, sought.spans(text), whole=True)


def passage(texts: Sequence[str], sought: Sought) -> tuple[Part, ...]:
    """Around the first place that was sought; else the beginning of the first text that holds it in other words."""
    for text in texts:
        if (place := sought.place(text)) is not None:
            near = _around(text, place)
            return in_parts(near, sought.spans(near))
    left = _ANALYSED
    for text in texts:
        if left > 0 and (spans := sought.spans(begin := _around(text[:left], 0))):
            return in_parts(begin, spans)
        left -= len(text)
    return in_parts(_around(texts[0], 0), ()) if texts else ()


def _around(text: str, at: int) -> str:
    """What stands around a place, its lines and spaces joined; cut at spaces, and said so."""
    start, end = max(at - _SHOWN, 0), at + _AROUND
    start = text.find(" ", start, at) + 1 if start else 0
    return ("… " if start else "") + " ".join(text[start:end].split()) + (" …" if end < len(text) else "")


def _window(text: str, first: int) -> tuple[int, int]:
    """From the sentence or word before the first mark on."""
    if len(text) <= _SHOWN * _LITTLE_LONGER:
        return 0, len(text)
    start = 0
    if first > _SHOWN // 2:
        start = text.rfind(". ", max(0, first - _SHOWN // 2), first) + 2
        start = start if start > 1 else text.find(" ", first - _SHOWN // 3) + 1
    end = len(text) if len(text) - start <= _SHOWN else text.rfind(" ", start, start + _SHOWN)
    return start, end if end > start else min(len(text), start + _SHOWN)


def _spelled(term: str) -> str:
    body = "".join(_UMLAUTS.get(piece) or re.escape(piece) for piece in _LETTERS.split(term))
    # An ending belongs to the word: what is left of it after the stem is marked too, unless another word is joined.
    return (rf"\b{body}" if len(term) <= _SHORT else body) + r"(?:\w{1,3}\b)?"
