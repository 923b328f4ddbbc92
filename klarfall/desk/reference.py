"""What every desk page needs and hardly ever changes: calendars, tiles, catalogues, staff; kept for half a minute."""

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, TypeVar

from django.core.cache import cache
from django.db.models import Prefetch
from django.utils.translation import get_language

from klarfall.accounts.models import User
from klarfall.contracts.models import CatalogueItem, Product, RateCardLine, RequestKind, TermsVersion
from klarfall.contracts.models.product import Area
from klarfall.service_levels.models import ServiceCalendar

_SECONDS = 30
_MARK = "klarfall.desk.reference"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of the new request with its usual outcome and the catalogue code behind it."""

    title: str
    title_en: str
    usual_outcome: str
    usual_item: str

    @property
    def words(self) -> str:
        """The title in the reader's language."""
        return (self.title_en or self.title) if (get_language() or "de").startswith("en") else self.title


@dataclass(frozen=True)
class Catalogue:
    """The items and rates of one published terms version."""

    number: int
    items: tuple[CatalogueItem, ...]
    rates: dict[str, RateCardLine]
    #: item id -> ids of the products it is limited to; missing = every product
    limited: dict[int, frozenset[int]]

    def by_code(self, code: str) -> CatalogueItem | None:
        """The item with this code, as a tile names it."""
        return next((item for item in self.items if item.code == code), None)

    def items_for(self, product_id: int, outcome: str) -> list[CatalogueItem]:
        """Items of an outcome that apply to a product, in catalogue order."""
        return [
            item
            for item in self.items
            if item.outcome == outcome and (item.pk not in self.limited or product_id in self.limited[item.pk])
        ]


#: What this process read, as objects: the shared cache would copy a whole catalogue for every page.
_store: dict[str, Any] = {}


def _kept(key: str, read: Callable[[], T]) -> T:
    """The value under `key`; read anew when the mark in the cache has expired or was cleared."""
    mark = cache.get(_MARK)
    if mark is None or _store.get(_MARK) != mark:
        _store.clear()
        _store[_MARK] = mark or token_hex(8)
        cache.set(_MARK, _store[_MARK], _SECONDS)
    if key not in _store:
        _store[key] = read()
    value: T = _store[key]
    return value


def calendars() -> dict[int, ServiceCalendar]:
    """All service calendars by id."""
    return _kept("calendars", lambda: {one.pk: one for one in ServiceCalendar.objects.order_by("pk")})


def tiles() -> dict[int, Tile]:
    """All tiles by id, inactive ones too: old requests keep theirs."""
    rows = RequestKind.objects.values_list("pk", "title", "title_en", "usual_outcome", "usual_item")
    return _kept("tiles", lambda: {pk: Tile(*rest) for pk, *rest in rows})


def catalogue(terms_id: int) -> Catalogue:
    """Items and rates of a terms version."""
    return _kept(f"catalogue.{terms_id}", lambda: _read_catalogue(terms_id))


def _read_catalogue(terms_id: int) -> Catalogue:
    terms = TermsVersion.objects.get(pk=terms_id)
    items = tuple(CatalogueItem.objects.filter(terms=terms).order_by("order", "clause"))
    limited: dict[int, set[int]] = {}
    links = CatalogueItem.products.through.objects.filter(catalogueitem__terms=terms)
    for item_id, product_id in links.values_list("catalogueitem_id", "product_id"):
        limited.setdefault(item_id, set()).add(product_id)
    rates = {line.work_type: line for line in RateCardLine.objects.filter(terms=terms)}
    return Catalogue(terms.number, items, rates, {pk: frozenset(ids) for pk, ids in limited.items()})


def staff() -> list[tuple[int, str]]:
    """Active staff as (id, name), by name: whoever a request can be assigned to."""
    rows = User.objects.filter(kind="staff", is_active=True).order_by("name")
    return _kept("staff", lambda: list(rows.values_list("pk", "name")))


def system() -> list[tuple[int, str]]:
    """The built-in user in whose name things happen by the clock, in the same form as `staff`."""
    return _kept("system", lambda: list(User.objects.filter(kind="system").values_list("pk", "name")))


def products() -> list[Product]:
    """Active products with their active areas and versions, in the vendor's order."""
    areas = Prefetch("areas", Area.objects.filter(active=True))
    rows = Product.objects.filter(active=True).prefetch_related(areas, "versions")
    return _kept("products", lambda: list(rows))


def area_choices() -> list[Any]:
    """Areas of all products for a filter, grouped by product."""
    return [(product.name, [(area.pk, area.name) for area in product.areas.all()]) for product in products()]


def forget() -> None:
    """Read everything anew next time."""
    cache.delete(_MARK)
