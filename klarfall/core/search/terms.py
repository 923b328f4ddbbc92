"""What a text is indexed under: for each word its stem, and the parts of compounds, codes and versions beside it."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from klarfall.core.search import compounds
from klarfall.core.search.folding import fold
from klarfall.core.search.stems import stem
from klarfall.core.search.stop_words import STOP_WORDS
from klarfall.core.search.tokens import LONGEST, runs

LONGEST_TERM = 60
_MOST_TERMS = 12
_LONGEST_OF_CODE = 4
_VERSION = re.compile(r"v?(\d{1,4}(?:\.\d{1,5}){1,4})")
_PIECES = re.compile(r"[0-9]+|[^\W\d_]+")
_GENDER = re.compile(r"(?<=[a-zäöüß])(?:[:*_]in(?:nen)?|In(?:nen)?)\b")
_SPLIT = re.compile(r"[/:,&*]|(?<=[a-zäöüß])\.(?=[A-ZÄÖÜ])")
_PATH = re.compile(r"[\\@]|://|/[^/]*/")


class Token(NamedTuple):
    """A word of a text: where it stands, how it is folded, and its terms; stop words have none."""

    start: int
    end: int
    word: str
    #: The stem of the whole word, then the parts of the compound; all at the same place.
    terms: tuple[str, ...]


def analyse(text: str) -> Iterator[Token]:
    """The words of a text in order. "Betriebs- und Heizkosten" is read as Betriebskosten und Heizkosten."""
    found = list(runs(text))
    for place, run in enumerate(found):
        at, written = run.start(), run[0][:LONGEST]
        tokens = _tokens(written)
        if written[-1] == "-" and len(tokens) == 1 and (whole := _completed(written, found[place + 1 : place + 5])):
            tokens = (tokens[0]._replace(terms=tuple(dict.fromkeys((*whole, *tokens[0].terms)))),)
        for start, end, word, terms in tokens:
            yield Token(at + start, at + end, word, terms)


def _completed(written: str, following: list[re.Match[str]]) -> tuple[str, ...]:
    """The terms of a word whose end is said later, with the first compound that follows."""
    for run in following:
        if run[0].isalpha() and (parts := compounds.split(fold(run[0]))):
            return tuple(_compound(fold(written.strip("-")) + parts[-1].word))
    return ()


def ways(folded: str) -> list[tuple[str, ...]]:
    """How a compound can be said in parts, in two first: Heizkosten + Abrechnung, Heizung + Kosten + Abrechnung."""
    if "-" in folded:
        stems = tuple(dict.fromkeys(term for piece in _hyphens(folded) for term in terms_of(piece)[:1]))
        return [stems] if len(stems) > 1 else []
    if not (parts := compounds.split(folded)):
        return []
    stems = tuple(stem(part.word) for part in parts)
    two = [
        (folded[: parts[cut - 1].start] + stems[cut - 1], folded[parts[cut].start : parts[-1].start] + stems[-1])
        for cut in range(1, len(parts))
    ]
    return list(dict.fromkeys([*two, stems]))


def together(left: str, right: str) -> str:
    """The stem of two neighbours written as one word, if that is a compound of them or a code; else nothing."""
    if left.isalpha() and right[:1].isdigit() and right.isalnum() and len(left) <= _LONGEST_OF_CODE:
        return left + right
    if not (left.isalpha() and right.isalpha()):
        return ""
    if any(part.start == len(left) for part in compounds.split(left + right)):
        return _compound(left + right)[0]
    return ""


def terms_of(word: str) -> tuple[str, ...]:
    """The terms of a single word as it is written; nothing for a stop word."""
    found: dict[str, None] = {}
    for token in _tokens(word[:LONGEST]):
        found.update(dict.fromkeys(token.terms))
    return tuple(found)


@lru_cache(maxsize=65536)
def _tokens(run: str) -> tuple[Token, ...]:
    if run.isalpha():
        return (_word(0, run),)
    run = _GENDER.sub("", run) if _GENDER.search(run) else run
    if _PATH.search(run):
        return (_whole(0, run),)
    tokens, at = [], 0
    for cut in [*_SPLIT.finditer(run), None]:
        end = cut.start() if cut else len(run)
        if piece := run[at:end].strip("_-"):
            tokens.append(_piece(run.index(piece, at), piece))
        at = cut.end() if cut else end
    return tuple(tokens)


def _piece(at: int, piece: str) -> Token:
    if any(letter.isdigit() for letter in piece):
        return _code(at, piece)
    if "-" in fold(piece):
        return _hyphened(at, piece)
    return _whole(at, piece) if "." in piece or "_" in piece else _word(at, piece)


def _word(at: int, text: str) -> Token:
    folded = fold(text)
    if folded in STOP_WORDS:
        return Token(at, at + len(text), folded, ())
    return _token(at, text, folded, _compound(folded))


def _compound(folded: str) -> list[str]:
    """The stem of the whole, of its parts, and of parts that stand together (Heizkosten in Heizkostenabrechnung)."""
    parts = compounds.split(folded)
    if not parts:
        return [stem(folded)]
    stems = [stem(part.word) for part in parts]
    count = len(parts)
    whole = folded[: parts[-1].start] + stems[-1]
    joined = [
        folded[parts[first].start : parts[last].start] + stems[last]
        for first in range(count)
        for last in range(first + 1, count)
        if last - first < count - 1
    ]
    return [whole, *stems, *joined]


def _hyphened(at: int, text: str) -> Token:
    folded = fold(text)
    parts = _hyphens(folded)
    terms = ["".join(parts[:-1]) + _compound(parts[-1])[0]] if parts else []
    for part in (*parts, *folded.split("-")):
        terms.extend(_word(0, part).terms if len(part) > 1 else ())
    return _token(at, text, folded, terms)


def _hyphens(folded: str) -> list[str]:
    """The pieces between hyphens; a single letter belongs to the next piece: e-mail-versand is email and versand."""
    return [piece.replace("-", "") for piece in re.findall(r"(?:\b[^\W\d_]-)*[^-]+", folded)]


def _code(at: int, text: str) -> Token:
    folded = fold(text)
    if version := _VERSION.fullmatch(folded):
        numbers = version[1].split(".")
        shorter = [".".join(numbers[:count]) for count in range(len(numbers) - 1, 1, -1)]
        return _token(at, text, folded, (version[1], *shorter))
    pieces = _PIECES.findall(folded)
    parts = [stem(piece) if piece.isalpha() else piece for piece in pieces if len(piece) > 1 + piece.isdigit()]
    return _token(at, text, folded, ("".join(pieces), "".join(pieces[:2]), *parts))


def _whole(at: int, text: str) -> Token:
    folded = fold(text)
    parts = [stem(piece) if piece.isalpha() else piece for piece in _PIECES.findall(folded) if len(piece) > 1]
    return _token(at, text, folded, (folded, *parts))


def _token(at: int, text: str, folded: str, terms: object) -> Token:
    unique = dict.fromkeys(term[:LONGEST_TERM] for term in terms if term)  # type: ignore[attr-defined]
    return Token(at, at + len(text), folded, tuple(unique)[:_MOST_TERMS])
