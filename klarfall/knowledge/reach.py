"""Who reads what: the one rule of visibility, in Django's words and in SQL, for every table that shows help."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models import ContractLine, Product
from klarfall.core import vendor
from klarfall.core.isolation import Viewer


class Visibility(models.TextChoices):
    """Who reads an article."""

    PUBLIC = "public", _("Everybody")
    SIGNED_IN = "signed_in", _("Everybody who is signed in")
    CUSTOMERS = "customers", _("Customers with the product")
    INTERNAL = "internal", _("Staff only")


#: From the narrowest to the widest circle of readers.
CIRCLES = (Visibility.INTERNAL, Visibility.CUSTOMERS, Visibility.SIGNED_IN, Visibility.PUBLIC)


def reaches_others(before: tuple[str, int], after: tuple[str, int]) -> bool:
    """Whether somebody reads with this visibility and product who did not before."""
    if CIRCLES.index(Visibility(after[0])) > CIRCLES.index(Visibility(before[0])):
        return True
    return after[0] == Visibility.CUSTOMERS and after[1] != before[1]


# A contract for a product maintains its modules too. The tables of contracts answer with the viewer's own rows only.
_PRODUCTS_SQL = (
    "ARRAY(SELECT p.id FROM contracts_product p WHERE EXISTS (SELECT FROM contracts_contractline l"
    " JOIN contracts_contract c ON c.id = l.contract_id WHERE l.product_id IN (p.id, p.parent_id)"
    " AND NOT c.terminated AND c.starts_on <= current_date AND coalesce(c.ends_on >= current_date, true)))"
)
PUBLIC_SQL = "live AND visibility = 'public'"
PORTAL_SQL = (
    "live AND (visibility IN ('public', 'signed_in')"
    f" OR (visibility = 'customers' AND product_id = ANY ({_PRODUCTS_SQL})))"
)


def public() -> Q:
    """What everybody reads."""
    return Q(live=True, visibility=Visibility.PUBLIC)


def readable(viewer: Viewer) -> Q:
    """What the contact `viewer` reads: the customers' part needs a contract in force for the product."""
    products = Product.objects.filter(contracted(viewer)).values("pk")
    rule = Q(visibility__in=[Visibility.PUBLIC, Visibility.SIGNED_IN])
    return Q(live=True) & (rule | Q(visibility=Visibility.CUSTOMERS, product_id__in=products))


def contracted(viewer: Viewer) -> Any:
    """Products for which a company of the viewer has a contract in force today, and their modules."""
    today = timezone.now().astimezone(vendor.zone()).date()
    lines = ContractLine.objects.filter(
        Q(contract__ends_on__isnull=True) | Q(contract__ends_on__gte=today),
        customer_id__in=viewer.customer_ids,
        contract__terminated=False,
        contract__starts_on__lte=today,
    ).values("product_id")
    return Q(pk__in=lines) | Q(parent_id__in=lines)
