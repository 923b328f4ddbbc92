"""What stands in the Helpdesk-Center for the viewer in force: how much of what, the newest, and what one read last.

Everything goes through the managers of Article and Edition, so whoever may not read an article meets neither its
title nor a count of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from klarfall.contracts.models import ProductVersion
from klarfall.core.prepared import padded
from klarfall.knowledge.fit import Hold, hold_of
from klarfall.knowledge.models import Article, ArticleKind, Edition, Reading
from klarfall.knowledge.reach import Visibility
from klarfall.knowledge.status import EditionStatus

#: Counting ends here: it shall cost the same however large the house becomes.
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Card:
    """An article as lists show it, in the reader's language if it is written in it."""

    pk: int
    kind: str
    kind_name: str
    title: str
    summary: str
    language: str
    product: str
    area: str
    hold: Hold
    label: str
    changed_at: datetime | None
    is_revised: bool
    helped: int
    votes: int
    is_internal: bool


@dataclass(frozen=True)
class Shelf:
    """How many articles the viewer reads: ((product, kind, area or None), number) for all there are."""

    counts: tuple[tuple[tuple[int, str, int | None], int], ...]

    def products(self) -> set[int]:
        """Products with anything to read."""
        return {product for (product, _kind, _area), _number in self.counts}

    def by_kind(self, product: int | None = None, area: int | None = None) -> dict[str, int]:
        """Kinds that exist, in their usual order, with their numbers."""
        found = dict.fromkeys(ArticleKind.values, 0)
        for (of, kind, where), number in self.counts:
            if product in (None, of) and area in (None, where):
                found[kind] += number
        return {kind: number for kind, number in found.items() if number}

    def by_area(self, product: int | None = None, kind: str = "") -> dict[int, dict[str, int]]:
        """Areas with their numbers by kind."""
        found: dict[int, dict[str, int]] = {}
        for (of, what, area), number in self.counts:
            if area is not None and product in (None, of) and kind in ("", what):
                found.setdefault(area, {})[what] = found.get(area, {}).get(what, 0) + number
        return found


def living() -> QuerySet[Article]:
    """The articles that the viewer reads in the portal; staff meets there what is published, too."""
    rows: QuerySet[Article] = Article.objects.filter(live=True)
    return rows


def shelf() -> Shelf:
    """How much there is of what; one query, bounded."""
    some = living().order_by().values("pk")[:MOST_COUNTED]
    rows = Article.objects.filter(pk__in=some, product__active=True).values_list("product_id", "kind", "area_id")
    counted = rows.annotate(number=Count("pk")).order_by()
    return Shelf(tuple(((product, kind, area), number) for product, kind, area, number in counted))


def newest(*, product: int | None = None, kind: str = "", limit: int) -> list[Article]:
    """The articles that were published or revised last."""
    rows = living().select_related("product", "area")
    if product is not None:
        rows = rows.filter(product=product)
    if kind:
        rows = rows.filter(kind=kind)
    return list(rows.order_by("-changed_at", "-pk")[:limit])


def newest_of_kind(product: int, kind: str, *, language: str, limit: int, without: int = 0) -> list[Edition]:
    """The newest articles of a kind and product as editions with their articles; one query. `without`: not this one."""
    rows = Edition.objects.filter(
        status=EditionStatus.PUBLISHED,
        language__in={language, "de"},
        article__live=True,
        article__kind=kind,
        article__product=product,
    ).exclude(article=without)
    beside = ("article__product", "article__area", "version_from", "version_to")
    found: dict[int, Edition] = {}
    for one in rows.select_related(*beside).defer("body").order_by("-article__changed_at", "-article__pk")[: 2 * limit]:
        if one.article_id not in found or one.language == language:
            found[one.article_id] = one
    return list(found.values())[:limit]


def recently_read(contact_ids: Sequence[int], *, limit: int) -> list[Article]:
    """The articles that somebody opened last and still may read, the latest first."""
    if not contact_ids:
        return []
    rows = Reading.objects.filter(contact__in=contact_ids, article__in=living().values("pk"))
    latest = rows.select_related("article__product", "article__area").order_by("-read_at", "-pk")[: 2 * limit]
    return list({one.article_id: one.article for one in latest}.values())[:limit]


def cards(
    articles: Iterable[Article], *, language: str, installed: dict[int, ProductVersion] | None = None
) -> list[Card]:
    """The articles in their order, as lists show them; one query for all titles. Those without any are left out."""
    wanted = list(articles)
    editions = current_editions([one.pk for one in wanted], language=language)
    own = installed or {}
    return [card(one, editions[one.pk], own.get(one.product_id)) for one in wanted if one.pk in editions]


def current_editions(pks: Iterable[int], *, language: str) -> dict[int, Edition]:
    """The current edition of each article: in the reader's language, else in German, else in any; one query."""
    wanted = list(pks)
    if not wanted:
        return {}
    rows = Edition.objects.filter(article_id__in=padded(wanted), status=EditionStatus.PUBLISHED)
    found: dict[int, Edition] = {}
    for one in rows.select_related("version_from", "version_to").defer("body"):
        other = found.get(one.article_id)
        if other is None or _rank(one, language) < _rank(other, language):
            found[one.article_id] = one
    return found


def _rank(edition: Edition, language: str) -> tuple[bool, bool, str]:
    return edition.language != language, edition.language != "de", edition.language


def card(article: Article, edition: Edition, installed: ProductVersion | None) -> Card:
    """An article that was read with its product and area, in the words of an edition read with its versions."""
    return Card(
        pk=article.pk,
        kind=article.kind,
        kind_name=str(ArticleKind(article.kind).label),
        title=edition.title,
        summary=edition.summary,
        language=edition.language,
        product=article.product.name,
        area=article.area.name if article.area else "",
        hold=hold_of(edition, article.kind, installed),
        label=edition.label,
        changed_at=article.changed_at,
        is_revised=bool(article.published_at and article.changed_at and article.changed_at > article.published_at),
        helped=article.helped,
        votes=article.helped + article.not_helped,
        is_internal=article.visibility == Visibility.INTERNAL,
    )
