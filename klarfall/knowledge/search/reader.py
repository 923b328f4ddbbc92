"""What the search knows of the reader: which versions their companies run."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from klarfall.contracts.models import InstalledVersion
from klarfall.core.isolation import ViewerKind, current_viewer
from klarfall.core.prepared import prepared


@dataclass(frozen=True)
class Version:
    """A version that a company of the reader runs, and the day it came out."""

    name: str
    released_on: date


def versions() -> dict[int, Version]:
    """Product -> the version that a company of the viewer has had since last; nothing for visitors and staff."""
    viewer = current_viewer()
    if viewer is None or viewer.kind is not ViewerKind.CONTACT:
        return {}
    rows = _installed(day=timezone.localdate())
    return {one.product_id: Version(one.version.name, one.version.released_on) for one in rows}


@prepared
def _installed(*, day: date) -> QuerySet[Any]:
    return InstalledVersion.objects.filter(since__lte=day).select_related("version").order_by("since", "pk")
