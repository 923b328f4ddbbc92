"""What the corpus hangs on: vendor, products, terms and hours, as in the demo."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from klarfall.contracts.models import CatalogueItem, Product, RequestKind
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.demo.catalogue import seed_kinds, seed_terms
from klarfall.demo.vendor import seed_calendars, seed_products, seed_profile


def seed() -> dict[str, Any]:
    """Write the master data once; returns the ids that the corpus refers to."""
    now = timezone.now()
    with viewing_as(SYSTEM):
        if not VendorProfile.objects.exists():
            seed_profile()
            products = seed_products(now, seed_calendars(now))
            seed_terms(products, valid_from=date(2015, 1, 1), published_at=now - timedelta(days=4000))
            seed_kinds()
        product = Product.objects.get(code="powerhaus")
        items = dict(CatalogueItem.objects.values_list("code", "id"))
        return {
            "now": now.replace(minute=0, second=0, microsecond=0),
            "product": product.pk,
            "areas": list(product.areas.values_list("id", flat=True)[:8]),
            "kinds": list(RequestKind.objects.filter(to_consulting=False).values_list("id", flat=True)),
            "terms": CatalogueItem.objects.values_list("terms_id", flat=True)[0],
            "calendar": _calendar(),
            "item_fee": items["CHG-CONF"],
            "item_covered": items["COV-QUESTION"],
        }


def _calendar() -> int:
    from klarfall.service_levels.models import ServiceCalendar

    return int(ServiceCalendar.objects.order_by("pk").values_list("pk", flat=True)[0])
