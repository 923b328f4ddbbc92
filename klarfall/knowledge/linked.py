"""Articles that a text names: what the viewer in force may know of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Case, F, QuerySet, TextField, Value, When

from klarfall.core.isolation import current_viewer
from klarfall.knowledge import addresses, markup
from klarfall.knowledge.models import ArticleKind, Edition
from klarfall.knowledge.status import EditionStatus

_FIRST = [
    EditionStatus.PUBLISHED.value,
    EditionStatus.SCHEDULED.value,
    EditionStatus.REVIEW.value,
    EditionStatus.DRAFT.value,
]


@dataclass(frozen=True)
class Linked:
    """An article that the viewer may read: its title in the language asked for, if it has one there."""

    pk: int
    edition: int
    kind: str
    title: str
    #: Of manuals only, whose chapters have pages of their own.
    body: str

    def address(self, anchor: str) -> str:
        """Where it is read, at a heading of it."""
        chapter = _chapter(self.edition, self.body, anchor) if self.body and anchor else ""
        return addresses.of_article(self.pk, chapter=chapter, anchor=anchor)


def linked_articles(pks: Iterable[int], language: str) -> dict[int, Linked]:
    """Those of the articles that the viewer in force may read; one query."""
    rows = sorted(_editions(pks), key=lambda row: (row[2] == language, row[2] == "de", -_FIRST.index(row[3])))
    names = dict(ArticleKind.choices)
    return {pk: Linked(pk, edition, str(names[kind]), title, body) for pk, edition, _l, _s, kind, title, body in rows}


def _editions(pks: Iterable[int]) -> QuerySet[Edition, tuple[int, int, str, str, str, str, str]]:
    viewer = current_viewer()
    wanted = _FIRST if viewer is not None and viewer.sees_everything else _FIRST[:1]
    body = Case(When(article__kind=ArticleKind.MANUAL, then=F("body")), default=Value(""), output_field=TextField())
    rows = Edition.objects.filter(article__in=set(pks), status__in=wanted).annotate(chapters=body)
    found: QuerySet[Edition, tuple[int, int, str, str, str, str, str]] = rows.values_list(
        "article_id", "pk", "language", "status", "article__kind", "title", "chapters"
    )
    return found


@lru_cache(maxsize=1024)
def _chapter(edition: int, body: str, anchor: str) -> str:
    """The chapter of a manual in which a heading stands; empty for what stands before the first, or nowhere."""
    chapter = ""
    for _place, name, _words, level in markup.headings(markup.parsed(body)):
        if level == 2:  # noqa: PLR2004 - chapters
            chapter = name
        if name == anchor:
            return chapter
    return ""
