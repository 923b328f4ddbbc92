"""Pages of a list by key: stable while rows come and go, and the thousandth page costs what the first one does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from klarfall.portal.typed import whole_number

PAGE = 25


@dataclass(frozen=True)
class Page:
    """One page of rows, newest change first, with the addresses of its neighbours."""

    rows: Sequence[Any]
    newer: str | None
    older: str | None


def page_of(rows: QuerySet[Any], query: Any, *, size: int = PAGE) -> Page:
    """Returns the page that the query string asks for; what cannot be read means the first page.

    `rows` have `changed_at`; `older=<key>` and `newer=<key>` name the row beside which the page lies.
    """
    older, newer = _key(query.get("older")), _key(query.get("newer"))
    if newer is not None:
        found = list(rows.filter(_after(*newer)).order_by("changed_at", "pk")[: size + 1])
        more, shown = len(found) > size, found[:size][::-1]
        return Page(shown, _address(query, "newer", shown, 0) if more else None, _address(query, "older", shown, -1))
    if older is not None:
        rows = rows.filter(_before(*older))
    found = list(rows.order_by("-changed_at", "-pk")[: size + 1])
    more, shown = len(found) > size, found[:size]
    back = _address(query, "newer", shown, 0) if older is not None else None
    return Page(shown, back, _address(query, "older", shown, -1) if more else None)


def _before(at: datetime, pk: int) -> Q:
    return Q(changed_at__lte=at) & (Q(changed_at__lt=at) | Q(pk__lt=pk))


def _after(at: datetime, pk: int) -> Q:
    return Q(changed_at__gte=at) & (Q(changed_at__gt=at) | Q(pk__gt=pk))


def _key(text: str | None) -> tuple[datetime, int] | None:
    instant, _, number = (text or "").rpartition("_")
    try:
        at = parse_datetime(instant)
    except ValueError:
        return None
    pk = whole_number(number)
    return None if at is None or at.tzinfo is None or pk is None else (at, pk)


def _address(query: Any, name: str, shown: Sequence[Any], index: int) -> str | None:
    if not shown:
        return None
    row = shown[index]
    kept = {key: query[key] for key in query if key not in ("older", "newer") and query[key]}
    return "?" + urlencode({**kept, name: f"{row.changed_at.isoformat()}_{row.pk}"})
