"""The synonyms in force: the general list, or what the app hands over in which editors keep groups of their own."""

from collections.abc import Callable
from functools import cache

from klarfall.core.search.synonyms import Synonyms, general


@cache
def _general() -> Synonyms:
    return Synonyms(*general())


_source: list[Callable[[], Synonyms]] = []


def hand_over(source: Callable[[], Synonyms]) -> None:
    """Take the synonyms from `source` from now on; it is asked at every search, so it has to remember them."""
    _source[:] = [source]


def in_force() -> Synonyms:
    """The synonyms that every search uses."""
    return _source[0]() if _source else _general()
