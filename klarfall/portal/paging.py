"""Pages of a list by key: stable while rows come and go, and the thousandth page costs what the first one does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime

from klarfall.portal.typed import whole_number

PAGE = 25


def instant(text: str) -> datetime | None:
    """Returns the instant that is written there, None for anything else."""
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return None if at is None or at.tzinfo is None else at


def calendar_day(text: str) -> date | None:
    """Returns the day that is written there, None for anything else."""
    try:
        return parse_date(text)
    except ValueError:
        return None


#: Names of the columns that order a list, the newest first, and how each is read; together they are unique.
Keys = Sequence[tuple[str, Callable[[str], Any]]]
BY_CHANGE: Keys = (("changed_at", instant), ("pk", whole_number))


@dataclass(frozen=True)
class Page:
    """One page of rows, newest first, with the addresses of its neighbours."""

    rows: Sequence[Any]
    newer: str | None
    older: str | None


def page_of(
    rows: QuerySet[Any], query: Any, keys: Keys = BY_CHANGE, *, size: int = PAGE, ascending: bool = False
) -> Page:
    """Returns the page that the query string asks for; what cannot be read means the first page.

    `rows` have the columns of `keys`; `older=<key>` and `newer=<key>` name the row beside which the page lies.
    With `ascending` the smallest come first; `older` is the way on all the same.
    """
    before, after, back_sign, sign = ("lt", "gt", "-", "") if ascending else ("gt", "lt", "", "-")
    names = [name for name, _read in keys]
    older, newer = _key(query.get("older"), keys), _key(query.get("newer"), keys)
    if newer is not None:
        found = list(
            rows.filter(_beside(names, newer, before)).order_by(*(f"{back_sign}{name}" for name in names))[: size + 1]
        )
        more, shown = len(found) > size, found[:size][::-1]
        back = _address(query, "newer", shown, 0, names) if more else None
        return Page(shown, back, _address(query, "older", shown, -1, names))
    if older is not None:
        rows = rows.filter(_beside(names, older, after))
    found = list(rows.order_by(*(f"{sign}{name}" for name in names))[: size + 1])
    more, shown = len(found) > size, found[:size]
    back = _address(query, "newer", shown, 0, names) if older is not None else None
    return Page(shown, back, _address(query, "older", shown, -1, names) if more else None)


def _beside(names: Sequence[str], key: Sequence[Any], way: str) -> Q:
    """Rows strictly before (lt) or after (gt) a key; the first column stands alone too, so that an index serves."""
    (name, *others), (value, *rest) = names, key
    if not others:
        return Q(**{f"{name}__{way}": value})
    return Q(**{f"{name}__{way}e": value}) & (Q(**{f"{name}__{way}": value}) | _beside(others, rest, way))


def _key(text: str | None, keys: Keys) -> tuple[Any, ...] | None:
    parts = (text or "").split("_")
    if len(parts) != len(keys):
        return None
    read = tuple(reading(part) for part, (_name, reading) in zip(parts, keys, strict=True))
    return None if None in read else read


def _address(query: Any, name: str, shown: Sequence[Any], index: int, names: Sequence[str]) -> str | None:
    if not shown:
        return None
    values = (getattr(shown[index], one) for one in names)
    kept = {key: query[key] for key in query if key not in ("older", "newer") and query[key]}
    written = "_".join(one.isoformat() if isinstance(one, date) else str(one) for one in values)
    return "?" + urlencode({**kept, name: written})
