"""Write articles: drafts and translations, what an article is about, and older editions brought back.

Drafts are saved optimistically: who saves over somebody's newer text is refused and gets both. How an edition comes
out stands in `publishing.py`.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max, ProtectedError
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.contracts.models.product import Area, Product, ProductVersion
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.changes import change
from klarfall.core.jobs import enqueue
from klarfall.knowledge import content as contents
from klarfall.knowledge import own_addresses, reach
from klarfall.knowledge.actions.publishing import (
    publish_edition,
    schedule_edition,
    send_back,
    submit_edition,
    take_back,
)
from klarfall.knowledge.actions.shelf import bring_back, withdraw_article
from klarfall.knowledge.importing.references import rewritten
from klarfall.knowledge.locking import locked, locked_edition
from klarfall.knowledge.models import Article, ArticleKind, ArticleUse, Edition, Media, SearchEntry, Visibility
from klarfall.knowledge.status import READABLE, EditionStatus
from klarfall.tickets import files

__all__ = [
    "ArticleData", "ArticleRefused", "Content", "DraftChanged", "EditionInWork",
    "bring_back", "change_article", "create_article", "discard_draft", "publish_edition", "restore_edition",
    "save_draft", "schedule_edition", "send_back", "start_edition", "submit_edition", "take_back", "withdraw_article",
]  # fmt: skip

LANGUAGES = ("de", "en")
IN_WORK = (EditionStatus.DRAFT, EditionStatus.REVIEW, EditionStatus.SCHEDULED)
_LONGEST_SUMMARY = 1_000
#: Which page saved a draft, and which of its savings it was.
_MARK = re.compile(r"([a-z0-9]{1,30}):([0-9]{1,9})")
_LENGTHS = {"title": 200, "summary": _LONGEST_SUMMARY, "label": 60, "note": 300}


class ArticleRefused(Refused):
    """Something about an article that cannot be right; `field` names it."""

    code = "article_refused"


class DraftChanged(Refused):
    """Somebody saved the draft meanwhile. `newer` is their text, so that the page can show both."""

    code = "draft_changed"

    def __init__(self, newer: Edition) -> None:
        words = _("%(name)s has saved this draft meanwhile. Both texts are kept below: please bring them together.")
        super().__init__(words % {"name": newer.changed_by.name})
        self.newer = newer


class EditionInWork(Refused):
    """A new edition in this language is being written already: `edition`."""

    code = "edition_in_work"

    def __init__(self, edition: Edition) -> None:
        super().__init__(_("A new edition in this language is being written already. Please go on with that one."))
        self.edition = edition


@dataclass(frozen=True, kw_only=True)
class Content:
    """The words of an edition; only the title must be there."""

    title: str
    summary: str = ""
    body: str = ""
    label: str = ""
    version_from: ProductVersion | None = None
    version_to: ProductVersion | None = None
    note: str = ""
    announced: bool = True


@dataclass(frozen=True, kw_only=True)
class ArticleData:
    """What an article is about, who reads it, and who looks after it until when."""

    kind: str
    product: Product
    area: Area | None
    visibility: str
    owner: User | None = None
    review_on: date | None = None
    expires_on: date | None = None


@action
def create_article(
    *,
    kind: str,
    product: Product,
    area: Area | None,
    visibility: str,
    language: str,
    content: Content,
    actor: User,
    now: datetime,
    source_id: str = "",
) -> Edition:
    """Begin an article with its first draft; the writer looks after it. Raises ArticleRefused (with `field`)."""
    permissions.require("article.write", actor)
    return begin_article(
        kind=kind, product=product, area=area, visibility=visibility, language=language,
        content=content, actor=actor, now=now, source_id=source_id,
    )  # fmt: skip


def begin_article(
    *,
    kind: str,
    product: Product,
    area: Area | None,
    visibility: str,
    language: str,
    content: Content,
    actor: User,
    now: datetime,
    source_id: str = "",
) -> Edition:
    """The step that all ways to a new article share. Not an action: who calls it has asked for the right."""
    data = ArticleData(kind=kind, product=product, area=area, visibility=visibility)
    _check_data(data)
    _check_language(language)
    values = _checked(content, product)
    owner = actor if actor.is_staff else None
    article = Article.objects.create(
        kind=kind, product=product, area=area, visibility=visibility, source_id=source_id, owner=owner, created_at=now
    )
    edition = _new_edition(article, language, values, actor, now)
    what = {"kind": kind, "product": product.pk, "visibility": visibility, "edition": edition.pk}
    audit.record("article.created", article, actor=actor, now=now, data=what)
    return edition


@action
def change_article(article: Article, *, data: ArticleData, actor: User, now: datetime) -> Article:
    """Change what an article is about and who reads it. Raises ArticleRefused (with `field`).

    What readers may meet is changed by who may publish. Another product empties the versions of its editions. Where
    others read it than before, older editions are kept from readers: they were written for fewer.
    """
    article = locked(article)
    permissions.require("article.publish" if article.published_at else "article.write", actor)
    _check_data(data)
    _check_days(article, data)
    moved = data.product.pk != article.product_id
    if reach.reaches_others((article.visibility, article.product_id), (data.visibility, data.product.pk)):
        _open_to_others(article)
    changed = change(article, _columns(data))
    if moved:
        article.editions.update(version_from=None, version_to=None)
    if changed:
        what = {"fields": changed, "product": article.product_id, "visibility": article.visibility}
        audit.record("article.changed", article, actor=actor, now=now, data=what)
        enqueue("knowledge.index", article=article.pk)
    return article


@action
def save_draft(
    edition: Edition, *, content: Content, saved: int, mark: str = "", actor: User, now: datetime
) -> Edition:
    """Save the words of a draft; `saved` is the count of the text that was read before it was changed.

    `mark` (`page:number`) names the open page and numbers its savings: a page whose last answer was lost is not told
    of itself, and an older saving of it that arrives late changes nothing. Raises DraftChanged where somebody else
    saved meanwhile, ArticleRefused and BodyRefused (with `field`). In review, who may publish mends words without
    sending the draft back.
    """
    permissions.require("article.write", actor)
    edition, article = locked_edition(edition)
    _check_open(edition, actor)
    values = _checked(content, article.product)
    if all(getattr(edition, name) == value for name, value in values.items()):
        return edition
    page, number = _mark(mark)
    last_page, last_number = _mark(edition.saved_mark)
    is_own = bool(page) and page == last_page
    if edition.saved != saved and not is_own:
        raise DraftChanged(edition)
    if is_own and number < last_number:
        return edition
    columns = {**values, "saved": edition.saved + 1, "saved_mark": mark, "changed_by": actor, "changed_at": now}
    for name, value in columns.items():
        setattr(edition, name, value)
    edition.save(update_fields=list(columns))
    return edition


def _mark(mark: str) -> tuple[str, int]:
    """The page and the number of a mark; nothing of what is none."""
    found = _MARK.fullmatch(mark)
    return (found[1], int(found[2])) if found else ("", 0)


@action
def start_edition(article: Article, *, language: str, actor: User, now: datetime) -> Edition:
    """Begin a new edition in a language: a copy of the current one, for a first translation of the other language's.

    Raises EditionInWork, ArticleRefused.
    """
    permissions.require("article.write", actor)
    _check_language(language)
    article = locked(article)
    _check_free(article, language)
    source = _newest(article, language) or _newest(article)
    if source is None:
        raise ArticleRefused(_("This article has no text to begin with."))
    edition = _new_edition(article, language, _copied(source), actor, now)
    audit.record("edition.started", article, actor=actor, now=now, data={"edition": edition.pk, "language": language})
    return edition


@action
def restore_edition(edition: Edition, *, actor: User, now: datetime) -> Edition:
    """Begin a new draft with the words of an older edition. Raises EditionInWork, ArticleRefused."""
    permissions.require("article.write", actor)
    edition, article = locked_edition(edition)
    if edition.status not in READABLE:
        raise ArticleRefused(_("Only editions that were published can be restored."))
    _check_free(article, edition.language)
    note = _("As in edition %(number)s") % {"number": edition.label or edition.number}
    restored = _new_edition(article, edition.language, _copied(edition) | {"note": note}, actor, now)
    what = {"edition": restored.pk, "from": edition.pk}
    audit.record("edition.restored", article, actor=actor, now=now, data=what)
    return restored


@action
def discard_draft(edition: Edition, *, actor: User, now: datetime) -> None:
    """Delete a draft that nobody published; with the last edition goes the article. Raises ArticleRefused.

    Who may publish discards everybody's, others what they began themselves.
    """
    edition, article = locked_edition(edition)
    permissions.require("article.write" if edition.created_by_id == actor.pk else "article.publish", actor)
    if edition.status != EditionStatus.DRAFT:
        raise ArticleRefused(_("Only drafts can be discarded."))
    audit.record("edition.discarded", article, actor=actor, now=now, data={"edition": edition.pk})
    edition.delete()
    if not article.editions.exists():
        _delete(article)


def _delete(article: Article) -> None:
    """An article without any edition; files go with it, and what says of which request it was made."""
    SearchEntry.objects.filter(article=article).delete()
    ArticleUse.objects.filter(article=article, source=True).delete()
    keys = list(Media.objects.filter(article=article).values_list("key", flat=True))
    try:
        Media.objects.filter(article=article).delete()
        article.delete()
    except ProtectedError:
        words = _("Something refers to this article. Withdraw it instead, or write on.")
        raise ArticleRefused(words) from None
    for key in keys:
        files.forget(key)


def _new_edition(article: Article, language: str, values: dict[str, Any], actor: User, now: datetime) -> Edition:
    last = article.editions.filter(language=language).aggregate(last=Max("number"))["last"] or 0
    edition: Edition = Edition.objects.create(
        article=article, language=language, number=last + 1,
        created_by=actor, created_at=now, changed_by=actor, changed_at=now, **values,
    )  # fmt: skip
    return edition


def _newest(article: Article, language: str | None = None) -> Edition | None:
    """The current edition, else the newest one, in a language or in any (German first)."""
    rows = article.editions.filter(language=language) if language else article.editions.order_by("language")
    best = sorted(rows, key=lambda one: (one.status == EditionStatus.PUBLISHED, one.language == "de", one.number))
    return best[-1] if best else None


def _copied(edition: Edition) -> dict[str, Any]:
    """The words of an edition for a new one; whether subscribers are told of that is decided anew."""
    names = ("title", "summary", "body", "version_from_id", "version_to_id")
    return {name: getattr(edition, name) for name in names} | {"announced": False}


def _checked(content: Content, product: Product) -> dict[str, Any]:
    """The words as columns, with line ends and spaces in order. Raises ArticleRefused and BodyRefused."""
    values: dict[str, Any] = _columns_of(content)
    for name, most in _LENGTHS.items():
        values[name] = " ".join(values[name].replace("\0", "").split())
        if len(values[name]) > most:
            raise ArticleRefused(_("At most %(most)s signs.") % {"most": most}, field=name)
    if not values["title"]:
        raise ArticleRefused(_("An article has a title."), field="title")
    body = content.body.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    contents.check(body)
    values["body"] = rewritten(body, own_addresses.named)
    _check_versions(content, product)
    return values


def _columns_of(content: Content) -> dict[str, Any]:
    """The fields of a content; rows stay rows."""
    return {name: getattr(content, name) for name in content.__dataclass_fields__}


def _check_versions(content: Content, product: Product) -> None:
    for name in ("version_from", "version_to"):
        version = getattr(content, name)
        if version is not None and version.product_id not in (product.pk, product.parent_id):
            raise ArticleRefused(_("This version belongs to another product."), field=name)
    first, last = content.version_from, content.version_to
    if first is not None and last is not None and last.released_on < first.released_on:
        raise ArticleRefused(_("The last version came out before the first."), field="version_to")


def _check_open(edition: Edition, actor: User) -> None:
    if edition.status == EditionStatus.REVIEW and permissions.may("article.publish", actor):
        return
    if edition.status != EditionStatus.DRAFT:
        raise ArticleRefused(_("Only drafts can be changed. Take it back first, or begin a new edition."))


def _check_free(article: Article, language: str) -> None:
    waiting = article.editions.filter(language=language, status__in=IN_WORK).first()
    if waiting is not None:
        raise EditionInWork(waiting)


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise ArticleRefused(_("Articles are written in German or English."), field="language")


def _check_data(data: ArticleData) -> None:
    if data.kind not in ArticleKind.values:
        raise ArticleRefused(_("Please choose a kind."), field="kind")
    if data.visibility not in Visibility.values:
        raise ArticleRefused(_("Please choose who reads it."), field="visibility")
    if data.area is not None and data.area.product_id not in (data.product.pk, data.product.parent_id):
        raise ArticleRefused(_("This area belongs to another product."), field="area")
    if data.owner is not None and not (data.owner.is_staff and data.owner.is_active):
        raise ArticleRefused(_("Only a colleague who works here looks after an article."), field="owner")


def _check_days(article: Article, data: ArticleData) -> None:
    """An edition that is to come out must not be expired by then."""
    due = article.editions.filter(status=EditionStatus.SCHEDULED).aggregate(last=Max("publish_at"))["last"]
    if data.expires_on and due and data.expires_on <= due.date():
        raise ArticleRefused(_("An edition comes out after that day. Please choose a later one."), field="expires_on")


def _open_to_others(article: Article) -> None:
    """Others read it from now on: not what was written for fewer, and subscribers among them are told of it."""
    article.editions.filter(status=EditionStatus.SUPERSEDED).update(withheld=True)
    if article.live:
        was = article.visibility  # and it was about this product
        enqueue("knowledge.announce_wider", article=article.pk, visibility=was, product=article.product_id)


def _columns(data: ArticleData) -> dict[str, Any]:
    return {
        "kind": data.kind,
        "product_id": data.product.pk,
        "area_id": data.area.pk if data.area else None,
        "visibility": data.visibility,
        "owner_id": data.owner.pk if data.owner else None,
        "review_on": data.review_on,
        "expires_on": data.expires_on,
    }
