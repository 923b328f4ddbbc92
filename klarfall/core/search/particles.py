"""Joins German verbs with the particle that a sentence parts from them: "Wo trage ich es ein?" asks for eintragen."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from klarfall.core.search.folding import fold
from klarfall.core.search.stems import stem
from klarfall.core.search.stop_words import QUESTION_WORDS
from klarfall.core.search.terms import Token
from klarfall.core.search.verbs import is_prefixed, is_verb

_PARTICLES = frozenset(
    fold(
        "ab an auf aus bei durch ein fest frei fort her hin hinzu hoch los mit nach raus rein um unter vor weg weiter"
        " wieder zu zurück zusammen zurecht heraus herein herunter hinaus voraus fertig weiter"
    ).split()
)
#: "eine gebuchte Rechnung": what stands before a noun is not the verb of the clause.
_PARTICIPLE = re.compile("ge.{3,}(?:t|n)e[nmrs]?$")
#: After these it is an adverb: "steht zu hoch".
_DEGREES = frozenset(["zu", "so", "sehr", "ganz"])
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
        if clause and token.word in _PARTICLES and clause[-1].word not in _DEGREES and _ends_clause(text, end):
            start, word = _verb(token.word, [one for one in clause if text[one.start].islower()])
            found += [Joined(start, token.start, word)] if word else []
        clause.append(token)
    return found


def _verb(particle: str, clause: Iterable[Token]) -> tuple[int, str]:
    """The first verb of a clause that goes with the particle; of "Wie bekomme ich es raus?" the question's own."""
    for one in clause:
        if whole := _whole(particle, one.word):
            return (0, "") if one.word in QUESTION_WORDS else (one.start, whole)
    return 0, ""


def _ends_clause(text: str, end: int) -> bool:
    rest = text[end : end + 40].lstrip(" \t")
    return not rest or rest[0] in _ENDS


@lru_cache(maxsize=4096)
def _whole(particle: str, verb: str) -> str:
    """The verb with its particle, as an infinitive where the first person was said; nothing if there is none."""
    if (_PARTICIPLE.match(verb) and is_verb(verb[2:])) or not is_prefixed(particle + verb):
        return ""
    infinitive = f"{particle}{verb}n"
    return infinitive if verb.endswith("e") and stem(infinitive) != infinitive else particle + verb
