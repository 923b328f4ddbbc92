"""The list of the Helpdesk-Center: filters as links, three orders, pages by key."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import OuterRef
from django.db.models.functions import Cast, Lower, Replace
from django.http import HttpRequest
from django.utils.translation import gettext as _

from klarfall.contracts.models import Area, Product, ProductVersion
from klarfall.knowledge import shelf as shelves
from klarfall.knowledge.models import Article, ArticleKind, Edition
from klarfall.knowledge.shelf import Shelf
from klarfall.knowledge.status import EditionStatus
from klarfall.portal.help_center import Choice, installed, language, list_url, shelf_of
from klarfall.portal.help_words import KIND_ICONS, kinds
from klarfall.portal.offering import Offering, offering
from klarfall.portal.paging import Keys, instant, page_of
from klarfall.portal.typed import whole_number

_MOST_VERSIONS = 12
_SCORE = re.compile(r"-?[0-9]{1,9}")


def _score(text: str) -> int | None:
    return int(text) if _SCORE.fullmatch(text) else None


def _words(text: str) -> str | None:
    return None if "\0" in text else text


_NEWEST: Keys = (("changed_at", instant), ("pk", whole_number))
_HELPFUL: Keys = (("score", _score), ("pk", whole_number))
_TITLE: Keys = (("sort_title", _words), ("pk", whole_number))


@dataclass(frozen=True)
class Chosen:
    """The filters of the address; what does not exist is as if it were not named."""

    kind: str
    product: Product | None
    area: Area | None
    version: ProductVersion | None
    order: str

    def url(self, **other: Any) -> str:
        """The address of the list with some filters changed."""
        now = {
            "kind": self.kind,
            "product": self.product.pk if self.product else None,
            "area": self.area.pk if self.area else None,
            "version": self.version.pk if self.version else None,
            "sort": "" if self.order == "newest" else self.order,
        }
        return list_url(**{**now, **other})


def listing(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What the list shows; two queries beside what is remembered, one more where versions can be chosen."""
    offered, found, own = offering(now), shelf_of(request), installed(request, now)
    versions = _versions(request, offered)
    chosen = _chosen(request, offered, versions)
    keys, rows = _ordered(_filtered(chosen), chosen.order)
    page = page_of(rows, request.GET, keys, ascending=chosen.order == "title")
    return {
        "chosen": chosen,
        "cards": shelves.cards(page.rows, language=language(), installed=own),
        "page": page,
        "kind_icons": KIND_ICONS,
        "heading": heading(chosen),
        "facets": _facets(chosen, offered, found, versions, own),
        "orders": _orders(chosen),
        "is_filtered": bool(chosen.kind or chosen.area or chosen.version),
    }


def heading(chosen: Chosen) -> str:
    """What the list is called: its kind, else its area, else everything."""
    if chosen.kind:
        return kinds()[chosen.kind].many
    return chosen.area.name if chosen.area else _("All product help")


def _chosen(request: HttpRequest, offered: Offering, versions: list[ProductVersion]) -> Chosen:
    asked = request.GET
    area_pk = whole_number(asked.get("area"))
    area = next((one for one in offered.areas if one.pk == area_pk), None)
    product = offered.product(whole_number(asked.get("product")))
    if area is not None and product is None:
        product = offered.product(area.product_id)
    if area is not None and (product is None or area.product_id != product.pk):
        area = None
    kind = asked.get("kind", "")
    version_pk = whole_number(asked.get("version"))
    version = next((one for one in versions if one.pk == version_pk), None)
    order = asked.get("sort", "")
    return Chosen(
        kind if kind in ArticleKind.values else "",
        product,
        area,
        version,
        order if order in ("title", "helpful") else "newest",
    )


def _versions(request: HttpRequest, offered: Offering) -> list[ProductVersion]:
    """The latest versions of the product that is looked at; those of an area's product without one."""
    area_pk = whole_number(request.GET.get("area"))
    area = next((one for one in offered.areas if one.pk == area_pk), None)
    product = whole_number(request.GET.get("product")) or (area.product_id if area else None)
    if offered.product(product) is None:
        return []
    return list(ProductVersion.objects.filter(product=product).order_by("-released_on", "-pk")[:_MOST_VERSIONS])


def _filtered(chosen: Chosen) -> QuerySet[Article]:
    rows = shelves.living().filter(product__active=True).select_related("product", "area")
    if chosen.kind:
        rows = rows.filter(kind=chosen.kind)
    if chosen.product is not None:
        rows = rows.filter(product=chosen.product)
    if chosen.area is not None:
        rows = rows.filter(area=chosen.area)
    if chosen.version is not None:
        rows = rows.filter(pk__in=_holding_for(chosen.version).values("article"))
    return rows


def _holding_for(version: ProductVersion) -> QuerySet[Edition]:
    """Current editions that hold for a version: nothing said holds for all; an update is about one version only."""
    day = version.released_on
    begun = Q(version_from__isnull=True) | Q(version_from__released_on__lte=day)
    not_over = Q(version_to__isnull=True) | Q(version_to__released_on__gte=day)
    update = Q(article__kind=ArticleKind.UPDATE)
    rows = Edition.objects.filter(status=EditionStatus.PUBLISHED)
    found: QuerySet[Edition] = rows.filter((~update & begun & not_over) | (update & Q(version_from=version)))
    return found


def _ordered(rows: QuerySet[Article], order: str) -> tuple[Keys, QuerySet[Article]]:
    """The columns that order the list; titles without the sign that joins keys in addresses."""
    match order:
        case "helpful":
            score = Cast("helped", IntegerField()) - Cast("not_helped", IntegerField())
            return _HELPFUL, rows.annotate(score=score)
        case "title":
            titles = Edition.objects.filter(article=OuterRef("pk"), status=EditionStatus.PUBLISHED)
            first = Case(When(language=language(), then=0), When(language="de", then=1), default=2)
            own = titles.order_by(first).values("title")[:1]
            return _TITLE, rows.annotate(sort_title=Replace(Lower(Subquery(own)), Value("_"), Value(" ")))
        case _:
            return _NEWEST, rows.filter(changed_at__isnull=False)


def _facets(
    chosen: Chosen, offered: Offering, found: Shelf, versions: list[ProductVersion], own: dict[int, ProductVersion]
) -> list[tuple[str, list[Choice]]]:
    """Groups of filters as (title, choices); a group with one choice is none."""
    groups = [
        (_("Product"), _product_choices(chosen, offered, found)),
        (_("Kind"), _kind_choices(chosen, found)),
        (_("Area"), _area_choices(chosen, offered, found)),
        (_("Version"), _version_choices(chosen, versions, own)),
    ]
    return [(title, choices) for title, choices in groups if len(choices) > 1]


def _product_choices(chosen: Chosen, offered: Offering, found: Shelf) -> list[Choice]:
    there = [one for one in offered.products if one.pk in found.products()]
    if len(there) < 2:  # noqa: PLR2004 - nothing to choose
        return []
    reset = {"area": None, "version": None}
    every = Choice(_("All products"), chosen.url(product=None, **reset), chosen.product is None)
    return [every, *(Choice(one.name, chosen.url(product=one.pk, **reset), one == chosen.product) for one in there)]


def _kind_choices(chosen: Chosen, found: Shelf) -> list[Choice]:
    words = kinds()
    numbers = found.by_kind(chosen.product.pk if chosen.product else None, chosen.area.pk if chosen.area else None)
    every = Choice(_("All kinds"), chosen.url(kind=""), not chosen.kind)
    rows = [
        Choice(words[kind].many, chosen.url(kind=kind), kind == chosen.kind, number, icon=words[kind].icon)
        for kind, number in numbers.items()
    ]
    return [every, *rows]


def _area_choices(chosen: Chosen, offered: Offering, found: Shelf) -> list[Choice]:
    if chosen.product is None:
        return []
    numbers = found.by_area(chosen.product.pk, chosen.kind)
    every = Choice(_("All areas"), chosen.url(area=None), chosen.area is None)
    rows = [
        Choice(one.name, chosen.url(area=one.pk), one == chosen.area, sum(numbers[one.pk].values()))
        for one in offered.areas
        if one.pk in numbers
    ]
    return [every, *rows]


def _version_choices(chosen: Chosen, versions: list[ProductVersion], own: dict[int, ProductVersion]) -> list[Choice]:
    has = own.get(chosen.product.pk) if chosen.product else None
    every = Choice(_("All versions"), chosen.url(version=None), chosen.version is None)
    fitting = _("fits your version %(version)s")
    rows = [
        Choice(
            fitting % {"version": one.name} if has is not None and one.pk == has.pk else one.name,
            chosen.url(version=one.pk),
            one == chosen.version,
        )
        for one in sorted(versions, key=lambda one: has is None or one.pk != has.pk)
    ]
    return [every, *rows]


def _orders(chosen: Chosen) -> list[Choice]:
    words = {"newest": _("Newest first"), "title": _("By title"), "helpful": _("Most helpful first")}
    return [
        Choice(label, chosen.url(sort="" if order == "newest" else order), order == chosen.order)
        for order, label in words.items()
    ]
