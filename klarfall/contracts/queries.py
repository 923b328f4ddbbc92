"""Named look-ups of terms, contracts and catalogue items."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from klarfall.contracts.models import CatalogueItem, ContractLine, Product, TermsVersion
from klarfall.core import vendor
from klarfall.core.prepared import prepared


def local_day(at: datetime) -> date:
    """The calendar day of an instant in the vendor's zone."""
    return at.astimezone(vendor.zone()).date()


def terms_in_force(at: datetime) -> TermsVersion | None:
    """The published terms version in force at that instant (INV-11)."""
    return next(iter(_terms(at=at, day=local_day(at))), None)


@prepared
def _terms(*, at: datetime, day: date) -> QuerySet[TermsVersion]:
    published = TermsVersion.objects.filter(published_at__isnull=False, published_at__lte=at, valid_from__lte=day)
    return published.order_by("-valid_from", "-number")[:1]


def terms_draft() -> TermsVersion | None:
    """The draft that is being written; there is one at a time."""
    return TermsVersion.objects.filter(published_at__isnull=True).first()


def newest_terms() -> TermsVersion | None:
    """The published version with the latest first day: the one in force, or one that is coming."""
    return TermsVersion.objects.filter(published_at__isnull=False).order_by("-valid_from", "-number").first()


def contract_line_for(customer_id: int, product: Product, at: datetime) -> ContractLine | None:
    """The line of an active contract that maintains the product (or its parent) at that instant."""
    products = [product.pk] + ([product.parent_id] if product.parent_id else [])
    return next(iter(_lines(customer=customer_id, products=products, day=local_day(at))), None)


@prepared
def _lines(*, customer: int, products: list[int], day: date) -> QuerySet[ContractLine]:
    active = ContractLine.objects.filter(
        Q(contract__ends_on__isnull=True) | Q(contract__ends_on__gte=day),
        customer_id=customer,
        product_id__in=products,
        contract__terminated=False,
        contract__starts_on__lte=day,
    )
    return active.select_related("contract", "calendar").order_by("contract__starts_on", "pk")[:1]


def items_for(terms: TermsVersion, product: Product | None) -> QuerySet[CatalogueItem]:
    """The catalogue items of the terms that apply to the product, in catalogue order."""
    items = CatalogueItem.objects.filter(terms=terms)
    if product is not None:
        items = items.filter(Q(products__isnull=True) | Q(products=product)).distinct()
    return items.order_by("order", "clause")
