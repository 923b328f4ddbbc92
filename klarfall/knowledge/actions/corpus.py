"""Take in articles of a corpus: made, or brought up to date, and published at once."""

from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.contracts.models import Product, ProductVersion
from klarfall.contracts.models.product import MediaKind, ProductKind
from klarfall.contracts.queries import local_day
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.changes import change
from klarfall.knowledge import reach
from klarfall.knowledge.actions.publishing import publish_edition
from klarfall.knowledge.corpus import Record
from klarfall.knowledge.locking import locked
from klarfall.knowledge.models import Article, Edition
from klarfall.knowledge.status import EditionStatus

_LANGUAGE = "de"
_LONGEST_CODE = 40


class ImportRefused(Refused):
    """An article that cannot be taken in now; says why."""

    code = "import_refused"


@action
def import_product(*, name: str, kind: str, actor: User, now: datetime) -> Product:
    """The product of this name (or code); made if it is missing. A kind of help that it has not yet is added."""
    permissions.require("article.import", actor)
    product = Product.objects.filter(name=name).first() or Product.objects.filter(code=name.lower()).first()
    if product is None:
        product = Product.objects.create(
            name=name, code=_code(name), kind=ProductKind.ERP, order=Product.objects.count() + 1
        )
        audit.record("product.added", product, actor=actor, now=now, data={"code": product.code})
    if kind in MediaKind.values and kind not in product.media:
        product.media = [one for one in MediaKind.values if one == kind or one in product.media]
        product.save(update_fields=["media"])
        audit.record("product.changed", product, actor=actor, now=now, data={"fields": ["media"]})
    return product


@action
def import_version(product: Product, *, name: str, actor: User, now: datetime) -> ProductVersion:
    """The version of this name; a missing one is taken to have come out today."""
    permissions.require("article.import", actor)
    version, is_new = ProductVersion.objects.get_or_create(
        product=product, name=name, defaults={"released_on": local_day(now)}
    )
    if is_new:
        audit.record("version.added", version, actor=actor, now=now, data={"product": product.pk})
    return version


@action
def import_article(
    record: Record, *, product: Product, version: ProductVersion | None, actor: User, now: datetime
) -> Article | None:
    """Make or change the article of this id and publish what is new; None if it stands like this already.

    Where others read it than before, all older editions are kept from readers: they were written for fewer. Raises
    ImportRefused while somebody writes a new edition of it.
    """
    permissions.require("article.import", actor)
    article, changed, is_for_others = _article(record, product, now)
    words = {"title": record.title, "body": record.body, "version_from": version, "version_to": None}
    current = article.editions.filter(language=_LANGUAGE, status=EditionStatus.PUBLISHED).first()
    is_same = current is not None and all(getattr(current, name) == value for name, value in words.items())
    if is_same and not changed and article.live:
        return None
    if not (is_same and article.live):
        publish_edition(_edition(article, words, actor, now), actor=actor, now=now)
        article.refresh_from_db()
    if is_for_others:
        article.editions.filter(status=EditionStatus.SUPERSEDED).update(withheld=True)
    audit.record("article.imported", article, actor=actor, now=now, data={"fields": changed})
    return article


def _article(record: Record, product: Product, now: datetime) -> tuple[Article, list[str], bool]:
    """The article of this id as the record has it: the fields that changed, and whether others read it from now on."""
    data = {"kind": record.kind, "product_id": product.pk, "visibility": record.visibility}
    article = Article.objects.filter(source_id=record.source_id).first()
    if article is None:
        return Article.objects.create(source_id=record.source_id, created_at=now, **data), [], False
    article = locked(article)
    before = (article.visibility, article.product_id)
    changed = change(article, data)
    if article.product_id != before[1]:
        article.editions.update(version_from=None, version_to=None)
    return article, changed, reach.reaches_others(before, (article.visibility, article.product_id))


def _edition(article: Article, words: dict[str, Any], actor: User, now: datetime) -> Edition:
    editions = article.editions.filter(language=_LANGUAGE)
    if editions.filter(status__in=(EditionStatus.DRAFT, EditionStatus.REVIEW, EditionStatus.SCHEDULED)).exists():
        raise ImportRefused(_("A new edition in this language is being written already. Please go on with that one."))
    number = (editions.aggregate(last=Max("number"))["last"] or 0) + 1
    return Edition.objects.create(
        article=article,
        language=_LANGUAGE,
        number=number,
        announced=False,
        created_by=actor,
        created_at=now,
        changed_by=actor,
        changed_at=now,
        **words,
    )


def _code(name: str) -> str:
    """A free code made of the name."""
    from django.utils.text import slugify

    base = slugify(name)[: _LONGEST_CODE - 4] or "product"
    code, count = base, 1
    while Product.objects.filter(code=code).exists() or code == "new":
        count += 1
        code = f"{base}-{count}"
    return code
