"""Words that mean the same to readers: the general list of the domain, and the groups that editors add to it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from klarfall.core.search.folding import fold
from klarfall.core.search.query import Alternative, Query, QueryWord
from klarfall.core.search.spelling import Vocabulary
from klarfall.core.search.stop_words import NEGATIONS, QUESTION_WORDS
from klarfall.core.search.terms import analyse

EQUAL = 0.8
NARROWER = 0.6
_LONGEST_MEMBER = 4
#: A compound of which a part is replaced is worth that much of the synonym; and how many such are tried.
_OF_PART, _MOST_OF_PARTS = 0.6, 12
#: What another word for a code is worth.
_OF_CODE = 0.4


#: What a near word of the lists is worth, less for each typing error.
_CORRECTED, _AN_ERROR, _LEAST_CORRECTED = 0.9, 0.15, 0.5


class Synonym(NamedTuple):
    """`length` words of the query from `start` on may be replaced by `terms`."""

    start: int
    length: int
    terms: tuple[str, ...]
    weight: float


class Synonyms:
    """Groups of equal words; each group is a list of words or expressions."""

    def __init__(self, groups: Iterable[Sequence[str]], narrower: Iterable[tuple[str, Sequence[str]]] = ()) -> None:
        self._others: defaultdict[tuple[str, ...], dict[tuple[str, ...], float]] = defaultdict(dict)
        #: Single words as they are written, folded, and their stems: for typing errors, once there is one.
        self._written: dict[str, str] = {}
        self._vocabulary: Vocabulary | None = None
        for group in groups:
            members = [terms for terms in map(_terms, group) if terms]
            self._written |= {fold(one): terms[0] for one in group if one.isalpha() and len(terms := _terms(one)) == 1}
            for one in members:
                for other in members:
                    if one != other:
                        self._others[one][other] = EQUAL
        for word, others in narrower:
            for terms in map(_terms, others):
                if terms and _terms(word):
                    self._others[_terms(word)].setdefault(terms, NARROWER)

    def near(self, word: str) -> dict[str, float]:
        """Single words of the lists that are written nearly like this one, by their stems, and what that is worth."""
        if fold(word) in self._written:  # it is none of them that was misspelt
            return {}
        if self._vocabulary is None:
            self._vocabulary = Vocabulary((written, 1) for written in self._written)
        found = {self._written[one.word]: one.distance for one in self._vocabulary.near(word, most=2)}
        return {term: max(_LEAST_CORRECTED, _CORRECTED - _AN_ERROR * distance) for term, distance in found.items()}

    def of(self, stems: Sequence[str]) -> list[Synonym]:
        """What may stand for the words of a query, given by their stems."""
        found = []
        for start in range(len(stems)):
            for count in range(1, min(_LONGEST_MEMBER, len(stems) - start) + 1):
                for terms, weight in self._others.get(tuple(stems[start : start + count]), {}).items():
                    found.append(Synonym(start, count, terms, weight))
        return found

    def expanded(self, query: Query) -> Query:
        """The query with synonyms among the alternatives of its words; an expression counts for each word it replaces.

        In compounds one part may be replaced too: Nebenkostenvorauszahlung, Betriebskosten + Vorauszahlung.
        """
        words = [word.also(self._of_parts(word)) for word in query.words]
        for synonym in self.of([word.term for word in words]):
            said = words[synonym.start : synonym.start + synonym.length]
            # Whoever types a code means it: other words for it come after it.
            is_code = any(letter.isdigit() for word in said for letter in word.word)
            alternative = Alternative(synonym.terms, "synonym", _OF_CODE if is_code else synonym.weight)
            for at in range(synonym.start, synonym.start + synonym.length):
                words[at] = words[at].also((alternative,))
        return replace(query, words=tuple(words))

    def _of_parts(self, word: QueryWord) -> list[Alternative]:
        found = []
        for way in (one.terms for one in word.alternatives if one.kind == "part" and len(one.terms) > 1):
            for at, term in enumerate(way):
                others = sorted(self._others.get((term,), {}).items(), key=lambda other: -other[1])
                found += [(way[:at] + terms + way[at + 1 :], weight) for terms, weight in others if len(terms) == 1]
        return [Alternative(terms, "synonym", _OF_PART * weight) for terms, weight in found[:_MOST_OF_PARTS]]


@cache
def general() -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """The general list: groups of equal words, and words with narrower ones ("Lastschrift > SEPA, Mandat")."""
    groups: list[tuple[str, ...]] = []
    narrower: list[tuple[str, tuple[str, ...]]] = []
    for line in (Path(__file__).parent / "synonyms.txt").read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        word, arrow, others = text.partition(">")
        members = tuple(member.strip() for member in (others if arrow else text).split(",") if member.strip())
        if arrow:
            narrower.append((word.strip(), members))
        elif members:
            groups.append(members)
    return tuple(groups), tuple(narrower)


def _terms(expression: str) -> tuple[str, ...]:
    """The stems of an expression as they stand in a query, that is without words of questions."""
    written = list(analyse(expression))
    tokens = [token for token in written if token.terms]
    if len(tokens) == 1 < len(written):  # "Soll stellen": what is left of it says something else
        return ()
    asked = [token for token in tokens if token.word not in QUESTION_WORDS]
    if all(token.word in NEGATIONS for token in asked):
        asked = tokens
    return tuple(token.terms[0] for token in asked)[:_LONGEST_MEMBER]
