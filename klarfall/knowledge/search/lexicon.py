"""The words of the index in the memory of a process, for typing errors and beginnings; none is ever shown."""

from bisect import bisect_left
from collections.abc import Sequence
from threading import Lock

from django.db import connection

from klarfall.core.search.folding import fold
from klarfall.core.search.query import Alternative
from klarfall.core.search.spelling import Near, Vocabulary
from klarfall.core.search.terms import terms_of

_MOST_BEGINNINGS = 8
#: What a corrected word is worth, less for each error; what is that much worse than the nearest is not meant.
_MOST, _AN_ERROR, _LEAST, _BESIDE = 0.95, 0.15, 0.5, 0.15
_SHORTEST = 4


class Lexicon:
    """All words and terms with their frequencies. Holds what nobody in particular may see: never show any of it."""

    def __init__(self, version: str, words: Sequence[tuple[str, str, int]], terms: Sequence[tuple[str, int]]) -> None:
        self.version = version
        self._terms: dict[str, str] = {}
        often: dict[str, int] = {}
        for term, count in terms:
            folded = fold(term)
            self._terms[folded], often[folded] = term, count
        for word, term, count in words:
            folded = fold(word)
            self._terms[folded] = term
            often[folded] = often.get(folded, 0) + count
        self._often = often
        # The most frequent comes last and stays.
        self._dotted = {_bare(word): word for word in sorted(often, key=often.__getitem__) if _bare(word) != word}
        self._vocabulary = Vocabulary(often.items())
        self._sorted = sorted(often)

    def near(self, word: str) -> tuple[Alternative, ...]:
        """What may have been meant by a word that is not known: terms with weights that fall with each error."""
        found: dict[str, float] = {}
        for typed in dict.fromkeys((fold(word), *(fold(term) for term in terms_of(word)[:1]))):
            for near in self._near(typed):
                term = self._terms[near.word]
                found[term] = max(found.get(term, 0.0), _LEAST, _MOST - _AN_ERROR * near.distance)
        best = max(found.values(), default=0.0)
        apart = tuple(self._terms[part] for part in self._vocabulary.apart(word))
        return (
            *(Alternative((term,), "spelling", weight) for term, weight in found.items() if weight > best - _BESIDE),
            *([Alternative(apart, "spelling", _MOST)] if apart else ()),
        )

    def dotted(self, word: str) -> tuple[Alternative, ...]:
        """The word with the dots of its umlauts, if they were left out."""
        found = self._dotted.get(fold(word))
        return (Alternative((self._terms[found],), "spelling", _MOST),) if found else ()

    def _near(self, typed: str) -> list[Near]:
        """Near words; where there are none, as if the first letter had lost its dots."""
        found = self._vocabulary.near(typed, most=4)
        if not found and typed[:1] in ("a", "o", "u"):
            found = self._vocabulary.near(f"{typed[0]}e{typed[1:]}", most=4)
        return found

    def begun(self, start: str) -> tuple[Alternative, ...]:
        """The most frequent terms of words that begin so; of words that nearly do if there are none."""
        start = fold(start)
        found = self._beginning(start) or self._nearly_beginning(start)
        best = sorted(found, key=lambda word: (-self._often[word], word))
        terms = dict.fromkeys(self._terms[word] for word in best)
        return tuple(Alternative((term,), "spelling", 0.9) for term in list(terms)[:_MOST_BEGINNINGS])

    def _beginning(self, start: str) -> list[str]:
        at = bisect_left(self._sorted, start)
        end = bisect_left(self._sorted, start + "\uffff")
        return self._sorted[at : min(end, at + 400)]

    def _nearly_beginning(self, start: str) -> list[str]:
        """Words whose beginning is one error away; the first letter is right."""
        if len(start) < _SHORTEST:
            return []
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        at, end = (bisect_left(self._sorted, start[0] + more) for more in ("", "\uffff"))
        beginnings: dict[str, list[str]] = {}
        for word in self._sorted[at:end]:
            beginnings.setdefault(word[: len(start)], []).append(word)
        hits = process.extract(start, list(beginnings), scorer=OSA.distance, score_cutoff=1, limit=5)
        return [word for beginning, _distance, _place in hits for word in beginnings[beginning][:50]]


def _bare(folded: str) -> str:
    return folded.replace("ae", "a").replace("oe", "o").replace("ue", "u")


_lock = Lock()
_known: dict[str, Lexicon] = {}


def lexicon(version: str) -> Lexicon:
    """The words of the index at this version, read once by each process."""
    with _lock:
        found = _known.get(connection.settings_dict["NAME"])
        if found is None or found.version != version:
            found = _known[connection.settings_dict["NAME"]] = _read(version)
        return found


def _read(version: str) -> Lexicon:
    with connection.cursor() as cursor:
        cursor.execute("SELECT word, term, entries FROM knowledge_word")
        words = cursor.fetchall()
        cursor.execute("SELECT term, entries FROM knowledge_term")
        return Lexicon(version, words, cursor.fetchall())
