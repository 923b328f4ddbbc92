"""What is sought: words with their alternatives, phrases, and what must or must not occur; any text is a query."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, NamedTuple

from klarfall.core.search import terms
from klarfall.core.search.particles import joined
from klarfall.core.search.stop_words import NEGATIONS, QUESTION_WORDS
from klarfall.core.search.terms import Token, analyse

LONGEST = 400
MOST_WORDS, _MOST_PHRASES, _MOST_EXCLUDED = 24, 8, 8
_QUOTED = re.compile(r"([+-]?)[\"„“”«»]([^\"„“”«»]*)[\"„“”«»]?")
_WHOLE, _JOINED, _PART, _PARTS = 1.0, 0.9, 0.6, 0.5

#: `instead` is another word for one that was corrected.
Kind = Literal["whole", "part", "synonym", "spelling", "instead"]


class Alternative(NamedTuple):
    """Terms that together stand for a word of the query (all of them must occur), and what that is worth (0 to 1)."""

    terms: tuple[str, ...]
    kind: Kind
    weight: float


@dataclass(frozen=True)
class QueryWord:
    """A word of the query: as typed, folded, its stem, and what may stand for it; `alternatives` begins with itself."""

    text: str
    word: str
    term: str
    alternatives: tuple[Alternative, ...]
    must: bool = False
    prefix: bool = False

    def also(self, more: Iterable[Alternative]) -> "QueryWord":
        """The same word with more alternatives; what it has already stays as it is."""
        have = {one.terms for one in self.alternatives}
        new = {one.terms: one for one in more if one.terms not in have}
        return replace(self, alternatives=(*self.alternatives, *new.values())) if new else self


@dataclass(frozen=True)
class Query:
    """A query that was read; empty (falsy) if nothing of it can be sought."""

    text: str = ""
    words: tuple[QueryWord, ...] = ()
    #: Stems that follow one another.
    phrases: tuple[tuple[str, ...], ...] = ()
    #: What must not occur; of an excluded phrase all words together.
    excluded: tuple[QueryWord, ...] = ()
    #: The last word may be unfinished: nothing was typed after it.
    last_is_prefix: bool = False

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)


def parse(text: str) -> Query:
    """Read a query; never fails, and what is too long is cut.

    "in this order", -without, +with, beginn*. Words of questions ("Wie kann ich ...") count only if nothing else is
    asked; a word that is said twice counts once.
    """
    text = text[:LONGEST].replace("\0", " ")
    words, phrases, excluded, rest = _quoted(text)
    for token in rejoined(rest):
        if not token.terms:
            continue
        sign = _sign(rest, token.start)
        word = word_of(rest, token, must=sign == "+", prefix=rest[token.end : token.end + 1] == "*")
        (excluded if sign == "-" else words).append(word)
    words = _joined(words, rest)
    last = bool(words) and rest[-1:].isalnum() and rest.endswith(words[-1].text)
    return Query(
        text,
        tuple({word.term: word for word in reversed(_asked(words))}.values())[::-1][:MOST_WORDS],
        tuple(phrases[:_MOST_PHRASES]),
        tuple(excluded[:_MOST_EXCLUDED]),
        last,
    )


def rejoined(text: str) -> Iterator[Token]:
    """The words of a text, each verb with the particle that ends its clause: "trage ... ein" is eintragen."""
    tokens = list(analyse(text))
    found = joined(text, tokens)
    verbs, particles = {one.verb: one.word for one in found}, {one.particle for one in found}
    for token in tokens:
        if word := verbs.get(token.start):
            yield token._replace(word=word, terms=tuple(dict.fromkeys((*terms.terms_of(word)[:1], *token.terms[:1]))))
        elif token.start not in particles:
            yield token


def _quoted(text: str) -> tuple[list[QueryWord], list[tuple[str, ...]], list[QueryWord], str]:
    """Words, phrases and exclusions in quotation marks, and the rest of the text."""
    words: list[QueryWord] = []
    phrases: list[tuple[str, ...]] = []
    excluded: list[QueryWord] = []
    for sign, inner in _QUOTED.findall(text):
        tokens = [token for token in analyse(inner) if token.terms]
        stems = tuple(token.terms[0] for token in tokens)
        if stems and sign == "-":
            excluded.append(QueryWord(inner, inner, " ".join(stems), (Alternative(stems, "whole", _WHOLE),)))
        elif stems:
            words.extend(word_of(inner, token, must=True) for token in tokens)
            phrases.extend([stems] if len(stems) > 1 else [])
    return words, phrases, excluded, _QUOTED.sub(" ", text)


def _sign(text: str, start: int) -> str:
    """The + or - right before a word, if that is where the word begins."""
    sign, before = text[max(start - 1, 0) : start], text[max(start - 2, 0) : max(start - 1, 0)]
    return sign if sign in {"+", "-"} and not before.strip(" \t\n(") else ""


def word_of(text: str, token: Token, *, must: bool = False, prefix: bool = False) -> QueryWord:
    """A word of the text with its parts as alternatives."""
    whole = token.terms[0]
    alternatives = [Alternative((whole,), "whole", _WHOLE)]
    ways = terms.ways(token.word) or ([token.terms[1:]] if len(token.terms) > 1 else [])
    alternatives += [Alternative(way, "part", _PART if len(way) <= len(ways[0]) else _PARTS) for way in ways]
    return QueryWord(text[token.start : token.end], token.word, whole, tuple(alternatives), must, prefix)


def _joined(words: list[QueryWord], text: str) -> list[QueryWord]:
    """Neighbours that are one word or one code when written together: miet konto, Sollstellungs lauf, E 1042."""
    for at, (left, right) in enumerate(pairwise(words)):
        if f"{left.text} {right.text}" not in text:
            continue
        if whole := terms.together(left.word, right.word):
            both = (Alternative((whole,), "part", _JOINED),)
            words[at], words[at + 1] = words[at].also(both), words[at + 1].also(both)
    return words


def _asked(words: list[QueryWord]) -> list[QueryWord]:
    """The words without those of which questions are made, unless hardly anything else is left."""
    asked = [word for word in words if word.must or (word.word not in QUESTION_WORDS and len(word.word) > 1)]
    return asked if any(word.word not in NEGATIONS for word in asked) else words
