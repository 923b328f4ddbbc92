"""Which version of a product customers run today, as the order of releases has it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from klarfall.contracts.models import InstalledVersion, ProductVersion
from klarfall.knowledge.versions import Release, release


def installed_versions(product_id: int, customer_ids: Iterable[int], today: date) -> dict[int, ProductVersion]:
    """The version that each of these customers runs today; whose is not known is missing."""
    rows = InstalledVersion.objects.filter(product=product_id, customer__in=set(customer_ids), since__lte=today)
    return {one.customer_id: one.version for one in rows.select_related("version").order_by("since", "pk")}


def installed_column(today: date, customer_ids: Iterable[int], product: str = "product") -> ArraySubquery:
    """A column for rows with a product: what these customers run of it today, read by `installed_of`."""
    rows = InstalledVersion.objects.filter(product=OuterRef(product), customer__in=set(customer_ids), since__lte=today)
    latest = rows.order_by("customer", "-since", "-pk").distinct("customer")
    return ArraySubquery(
        latest.values(
            found=JSONObject(
                customer="customer_id", name="version__name", released_on="version__released_on", pk="version_id"
            )
        )
    )


def installed_of(column: Iterable[dict[str, Any]] | None) -> dict[int, tuple[str, Release]]:
    """Customer -> name and place of what it runs."""
    found = {}
    for one in column or ():  # None where a viewer has no company
        day = date.fromisoformat(one["released_on"])
        found[one["customer"]] = (one["name"], release(released_on=day, name=one["name"], pk=one["pk"]))
    return found
