"""Finds words that are written nearly like a given one: letters swapped, missing, doubled or wrong."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from klarfall.core.search.folding import fold
from klarfall.core.search.sounds import sound

_SHORTEST, _LONGEST = 4, 40
#: In words of so many letters a wrong one usually makes another word (Hund, rund).
_SHORT = 4
#: Words from this length on may have so many errors.
_ERRORS = ((13, 3), (7, 2), (0, 1))
#: Words that are looked at more closely.
_CLOSER = 24
_ROWS = ("qwertzuiop", "asdfghjkl", "yxcvbnm")
_NEIGHBOURS = frozenset(
    first + second for row in _ROWS for left, right in pairwise(row) for first, second in ((left, right), (right, left))
) | frozenset(
    first + second
    for upper, lower in pairwise(_ROWS)
    for left, right in [*zip(upper, lower, strict=False), *zip(upper[1:], lower, strict=False)]
    for first, second in ((left, right), (right, left))
)
_UMLAUT, _DOUBLED, _SWAPPED, _NEIGHBOUR, _ALIKE, _FIRST = 0.35, 0.5, 0.8, 0.75, 0.3, 0.4
_SOFT = frozenset(["bp", "pb", "dt", "td", "gk", "kg", "ck", "kc", "fv", "vf", "sz", "zs", "iy", "yi", "mn", "nm"])


class Near(NamedTuple):
    """A known word, and how many typing errors lie between; errors that are easily made count less than one."""

    word: str
    distance: float


class Vocabulary:
    """The words that occur, with how often; ready to find near ones."""

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        self._often: dict[str, int] = {}
        for written, count in words:
            word = fold(written)
            self._often[word] = self._often.get(word, 0) + count
        self._beginnings: defaultdict[str, list[str]] = defaultdict(list)
        self._endings: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        self._initials: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for word in self._often:
            if _SHORTEST - 1 <= len(word) <= _LONGEST and word.isalpha():
                self._beginnings[word[:2]].append(word)
                self._endings[word[-3:], len(word)].append(word)
                self._initials[word[0], len(word)].append(word)

    def __contains__(self, word: str) -> bool:
        return fold(word) in self._often

    def near(self, word: str, most: int = 5) -> list[Near]:
        """The nearest known words, nearest and most frequent first; none for short words and for codes.

        One error leaves either the beginning or the end of a word as it is, so words with the same first two or last
        three letters are compared, and those with the same first letter if there are none (two errors, or letters
        swapped within a short word). Words that sound alike may have one error more.
        """
        word = fold(word)
        if not _SHORTEST <= len(word) <= _LONGEST or not word.isalpha():
            return []
        errors = next(errors for length, errors in _ERRORS if len(word) >= length)
        hits = self._hits(word, self._likely(word, errors), errors)
        if not hits:
            lengths = range(len(word) - errors, len(word) + errors + 1)
            hits = self._hits(word, [self._initials.get((word[0], length), []) for length in lengths], errors)
        closest = sorted(hits, key=lambda other: (hits[other], -self._often[other], other))[:_CLOSER]
        weighed = [Near(other, _weighed(word, other, hits[other])) for other in closest]
        found = [near for near in weighed if _may_be_meant(word, near)]
        return sorted(found, key=lambda near: (round(near.distance, 1), -self._often[near.word], near.word))[:most]

    def apart(self, word: str) -> tuple[str, ...]:
        """Two known words that were written as one; the longer first word where there are several ways."""
        word = fold(word)
        if word in self._often or not word.isalpha() or len(word) > _LONGEST:
            return ()
        for at in range(len(word) - _SHORTEST, _SHORTEST - 1, -1):
            if word[:at] in self._often and word[at:] in self._often:
                return word[:at], word[at:]
        return ()

    def _likely(self, word: str, errors: int) -> list[list[str]]:
        """Words with the same beginning, also if its letters are swapped, or with the same end."""
        lengths = range(len(word) - errors - 1, len(word) + errors + 2)
        return [
            self._beginnings.get(word[:2], []),
            self._beginnings.get(word[1::-1], []),
            *(self._endings.get((word[-3:], length), []) for length in lengths),
        ]

    def _hits(self, word: str, pools: Iterable[list[str]], errors: int) -> dict[str, int]:
        """The words of the pools with so many errors at most; with one more, if they sound alike."""
        alike = sound(word)
        return {
            other: int(distance)
            for pool in pools
            for other, distance, _place in process.extract(
                word, pool, scorer=OSA.distance, score_cutoff=errors + 1, limit=_CLOSER
            )
            if other != word and (distance <= errors or sound(other) == alike)
        }


def _may_be_meant(word: str, near: Near) -> bool:
    """Short words are easily others: a letter may be missing, swapped or a neighbour on the keyboard, no more."""
    return len(word) > _SHORT or near.distance < 1 or (near.distance <= 1 and len(near.word) != len(word))


def _weighed(word: str, other: str, swapped: int) -> float:
    """The errors between two words, each by how easily it is made. `swapped`: their number with swaps as one error."""
    edits = Levenshtein.editops(word, other)
    swaps = len(edits) - swapped
    cost = sum(_edit(word, other, edit.tag, edit.src_pos, edit.dest_pos) for edit in edits)
    if swaps > 0:
        cost = max(swapped - swaps, 0) + swaps * _SWAPPED
    if word[0] != other[0]:
        cost += _FIRST
    return max(0.1, cost - (_ALIKE if sound(word) == sound(other) else 0.0))


def _edit(word: str, other: str, kind: str, at: int, there: int) -> float:
    if kind == "replace":
        pair = word[at] + other[there]
        return _NEIGHBOUR if pair in _NEIGHBOURS or pair in _SOFT else 1.0
    text, place = (word, at) if kind == "delete" else (other, there)
    letter, before, after = text[place], text[max(place - 1, 0) : place], text[place + 1 : place + 2]
    if letter == "e" and before and before in "aou":
        return _UMLAUT
    return _DOUBLED if letter in (before, after) else 1.0
