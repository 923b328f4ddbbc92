"""Customers as the desk looks for them: by words, product and order, page by page with a key."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import GreaterThan, LessThan

from klarfall.contracts.models import ContractLine, Product
from klarfall.customers.mail_domains import domain_of
from klarfall.customers.models import Contact, Customer
from klarfall.desk.paging import PAGE

#: What a list is ordered by: the expression, and whether the last ones come first.
SORTS: dict[str, tuple[Any, bool]] = {
    "name": (Lower("name"), False),
    "number": (F("number"), False),
    "newest": (F("created_at"), True),
}


@dataclass(frozen=True)
class Found:
    """One page of customers, with the query strings of its neighbours (empty: there is none)."""

    rows: list[Any] = field(default_factory=list)
    before: str = ""
    after: str = ""


def search(chosen: dict[str, str], query: Any, today: date) -> Found:
    """The page that is asked for. `chosen`: q, product and sort as the form read them; `query`: before, after."""
    key, falling = SORTS[chosen.get("sort") or "name"]
    rows = _described(_narrowed(chosen), today).annotate(key=key)
    before, after = _anchor(query.get("before"), key), _anchor(query.get("after"), key)
    if before:
        found = list(_ordered(_beyond(rows, before, upwards=falling), falling=not falling)[: PAGE + 1])
        more, found = len(found) > PAGE, found[:PAGE][::-1]
        return _page(found, chosen, has_before=more, has_after=True)
    if after:
        rows = _beyond(rows, after, upwards=not falling)
    found = list(_ordered(rows, falling=falling)[: PAGE + 1])
    return _page(found[:PAGE], chosen, has_before=bool(after), has_after=len(found) > PAGE)


def _narrowed(chosen: dict[str, str]) -> QuerySet[Any]:
    rows: QuerySet[Any] = Customer.objects.all()
    if words := chosen.get("q", ""):
        rows = rows.filter(_matching(words))
    if product := chosen.get("product"):
        rows = rows.filter(Exists(ContractLine.objects.filter(customer=OuterRef("pk"), product_id=int(product))))
    return rows


def _matching(words: str) -> Any:
    """Name, number, mail domain, a contact's name or address, or a product under contract."""
    people = Contact.objects.filter(customer=OuterRef("pk"))
    person = Q(user__name__icontains=words) | Q(user__email__icontains=words)
    lines = ContractLine.objects.filter(customer=OuterRef("pk"), product__name__icontains=words)
    found = Q(name__icontains=words) | Q(number__istartswith=words) | Exists(people.filter(person)) | Exists(lines)
    if domain := domain_of(f"@{words.removeprefix('@')}"):
        found |= Q(mail_domains__contains=[domain])
    return found


def _described(rows: QuerySet[Any], today: date) -> QuerySet[Any]:
    """With the names of the products under contracts in force today."""
    active = Q(contract__ends_on__isnull=True) | Q(contract__ends_on__gte=today)
    lines = ContractLine.objects.filter(
        active, customer=OuterRef("pk"), contract__terminated=False, contract__starts_on__lte=today
    )
    ordered = lines.order_by("product__order", "product__name")
    return rows.annotate(products=ArraySubquery(ordered.values("product__name")))


def _anchor(cursor: str | None, key: Any) -> tuple[Any, int] | None:
    """The key of the row that a cursor names; None when it cannot be read or is gone."""
    if not cursor or not cursor.isascii() or not cursor.isdecimal() or len(cursor) > 18:  # noqa: PLR2004 - a bigint
        return None
    return Customer.objects.annotate(key=key).filter(pk=int(cursor)).values_list("key", "pk").first()


def _beyond(rows: QuerySet[Any], anchor: tuple[Any, int], *, upwards: bool) -> QuerySet[Any]:
    value, pk = anchor
    lookup = GreaterThan if upwards else LessThan
    way = "gt" if upwards else "lt"
    return rows.filter(lookup(F("key"), Value(value)) | Q(key=value, **{f"pk__{way}": pk}))


def _ordered(rows: QuerySet[Any], *, falling: bool) -> QuerySet[Any]:
    return rows.order_by("-key", "-pk") if falling else rows.order_by("key", "pk")


def _page(found: list[Any], chosen: dict[str, str], *, has_before: bool, has_after: bool) -> Found:
    def address(side: str, row: Any) -> str:
        return urlencode({**chosen, side: row.pk})

    return Found(
        rows=found,
        before=address("before", found[0]) if found and has_before else "",
        after=address("after", found[-1]) if found and has_after else "",
    )


def product_choices() -> list[tuple[str, str]]:
    """All products by name, also those that are no longer offered."""
    return [(str(one.pk), one.name) for one in Product.objects.all()]
