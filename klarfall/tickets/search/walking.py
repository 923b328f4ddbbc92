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
#: The newest eras, which are looked through first; and how far a word goes back that was common only long ago.
_NEWEST_ERAS, _MANY_ERAS = 2, 16
_LOOK_AT = """
    SELECT coalesce(max(ticket_id), 0), array_agg(ticket_id ORDER BY ticket_id DESC) FILTER (WHERE words @@ %s::tsquery)
      FROM (SELECT ticket_id, words FROM tickets_deskwords WHERE ticket_id < %s
             ORDER BY ticket_id DESC LIMIT %s OFFSET 0) newest
"""
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
    newest, sample = _sample(condition, below)
    if len(sample) > limit:
        return Walked(sample[: limit + 1], complete=False)
    if len(sample) >= _OFTEN or not by_index:
        rate = max(len(sample), 1) / _SAMPLE
        reach = min(_LONGEST_WALK, int(2 * (limit + 1) / rate))
        found = _walk(condition, below, reach, limit + 1)
        if len(found) > limit or not by_index:
            return Walked(found, complete=False)
    return _looked_up(condition, below, newest, limit)


def _looked_up(condition: str, below: int, newest: int, limit: int) -> Walked:
    """By the inverted index: in the newest eras, then everywhere; `newest` is the newest ticket below `below`."""
    found = _hits(_in_eras(condition, newest, _NEWEST_ERAS), below, limit + 1)
    if len(found) > limit:
        return Walked(found, complete=False)
    everywhere = _ids(_LOOK_UP, [condition, _MOST_HITS, below, _MOST_HITS])
    if len(everywhere) < _MOST_HITS:
        return Walked(everywhere[: limit + 1], complete=len(everywhere) <= limit)
    # Common, but not lately: as the index knows no order, the newest may be among those that were not taken.
    return Walked(_hits(_in_eras(condition, newest, _MANY_ERAS), below, limit + 1), complete=False)


def _in_eras(condition: str, newest: int, count: int) -> str:
    era = era_of(newest)
    terms = " | ".join(f"'{term_of(one)}'" for one in range(era, max(era - count, -1), -1))
    return f"({condition}) & ({terms})"


def _sample(condition: str, below: int) -> tuple[int, list[int]]:
    """The newest ticket below `below`, and those of the newest few that fulfil the condition."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_AT, [condition, below, _SAMPLE])
        newest, ids = cursor.fetchone()
        return newest, ids or []


def _walk(condition: str, below: int, rows: int, limit: int) -> list[int]:
    return _ids(_WALK, [below, rows, condition, limit])


def _hits(condition: str, below: int, limit: int) -> list[int]:
    return _ids(_LOOK_UP, [condition, _MOST_HITS, below, limit])


def _ids(statement: str, values: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]
