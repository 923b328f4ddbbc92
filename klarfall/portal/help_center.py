"""The first page of the Helpdesk-Center and its part of the start page: kinds, areas, the newest, what one read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language

from klarfall.contracts.models import Product, ProductVersion
from klarfall.contracts.queries import local_day
from klarfall.knowledge import shelf as shelves
from klarfall.knowledge.fit import installed_versions
from klarfall.knowledge.models import Article, ArticleKind
from klarfall.knowledge.shelf import Card, Shelf
from klarfall.portal.help_words import KIND_ICONS, area_icon, area_note, kinds
from klarfall.portal.offering import Offering, offering
from klarfall.portal.shell import viewer_of
from klarfall.portal.typed import whole_number

MOST = 1_000
_RECENT, _NEW, _UPDATES, _HOME_AREAS = 4, 5, 3, 8
_SECONDS = 30


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen by a link."""

    label: str
    url: str
    current: bool = False
    count: int | None = None
    note: str = ""
    icon: str = ""


def language() -> str:
    """The reader's language, as editions name it."""
    return (get_language() or "de")[:2]


def list_url(**chosen: Any) -> str:
    """The address of the list with these filters; empty ones are left out."""
    kept = {name: value for name, value in chosen.items() if value}
    return reverse("portal:help-list") + (f"?{urlencode(kept)}" if kept else "")


def installed(request: HttpRequest, now: datetime) -> dict[int, ProductVersion]:
    """Which version of each product the reader's companies run; remembered for half a minute."""
    companies = viewer_of(request).customer_ids
    if not companies:
        return {}
    products = [one.pk for one in offering(now).products]
    key = f"klarfall.portal.installed.{'-'.join(map(str, companies))}"
    found: dict[int, ProductVersion] | None = cache.get(key)
    if found is None:
        found = installed_versions(products, companies, local_day(now))
        cache.set(key, found, _SECONDS)
    return found


def shelf_of(request: HttpRequest) -> Shelf:
    """How much there is of what for this reader; remembered for half a minute, as it is numbers only.

    What somebody reads depends on the contracts of their companies, so colleagues share it.
    """
    viewer = viewer_of(request)
    key = f"klarfall.portal.shelf.{viewer.kind.name}.{'-'.join(map(str, viewer.customer_ids))}"
    found: Shelf | None = cache.get(key)
    if found is None:
        found = shelves.shelf()
        cache.set(key, found, _SECONDS)
    return found


def landing(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What the first page shows; three queries beside what is remembered."""
    offered, found, own = offering(now), shelf_of(request), installed(request, now)
    product = _product(whole_number(request.GET.get("product")), offered, found, own)
    pk = product.pk if product else None
    recent = shelves.recently_read(viewer_of(request).contact_ids, limit=_RECENT)
    new = shelves.newest(product=pk, limit=_NEW)
    shown = {one.pk: one for one in shelves.cards([*recent, *new], language=language(), installed=own)}
    return {
        "product": product,
        "products": _products(offered, found, product),
        "kinds": kind_tiles(found, pk),
        "areas": area_links(offered, found, pk),
        "recent": _shown(recent, shown),
        "newest": _shown(new, shown),
        "kind_icons": KIND_ICONS,
        "all_url": list_url(product=pk),
    }


def for_home(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What the start page shows: areas of the product that the reader has, and its newest update descriptions."""
    offered, found, own = offering(now), shelf_of(request), installed(request, now)
    product = _product(None, offered, found, own)
    if product is None:
        return {"help_areas": [], "updates": []}
    new = shelves.newest_of_kind(product.pk, ArticleKind.UPDATE, language=language(), limit=_UPDATES)
    return {
        "help_areas": area_links(offered, found, product.pk)[:_HOME_AREAS],
        "updates": [shelves.card(one.article, one, own.get(product.pk)) for one in new],
        "updates_url": list_url(product=product.pk, kind=ArticleKind.UPDATE.value),
        "own_version": own.get(product.pk),
    }


def kind_tiles(found: Shelf, product: int | None) -> list[Choice]:
    """The kinds that exist; those that a product does not have do not appear."""
    words = kinds()
    return [
        Choice(
            words[kind].many, list_url(product=product, kind=kind), False, number, words[kind].note, words[kind].icon
        )
        for kind, number in found.by_kind(product).items()
    ]


def area_links(offered: Offering, found: Shelf, product: int | None) -> list[Choice]:
    """The areas of a product in which there is anything, in their order."""
    numbers = found.by_area(product)
    return [
        Choice(
            one.name,
            list_url(product=one.product_id, area=one.pk),
            note=area_note(numbers[one.pk], MOST),
            icon=area_icon(one.name),
        )
        for one in offered.areas
        if one.pk in numbers
    ]


def _shown(articles: list[Article], cards: dict[int, Card]) -> list[Card]:
    return [cards[one.pk] for one in articles if one.pk in cards]


def _product(wanted: int | None, offered: Offering, found: Shelf, own: dict[int, ProductVersion]) -> Product | None:
    """The product that is looked at: the one chosen, else the reader's own, else the first with anything to read."""
    there = [one for one in offered.products if one.pk in found.products()]
    chosen = [one for one in there if one.pk == wanted]
    return next(iter([*chosen, *(one for one in there if one.pk in own), *there]), None)


def _products(offered: Offering, found: Shelf, product: Product | None) -> list[Choice]:
    """The switch between products with anything to read."""
    there = [one for one in offered.products if one.pk in found.products()]
    address = reverse("portal:help")
    return [Choice(one.name, f"{address}?product={one.pk}", one == product) for one in there]
