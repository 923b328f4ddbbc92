"""The words of the newest tickets in the memory of a process, for typing errors; for the desk only.

They hold what staff alone may read, names among it. They are read from the index of words when a search finds nothing,
kept for an hour, and stand nowhere else: who is erased is gone from them as well.
"""

from django.core.cache import cache
from django.db import connection

from klarfall.core.search.folding import fold
from klarfall.core.search.query import Alternative, Query, QueryWord
from klarfall.core.search.spelling import Near, Vocabulary

#: Tickets of which the words are taken. A word is known that is in more than one of so many of them.
_NEWEST, _ONE_OF = 3_000, 1_500
_KEPT = 3_600
_MOST_NEAR = 4
#: What is that much farther away than the nearest word is not meant.
_BESIDE = 0.5
_READ = """
    SELECT word, ndoc FROM ts_stat('SELECT words FROM tickets_deskwords ORDER BY ticket_id DESC LIMIT {newest}')
     WHERE ndoc > (SELECT count(*) FROM (SELECT 1 FROM tickets_deskwords LIMIT {newest}) newest) / {one_of}
"""


def corrected(query: Query) -> tuple[QueryWord, ...]:
    """The words of a query that nobody writes, with those that may be meant as their only alternatives."""
    known = _vocabulary()
    changed = []
    for word in query.words:
        if word.must or word.prefix or any(all(term in known for term in one.terms) for one in word.alternatives):
            continue
        if near := _near(known, word):
            changed.append(QueryWord(word.text, word.word, word.term, near))
    return tuple(changed)


def _near(known: Vocabulary, word: QueryWord) -> tuple[Alternative, ...]:
    found: dict[str, float] = {}
    for typed in dict.fromkeys((fold(word.text), word.term)):
        for near in known.near(typed, most=_MOST_NEAR):
            found[near.word] = min(near.distance, found.get(near.word, near.distance))
    best = min(found.values(), default=0.0)
    near_ones = sorted((Near(*one) for one in found.items()), key=lambda one: one.distance)
    meant = [Alternative((one.word,), "spelling", 1.0) for one in near_ones if one.distance <= best + _BESIDE]
    apart = known.apart(word.word)
    return (*meant[:_MOST_NEAR], *([Alternative(apart, "spelling", 1.0)] if apart else ()))


def _vocabulary() -> Vocabulary:
    """Read once an hour by each process, at the cost of some hundred milliseconds for whoever comes first."""
    key = f"desk.vocabulary.{connection.settings_dict['NAME']}"
    found: Vocabulary | None = cache.get(key)
    if found is None:
        with connection.cursor() as cursor:
            cursor.execute(_READ.format(newest=_NEWEST, one_of=_ONE_OF))
            found = Vocabulary(cursor.fetchall())
        cache.set(key, found, _KEPT)
    return found
