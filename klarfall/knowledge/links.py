"""Links and pictures of articles that lead nowhere, or where some readers of the article may not follow."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from klarfall.knowledge import content
from klarfall.knowledge.models import Article, Edition, Media, Visibility
from klarfall.knowledge.reach import CIRCLES
from klarfall.knowledge.rendering import number
from klarfall.knowledge.skeleton import Skeleton, skeleton
from klarfall.knowledge.status import EditionStatus

_OF_ARTICLES, _OF_MEDIA = "article:", "media:"
#: Editions whose bodies are in memory at once.
_BATCH = 200


class Trouble(Enum):
    """Why a link or picture is broken."""

    MISSING = "missing"
    WITHDRAWN = "withdrawn"
    #: Some readers of the article may not read its target: they meet plain text.
    NARROWER = "narrower"
    NO_ANCHOR = "no_anchor"
    NO_MEDIA = "no_media"
    FOREIGN_MEDIA = "foreign_media"


TROUBLES = {
    Trouble.MISSING: _("The article does not exist."),
    Trouble.WITHDRAWN: _("The article cannot be read: it was withdrawn, has expired or was never published."),
    Trouble.NARROWER: _("Not everybody who reads this may read the article."),
    Trouble.NO_ANCHOR: _("The heading does not exist (any more)."),
    Trouble.NO_MEDIA: _("The picture or file does not exist."),
    Trouble.FOREIGN_MEDIA: _("The file belongs to an article that not everybody here may read."),
}


@dataclass(frozen=True)
class Broken:
    """One broken place: in which edition, the address as it is written, and why."""

    edition: Edition
    address: str
    trouble: Trouble

    @property
    def words(self) -> str:
        return str(TROUBLES[self.trouble])


def broken_links(limit: int = 500) -> list[Broken]:
    """Broken places of everything that is published, by article. Walks all current editions: for the page of editors.

    Runs as staff or the system.
    """
    rows = Edition.objects.filter(status=EditionStatus.PUBLISHED, article__live=True).filter(_mentions())
    found: list[Broken] = []
    for batch in _batches(rows.select_related("article__product").order_by("article_id", "language")):
        found += _broken(batch)
        if len(found) >= limit:
            break
    return found[:limit]


def broken_in(edition: Edition) -> list[Broken]:
    """Broken places of one edition, whatever its state: told after saving and before publishing."""
    return _broken([edition])


def broken_of(editions: Iterable[Edition]) -> list[Broken]:
    """Broken places of some editions, in a few queries for all of them."""
    return _broken(editions)


def _mentions() -> Q:
    marks = (_OF_ARTICLES, _OF_MEDIA, "](#", "/articles/", "/files/")
    return Q(*(("body__contains", one) for one in marks), _connector=Q.OR)


def _batches(rows: QuerySet[Edition]) -> Iterator[list[Edition]]:
    batch: list[Edition] = []
    for row in rows.iterator(chunk_size=_BATCH):
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _broken(editions: Iterable[Edition]) -> list[Broken]:
    """Two to four queries for all of them: articles, headings where some are named, media and whose they are."""
    texts = [(one, skeleton(one.body, one.language)) for one in editions]
    known = _Known({address for _one, text in texts for _tag, address in text.targets})
    found = []
    for edition, text in texts:
        for address in dict.fromkeys(address for _tag, address in text.targets):
            trouble = known.trouble(edition, text, address)
            if trouble is not None:
                found.append(Broken(edition, address, trouble))
    return found


class _Known:
    """What there is of all that texts name."""

    def __init__(self, addresses: set[str]) -> None:
        articles = Article.objects.select_related("product")
        self.articles = {row.pk: row for row in articles.filter(pk__in=_numbers(addresses, _OF_ARTICLES))}
        self.heads = _headings(addresses)
        wanted = _numbers(addresses, _OF_MEDIA)
        self.media = {row.pk: row for row in Media.objects.filter(pk__in=wanted).defer("text")} if wanted else {}
        owners = {row.article_id for row in self.media.values()}
        self.owners = {row.pk: row for row in articles.filter(pk__in=owners)} if owners else {}

    def trouble(self, edition: Edition, text: Skeleton, address: str) -> Trouble | None:
        """What is wrong with an address in an edition."""
        if address.startswith(_OF_ARTICLES):
            return self._of_article(edition, address)
        if address.startswith(_OF_MEDIA):
            return self._of_media(edition, address)
        if address.startswith("#") and address[1:] not in {anchor for anchor, _words, _level in text.contents}:
            return Trouble.NO_ANCHOR
        return None

    def _of_article(self, edition: Edition, address: str) -> Trouble | None:
        target = self.articles.get(number(address) or 0)
        if target is None:
            return Trouble.MISSING
        if not target.live:
            return Trouble.WITHDRAWN
        if not _reaches(edition.article, target):
            return Trouble.NARROWER
        anchor = address.partition("#")[2]
        return Trouble.NO_ANCHOR if anchor and anchor not in self.heads.get(target.pk, set()) else None

    def _of_media(self, edition: Edition, address: str) -> Trouble | None:
        row = self.media.get(number(address) or 0)
        if row is None:
            return Trouble.NO_MEDIA
        if row.article_id == edition.article_id:
            return None
        owner = self.owners[row.article_id]
        return None if owner.live and _reaches(edition.article, owner) else Trouble.FOREIGN_MEDIA


def _numbers(addresses: Iterable[str], scheme: str) -> set[int]:
    return {pk for one in addresses if one.startswith(scheme) and (pk := number(one)) is not None}


def _headings(addresses: Iterable[str]) -> dict[int, set[str]]:
    """Anchors of the articles that are named with one, in any language."""
    wanted = _numbers((one for one in addresses if "#" in one), _OF_ARTICLES)
    found: dict[int, set[str]] = {}
    if wanted:
        rows = Edition.objects.filter(article__in=wanted, status=EditionStatus.PUBLISHED)
        for article, body in rows.values_list("article_id", "body"):
            found.setdefault(article, set()).update(one.anchor for one in content.sections(body))
    return found


def _reaches(source: Article, target: Article) -> bool:
    """Whether everybody who reads the source reads the target, too."""
    mine, other = CIRCLES.index(Visibility(source.visibility)), CIRCLES.index(Visibility(target.visibility))
    if mine == other == CIRCLES.index(Visibility.CUSTOMERS):
        # A contract for a product maintains its modules too, but none for a module its product.
        return source.product_id in (target.product_id, target.product.parent_id)
    return other >= mine
