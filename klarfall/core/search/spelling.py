"""Finds words that are written nearly like a given one: letters swapped, missing, doubled or wrong."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from klarfall.core.search.folding import fold


class Near(NamedTuple):
    """A known word and how many typing errors lie between."""

    word: str
    distance: float


class Vocabulary:
    """The words that occur, with how often; ready to find near ones."""

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        self._often = {fold(word): count for word, count in words}
        self._by_length: defaultdict[int, list[str]] = defaultdict(list)
        for word in self._often:
            self._by_length[len(word)].append(word)

    def __contains__(self, word: str) -> bool:
        return fold(word) in self._often

    def near(self, word: str, most: int = 5) -> list[Near]:
        """The nearest known words, nearest and most frequent first; none for short words and for codes."""
        word = fold(word)
        if len(word) < 4 or not word.isalpha():
            return []
        cut = 1 if len(word) < 7 else 2
        found: list[Near] = []
        for length in range(len(word) - cut, len(word) + cut + 1):
            for other, distance, _ in process.extract(
                word, self._by_length.get(length, ()), scorer=OSA.distance, score_cutoff=cut, limit=most
            ):
                found.append(Near(other, distance))
        return sorted(found, key=lambda near: (near.distance, -self._often[near.word], near.word))[:most]
