"""What the search knows of the reader: which versions their companies run."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from klarfall.contracts.models import InstalledVersion
from klarfall.core.isolation import ViewerKind, current_viewer


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
    rows = InstalledVersion.objects.filter(since__lte=timezone.localdate()).order_by("since", "pk")
    return {
        product: Version(name, day)
        for product, name, day in rows.values_list("product_id", "version__name", "version__released_on")
    }
