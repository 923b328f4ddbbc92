"""What is sought: words with their alternatives, phrases, and what must or must not occur; any text is a query."""

import re
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from klarfall.core.search.stop_words import QUESTION_WORDS
from klarfall.core.search.terms import Token, analyse

LONGEST = 400
MOST_WORDS = 24
_QUOTED = re.compile(r"([+-]?)[\"„“”«»]([^\"„“”«»]*)[\"„“”«»]?")

Kind = Literal["whole", "part", "synonym", "spelling"]


class Alternative(NamedTuple):
    """Terms that together stand for a word of the query (all of them must occur), and what that is worth (0 to 1)."""

    terms: tuple[str, ...]
    kind: Kind
    weight: float


@dataclass(frozen=True)
class QueryWord:
    """A word of the query: as typed, its stem, and what else may stand for it; `alternatives` begins with itself."""

    text: str
    word: str
    term: str
    alternatives: tuple[Alternative, ...]
    must: bool = False
    prefix: bool = False

    def also(self, more: tuple[Alternative, ...]) -> "QueryWord":
        """The same word with more alternatives."""
        return replace(self, alternatives=self.alternatives + more)


@dataclass(frozen=True)
class Query:
    """A query that was read; empty (falsy) if nothing of it can be sought."""

    text: str = ""
    words: tuple[QueryWord, ...] = ()
    #: Stems that follow one another.
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[QueryWord, ...] = field(default=())
    #: The last word may be unfinished: nothing was typed after it.
    last_is_prefix: bool = False

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)


def parse(text: str) -> Query:
    """Read a query; never fails, and what is too long is cut."""
    text = text[:LONGEST]
    phrases: list[tuple[str, ...]] = []
    words: list[QueryWord] = []
    excluded: list[QueryWord] = []

    def quoted(found: re.Match[str]) -> str:
        tokens = [token for token in analyse(found[2]) if token.terms]
        if found[1] == "-":
            excluded.extend(_query_word(found[2], token) for token in tokens)
        elif len(tokens) == 1:
            words.append(_query_word(found[2], tokens[0], must=True))
        elif tokens:
            phrases.append(tuple(token.terms[0] for token in tokens))
            words.extend(_query_word(found[2], token, must=True) for token in tokens)
        return " "

    rest = _QUOTED.sub(quoted, text)
    for token in analyse(rest):
        if not token.terms:
            continue
        before, after = rest[token.start - 1 : token.start], rest[token.end : token.end + 1]
        starts = not rest[max(token.start - 2, 0) : max(token.start - 1, 0)].strip()
        word = _query_word(rest[token.start : token.end], token, must=before == "+" and starts, prefix=after == "*")
        (excluded if before == "-" and starts else words).append(word)
    last = bool(text) and text[-1:].isalnum() and bool(words)
    asked = tuple(word for word in words if word.word not in QUESTION_WORDS or word.must)
    return Query(text, (asked or tuple(words))[:MOST_WORDS], tuple(phrases[:8]), tuple(excluded[:8]), last)


def _query_word(text: str, token: Token, *, must: bool = False, prefix: bool = False) -> QueryWord:
    whole, *parts = token.terms
    alternatives = [Alternative((whole,), "whole", 1.0)]
    if parts:
        alternatives.append(Alternative(tuple(parts), "part", 0.5))
    return QueryWord(text, token.word, whole, tuple(alternatives), must, prefix)
