"""Find the newest tickets whose words fulfil a condition, in three bounded steps.

1. The newest few hundred are looked at one by one. A common word is found here, and how often it was met says how the
   search goes on.
2. A word that was met now and then: more are looked at, as many as it takes by that rate.
3. A rare one: the inverted index answers, for the newest eras, then further back: few hits each time.

No step reads a whole index, and none is left to the planner: subqueries with OFFSET 0 are planned for themselves.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from klarfall.tickets.search.eras import era_of, term_of

#: Tickets looked at one by one at first, and at most when a word was met among them.
_SAMPLE, _LONGEST_WALK = 256, 6_000
#: Met so often among the sample, a word is worth walking on.
_OFTEN = 4
#: Hits taken from the inverted index in one statement.
_MOST_HITS = 4_000
#: Eras that are looked through, the newest of them first.
_SPANS = (2, 8, 32)
_WALK = """
    SELECT ticket_id FROM (SELECT ticket_id, words FROM tickets_deskwords WHERE ticket_id < %s
                            ORDER BY ticket_id DESC LIMIT %s) newest
     WHERE words @@ %s::tsquery LIMIT %s
"""
_LOOK_UP = """
    SELECT ticket_id FROM (SELECT ticket_id FROM tickets_deskwords
                            WHERE words @@ %s::tsquery LIMIT %s OFFSET 0) hits
     WHERE ticket_id < %s ORDER BY ticket_id DESC LIMIT %s
"""
_ALL = 2**62


@dataclass(frozen=True)
class Walked:
    """Ids of tickets, the newest first. `complete`: there are no others below the last of them."""

    ids: list[int]
    complete: bool


def newest_with(condition: str, *, below: int | None, limit: int, by_index: bool = True) -> Walked:
    """The newest tickets (of ids below `below`) that fulfil the tsquery `condition`, at most `limit` + 1.

    `by_index`: whether the inverted index may be asked; not for beginnings of words, which it would all collect first.
    """
    below = _ALL if below is None else below
    sample = _walk(condition, below, _SAMPLE, limit + 1)
    if len(sample) > limit:
        return Walked(sample, complete=False)
    if len(sample) >= _OFTEN or not by_index:
        rate = max(len(sample), 1) / _SAMPLE
        reach = min(_LONGEST_WALK, int(2 * (limit + 1) / rate))
        found = _walk(condition, below, reach, limit + 1)
        if len(found) > limit or not by_index:
            return Walked(found, complete=False)
    return _looked_up(condition, below, limit)


def _looked_up(condition: str, below: int, limit: int) -> Walked:
    """By the inverted index: in the newest eras, then further back, at last everywhere."""
    newest = era_of(max(min(below - 1, _newest()), 0))
    for span in _SPANS:
        eras = " | ".join(f"'{term_of(era)}'" for era in range(newest, max(newest - span, -1), -1))
        found = _hits(f"({condition}) & ({eras})", below, limit + 1)
        if len(found) > limit:
            return Walked(found, complete=False)
        if span > newest:
            break
    else:
        found = _hits(condition, below, limit + 1)
    return Walked(found, complete=len(found) <= limit)


def _newest() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(ticket_id), 0) FROM tickets_deskwords")
        return int(cursor.fetchone()[0])


def _walk(condition: str, below: int, rows: int, limit: int) -> list[int]:
    return _ids(_WALK, [below, rows, condition, limit])


def _hits(condition: str, below: int, limit: int) -> list[int]:
    return _ids(_LOOK_UP, [condition, _MOST_HITS, below, limit])


def _ids(statement: str, values: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]
