"""Takes German compounds apart: Verteilerschlüssel is Verteiler and Schlüssel."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from klarfall.core.search.lexicon import lexicon
from klarfall.core.search.parts import ATOMIC, DOMAIN, HEADS, NEVER_HEAD, SHORT, STEMS
from klarfall.core.search.stems import noun
from klarfall.core.search.verbs import is_prefixed, is_verb

SHORTEST, LONGEST = 7, 48
_LEAST = 3
_MOST_PARTS = 5
#: What each linking element costs; rare ones more, so that they only join what nothing else joins.
_LINKS = {"": 0.0, "s": 0.1, "n": 0.15, "en": 0.2, "es": 0.3, "er": 0.4, "ens": 0.4, "ns": 0.4, "e": 0.5}
#: These never stand before another word without an s.
_WANTS_S = re.compile("(ung|heit|keit|schaft|taet|ion|tum|ling|sal)$")
_SHORT_COST = {3: 1.2, 4: 0.45, 5: 0.15}
#: A split costs at most this, plus this for each part.
_MOST, _MOST_EACH = 0.35, 1.0


class Part(NamedTuple):
    """A part of a compound: where it stands without its linking element, and the word it is."""

    start: int
    end: int
    word: str


@lru_cache(maxsize=65536)
def split(folded: str) -> tuple[Part, ...]:
    """The parts in order; nothing where the word is no compound."""
    if not SHORTEST <= len(folded) <= LONGEST or not folded.isalpha() or _is_simple(folded):
        return ()
    ways: dict[int, list[tuple[float, tuple[Part, ...]]]] = {0: [(0.0, ())]}
    best: tuple[float, tuple[Part, ...]] = (99.0, ())
    for at in range(len(folded) - _LEAST + 1):
        if at not in ways:
            continue
        cost, parts = min(ways[at])
        if parts and (head := _head(folded[at:])) is not None:
            total = cost + head
            if total <= _MOST + _MOST_EACH * (len(parts) + 1):
                best = min(best, (total, (*parts, Part(at, len(folded), folded[at:]))))
        if len(parts) < _MOST_PARTS - 1:
            for end, further, more, word in _modifiers(folded, at):
                ways.setdefault(further, []).append((cost + more, (*parts, Part(at, end, word))))
    return tuple(_finest(best[1]))


def _finest(parts: tuple[Part, ...]) -> Iterator[Part]:
    """The parts of the parts: Betriebskosten in Betriebskostenabrechnung."""
    for part in parts:
        inner = split(part.word)
        if inner and part.end - part.start == len(part.word):
            yield from (Part(part.start + one.start, part.start + one.end, one.word) for one in inner)
        else:
            yield part


def _is_simple(folded: str) -> bool:
    """Verbs with their prefixes and what is made of them are one word: Abrechnung is no Rechnung."""
    if folded in ATOMIC or noun(folded) in ATOMIC:
        return True
    return is_verb(folded) or folded.endswith(("ator", "atoren", "ators", "ieren", "iert"))


def _modifiers(folded: str, at: int) -> Iterator[tuple[int, int, float, str]]:
    """Words that may begin at a place: their end, where the next part begins, what they cost, and the word."""
    for end in range(at + _LEAST, len(folded) - _LEAST + 1):
        found = _modifier(folded[at:end])
        if found is None:
            continue
        cost, word = found
        for link, more in _LINKS.items():
            if folded.startswith(link, end) and _joins(folded[at:end], link):
                yield end, end + len(link), cost + more, word


def _joins(word: str, link: str) -> bool:
    if _WANTS_S.search(word):
        return link == "s"
    if link in {"n", "ns"}:
        return word[-1] in "elr"
    return not (link.startswith("e") and word.endswith("e"))


def _modifier(word: str) -> tuple[float, str] | None:
    """What a word costs before another one, and the word it stands for; nothing if it is none."""
    short = _SHORT_COST.get(len(word), 0.0)
    if word in STEMS:
        return (0.75 if len(word) > _LEAST else 1.1), STEMS[word]
    if word in DOMAIN:
        return 0.6 + short / 2, word
    if len(word) == _LEAST or word in SHORT:
        return (1.2, word) if word in SHORT else None
    if word + "e" in DOMAIN:
        return 0.9, word + "e"
    return (1.0, word) if word.endswith("e") and is_prefixed(word) else _other_noun(word, short)


def _other_noun(word: str, short: float) -> tuple[float, str] | None:
    """A noun of the lexicon, in its plural (Häuserblock) or without its last e (Schulbus)."""
    words = lexicon()
    if word in words.singulars:
        return 0.9 + short, words.singulars[word]
    if word in words.nouns:
        return 1.0 + short, word
    return (1.3 + short, word + "e") if word + "e" in words.nouns else None


def _head(word: str) -> float | None:
    """What a word costs as the end of a compound, in any of its forms; nothing if it is none."""
    lemma = noun(word) or word
    if word in DOMAIN or lemma in DOMAIN:
        return 0.6 + _SHORT_COST.get(len(lemma), 0.0) / 2
    if word in HEADS or re.sub("e[mnrs]?$", "", word) in HEADS:
        return 0.7
    if word in SHORT:
        return 1.2
    if word in NEVER_HEAD or lemma in NEVER_HEAD or len(lemma) <= _LEAST:
        return None
    if lemma in lexicon().nouns:
        return 1.0 + _SHORT_COST.get(len(lemma), 0.0)
    return 1.0 if word.endswith(("ung", "ungen")) and is_verb(word) else None
