"""Pages by key: a cursor names the last row that was seen, so the thousandth page costs what the first one does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page and the cursors of its neighbours; an empty cursor: there is none."""

    rows: Sequence[Any]
    before: str = ""
    after: str = ""


def page_of(rows: QuerySet[Any], *, after: str = "", before: str = "", newest: bool = False) -> Page:
    """One page of rows with `queue_at` and `id`, by deadline or with the newest first.

    Cursors come from outside: one that cannot be read means the first page.
    """
    forward = not (cursor := _read(before, newest))
    cursor = cursor or _read(after, newest)
    if cursor:
        rows = rows.filter(_beyond(cursor, upwards=forward is not newest))
    keys = ["id"] if newest else ["queue_at", "id"]
    order = keys if forward is not newest else [f"-{key}" for key in keys]
    found = list(rows.order_by(*order)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if not forward:
        found.reverse()
    has_before, has_after = (bool(cursor), more) if forward else (more, True)
    return Page(
        rows=found,
        before=_cursor(found[0], newest) if found and has_before else "",
        after=_cursor(found[-1], newest) if found and has_after else "",
    )


def first_page(found: list[Any], *, newest: bool = False) -> Page:
    """The first page, made of the first `PAGE + 1` rows of a list."""
    shown = found[:PAGE]
    return Page(rows=shown, after=_cursor(shown[-1], newest) if len(found) > PAGE else "")


def _cursor(row: Any, newest: bool) -> str:
    return str(row.id) if newest else f"{(row.queue_at - _EPOCH) // _MICROSECOND}-{row.id}"


def _read(cursor: str, newest: bool) -> tuple[datetime | None, int] | None:
    try:
        if newest:
            return None, int(cursor)
        micros, _dash, pk = cursor.partition("-")
        return _EPOCH + int(micros) * _MICROSECOND, int(pk)
    except (ValueError, OverflowError):
        return None


def _beyond(cursor: tuple[datetime | None, int], *, upwards: bool) -> Q:
    at, pk = cursor
    way = "gt" if upwards else "lt"
    if at is None:
        return Q(**{f"id__{way}": pk})
    return Q(**{f"queue_at__{way}e": at}) & (Q(**{f"queue_at__{way}": at}) | Q(**{f"id__{way}": pk}))
