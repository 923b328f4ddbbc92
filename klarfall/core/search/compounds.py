"""Takes German compounds apart: Verteilerschlüssel is Verteiler and Schlüssel."""

from functools import lru_cache

from klarfall.core.search.lexicon import lexicon
from klarfall.core.search.stems import noun

_SHORTEST = 7
_LINKS = ("", "s", "es", "n", "en", "er", "e", "ens", "ns")
_NEVER = frozenset(["lung", "ung", "heit", "keit", "schaft", "tion", "ierung", "ion", "tier", "ei", "isse"])


@lru_cache(maxsize=65536)
def split(folded: str) -> tuple[str, ...]:
    """The parts without linking elements, as they are written; nothing where the word is no compound."""
    if len(folded) < _SHORTEST or not folded.isalpha():
        return ()
    nouns = lexicon().nouns
    best: tuple[float, tuple[str, ...]] = (99.0, ())
    for at in range(4, len(folded) - 3):
        head = folded[at:]
        if head in _NEVER or not noun(head):
            continue
        for link in _LINKS:
            first = folded[: at - len(link)]
            if len(first) >= 4 and folded[:at].endswith(link) and (first in nouns or first + "e" in nouns):
                best = min(best, (abs(len(first) - len(head)), (first, head)))
    return best[1]
