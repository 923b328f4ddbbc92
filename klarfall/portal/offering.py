"""What the vendor offers, as the forms show it: products, areas, tiles, the catalogue in force; the same for everybody.

Read at most every half minute per process, because it changes a few times a year and every form needs it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.core.cache import cache
from django.utils.translation import get_language

from klarfall.contracts.models import Area, CatalogueItem, ContactChannel, Product, RequestKind, TermsVersion
from klarfall.contracts.models.product import ProductKind
from klarfall.contracts.queries import local_day, terms_in_force
from klarfall.ui.icons import PATHS

T = TypeVar("T")
_KEY = "klarfall.portal.offering"
_SECONDS = 30


@dataclass(frozen=True)
class Offering:
    """The vendor's own data. `partners` maps a product's id to the ids of the partner products linked to it."""

    products: tuple[Product, ...]
    areas: tuple[Area, ...]
    kinds: tuple[RequestKind, ...]
    partners: dict[int, tuple[int, ...]]
    terms: TermsVersion | None
    items: dict[str, CatalogueItem]
    channels: dict[int, tuple[ContactChannel, ...]]

    def product(self, pk: int | None) -> Product | None:
        """The product with this id, if it is offered."""
        return next((one for one in self.products if one.pk == pk), None)

    def own_products(self) -> list[Product]:
        """Products about which one asks directly; partner products belong to one of them."""
        return [one for one in self.products if one.kind != ProductKind.PARTNER]

    def partner_products(self) -> list[Product]:
        """Partner products that are linked to some product."""
        linked = {pk for ids in self.partners.values() for pk in ids}
        return [one for one in self.products if one.pk in linked]

    def usual_item(self, kind: RequestKind | None) -> CatalogueItem | None:
        """The catalogue item by which such concerns are usually assessed."""
        return self.items.get(kind.usual_item) if kind and kind.usual_item else None


def offering(now: datetime) -> Offering:
    """Returns what is offered now; at midnight in the vendor's zone another catalogue may be in force (INV-11)."""
    today = local_day(now)
    kept: tuple[date, Offering] | None = cache.get(_KEY)
    if kept is None or kept[0] != today:
        kept = (today, _read(now))
        cache.set(_KEY, kept, _SECONDS)
    return kept[1]


def forget() -> None:
    """Read it anew next time (after it was changed)."""
    cache.delete(_KEY)


def kind_words(kind: RequestKind) -> tuple[str, str, str]:
    """Title, hint and icon of a tile in the reader's language; an unknown icon becomes a speech bubble."""
    icon = kind.icon if kind.icon in PATHS else "chat"
    if (get_language() or "de").startswith("en"):
        return kind.title_en or kind.title, kind.hint_en or kind.hint, icon
    return kind.title, kind.hint, icon


def _read(now: datetime) -> Offering:
    terms = terms_in_force(now)
    rows = CatalogueItem.objects.filter(terms=terms).prefetch_related("products") if terms else ()
    items = {item.code: item for item in rows}
    return Offering(
        products=tuple(Product.objects.filter(active=True).select_related("calendar")),
        areas=tuple(Area.objects.filter(active=True, product__active=True).order_by("product__order", "order", "name")),
        kinds=tuple(_with_outcome(kind, items) for kind in RequestKind.objects.filter(active=True)),
        partners=_grouped(Product.linked.through.objects.values_list("from_product_id", "to_product_id")),
        terms=terms,
        items=items,
        channels=_grouped((one.product_id, one) for one in ContactChannel.objects.filter(active=True)),
    )


def _with_outcome(kind: RequestKind, items: dict[str, CatalogueItem]) -> RequestKind:
    """The tile with the outcome that the catalogue in force gives its service: a new version may change it."""
    item = items.get(kind.usual_item)
    if item is not None:
        kind.usual_outcome = item.outcome
    return kind


def _grouped(pairs: Iterable[tuple[int, T]]) -> dict[int, tuple[T, ...]]:
    groups: dict[int, list[T]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
