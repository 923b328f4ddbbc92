"""Fill the demo's Helpdesk-Center: articles in every state with their files, through the actions of the editors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files.base import ContentFile, File

from klarfall.accounts.models import User
from klarfall.contracts.models import Area, ProductVersion
from klarfall.core import jobs, vendor
from klarfall.demo.help_life import seed_life
from klarfall.demo.help_pages import Page, film_tracks, media_path, pages
from klarfall.demo.scene import Cast
from klarfall.knowledge.actions.articles import (
    ArticleData,
    Content,
    change_article,
    create_article,
    publish_edition,
    save_draft,
    schedule_edition,
    start_edition,
    submit_edition,
)
from klarfall.knowledge.actions.media import add_media
from klarfall.knowledge.models import Article, Edition
from klarfall.knowledge.search import indexing

EDITOR = "Miriam Lorenz"
#: Every how many articles one has a day for its next review; the first of them is due.
_REVIEWED = 9
_FRIDAY = 4


@dataclass
class _Desk:
    """What is known while the articles are written."""

    cast: Cast
    now: datetime
    areas: dict[tuple[str, str], Area]
    versions: dict[tuple[str, str], ProductVersion]
    articles: dict[str, Article] = field(default_factory=dict)

    @property
    def editor(self) -> User:
        return self.cast.staff[EDITOR]

    def at(self, page: Page) -> datetime:
        """The instant at which the page came out: a working day, at an hour of its article's own."""
        day = (self.now + timedelta(days=page.published)).astimezone(vendor.zone())
        weekend = timedelta(days=max(0, day.weekday() - _FRIDAY))
        minutes = 7 * len(page.source)
        at = (day - weekend).replace(hour=9 + minutes // 60 % 7, minute=minutes % 60, second=0, microsecond=0)
        return min(self.now, at)

    def content(self, page: Page, body: str) -> Content:
        """The words of a page as an edition holds them."""
        return Content(
            title=page.title,
            summary=page.summary,
            body=body,
            version_from=self.versions.get((page.product, page.version_from)),
            version_to=self.versions.get((page.product, page.version_to)),
        )


def seed_help(cast: Cast, now: datetime) -> None:
    """Write and publish all articles, then what readers and editors made of them; the search knows them at once."""
    desk = _Desk(cast, now, _areas(), _versions())
    found = pages(now.year)
    drafts = {page: _begun(desk, page) for page in found if page.source not in desk.articles}
    for page in found:
        _finish(desk, page, drafts.get(page))
    _set_reviews(desk)
    seed_life(cast, desk.articles, now)
    _index(desk.articles.values())


def _areas() -> dict[tuple[str, str], Area]:
    return {(area.product.code, area.name): area for area in Area.objects.select_related("product")}


def _versions() -> dict[tuple[str, str], ProductVersion]:
    return {(row.product.code, row.name): row for row in ProductVersion.objects.select_related("product")}


def _begun(desk: _Desk, page: Page) -> Edition:
    """The article of a page with a draft; its links wait until every article has its number."""
    edition = create_article(
        kind=page.kind,
        product=desk.cast.products[page.product],
        area=desk.areas.get((page.product, page.area)),
        visibility=page.visibility,
        language=page.language,
        content=desk.content(page, page.body),
        source_id=page.source,
        actor=desk.cast.staff[page.owner],
        now=desk.at(page),
    )
    desk.articles[page.source] = edition.article
    return edition


def _finish(desk: _Desk, page: Page, edition: Edition | None) -> None:
    """Give a page its files and links, and bring it where it stands."""
    article, at, owner = desk.articles[page.source], desk.at(page), desk.cast.staff[page.owner]
    if edition is None:
        edition = start_edition(article, language=page.language, actor=owner, now=at)
    media = {name: _stored(article, name, owner, at) for name in page.media}
    body = page.linked(lambda source: desk.articles[source].pk, media)
    if page.variant or body != page.body:
        edition = save_draft(edition, content=desk.content(page, body), saved=edition.saved, actor=owner, now=at)
    if page.status == "review":
        submit_edition(edition, actor=owner, now=at)
    elif page.status == "scheduled":
        due = (desk.now + timedelta(days=page.published)).astimezone(vendor.zone()).replace(hour=6, minute=0)
        schedule_edition(edition, at=due, actor=desk.editor, now=at)
    elif page.status == "published":
        publish_edition(edition, actor=desk.editor, now=at)


def _stored(article: Article, name: str, actor: User, at: datetime) -> int:
    """The number of a picture or film of the article, stored with what belongs to it."""
    path = media_path(name)
    use = "video" if path.suffix == ".webm" else "picture"
    if use == "video":
        for beside, kind, language in film_tracks(name):
            add_media(article, file=_file(beside), use=kind, language=language, actor=actor, now=at)
    number: int = add_media(article, file=_file(path), use=use, actor=actor, now=at).pk
    return number


def _file(path: Path) -> File:
    return ContentFile(path.read_bytes(), name=path.name)


def _set_reviews(desk: _Desk) -> None:
    """Some articles are to be read again, one of them since last week."""
    chosen: Sequence[Article] = sorted(desk.articles.values(), key=lambda one: one.pk)[::_REVIEWED]
    for number, article in enumerate(chosen):
        data = ArticleData(
            kind=article.kind,
            product=article.product,
            area=article.area,
            visibility=article.visibility,
            owner=article.owner,
            review_on=(desk.now + timedelta(days=45 * number - 7)).date(),
        )
        change_article(article, data=data, actor=desk.editor, now=desk.now)


def _index(articles: Iterable[Article]) -> None:
    """The search is made here and at once; nobody hears of a help that was there from the beginning."""
    numbers = [article.pk for article in articles]
    editions = Edition.objects.filter(article__in=numbers).values_list("pk", flat=True)
    indexing.rebuild()
    jobs.take_back("knowledge.index", "article", numbers)
    jobs.take_back("knowledge.announce", "edition", editions)
