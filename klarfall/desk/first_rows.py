"""The beginning of a work list without filters: what nearly every page of the desk asks for, prepared once per list."""

from typing import Any

from django.db.models import QuerySet

from klarfall.core.prepared import prepared
from klarfall.desk.queue import columns
from klarfall.desk.worklists import LISTS, Calendars, Scope, WorkList


def first_rows(work: WorkList, scope: Scope, most: int, *, newest: bool = False, area: bool = True) -> list[Any]:
    """At most `most` rows of the list as `columns()` names them, by deadline or with the newest first."""
    return _first(work.slug, scope.calendars, most, newest, area, **scope.asks(*work.asks))


@prepared
def _first(slug: str, calendars: Calendars, most: int, newest: bool, area: bool, **values: Any) -> QuerySet[Any]:
    work = LISTS[slug]
    rows = columns(work.rows(calendars, values), assessed=not work.with_waiting, area=area)
    order = ["-id"] if newest else ["queue_at", "id"]
    return rows.order_by(*order)[:most]
