"""Joins German verbs with the particle that a sentence parts from them: "Wo trage ich es ein?" asks for eintragen."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from klarfall.core.search.folding import fold
from klarfall.core.search.stems import stem
from klarfall.core.search.stop_words import QUESTION_WORDS
from klarfall.core.search.terms import Token
from klarfall.core.search.verbs import is_prefixed

_PARTICLES = frozenset(
    fold(
        "ab an auf aus bei durch ein fest frei fort her hin hinzu hoch los mit nach raus rein um unter vor weg weiter"
        " wieder zu zurück zusammen zurecht heraus herein herunter hinaus voraus fertig weiter"
    ).split()
)
_ENDS = frozenset(",.;:?!)\n")


class Joined(NamedTuple):
    """A verb and its particle: where they begin, and the word that they are (folded)."""

    verb: int
    particle: int
    word: str


def joined(text: str, tokens: Iterable[Token]) -> list[Joined]:
    """The verbs whose particle ends their clause, each the first verb of its clause that goes with it."""
    found: list[Joined] = []
    clause: list[Token] = []
    end = 0
    for token in tokens:
        if not _ENDS.isdisjoint(text[end : token.start]):
            clause = []
        end = token.end
        if clause and token.word in _PARTICLES and _ends_clause(text, end):
            words = ((one.start, _whole(token.word, one.word)) for one in clause if text[one.start].islower())
            start, word = next(((start, word) for start, word in words if word), (0, ""))
            found += [Joined(start, token.start, word)] if word else []
        clause.append(token)
    return found


def _ends_clause(text: str, end: int) -> bool:
    rest = text[end : end + 40].lstrip(" \t")
    return not rest or rest[0] in _ENDS


@lru_cache(maxsize=4096)
def _whole(particle: str, verb: str) -> str:
    """The verb with its particle, as an infinitive where the first person was said; nothing if there is none."""
    if verb in QUESTION_WORDS or not is_prefixed(particle + verb):
        return ""
    infinitive = f"{particle}{verb}n"
    return infinitive if verb.endswith("e") and stem(infinitive) != infinitive else particle + verb
