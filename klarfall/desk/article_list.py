"""The list of articles as editors look for them: one row per article and language, page by page with a key."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.translation import gettext_lazy as _

from klarfall.desk.paging import PAGE
from klarfall.knowledge.models import Article, Edition
from klarfall.knowledge.status import EditionStatus

#: Counters of the tabs stop here and show "99+".
MOST = 99
#: Days before an article expires or is to be reviewed, from which it counts as due.
SOON = timedelta(days=14)
IN_WORK = (EditionStatus.DRAFT, EditionStatus.REVIEW, EditionStatus.SCHEDULED)
#: What a list is ordered by: the expression, and whether the last ones come first.
SORTS: dict[str, tuple[Any, bool]] = {
    "": (F("changed_at"), True),
    "oldest": (F("changed_at"), False),
    "title": (Lower("title"), False),
}
#: The tabs: value of `state`, label.
STATES = (
    ("", _("All")),
    ("work", _("In work")),
    ("review", _("To be reviewed")),
    ("scheduled", _("Scheduled")),
    ("current", _("Published")),
    ("due", _("Check again soon")),
    ("withdrawn", _("Withdrawn")),
)
_COUNTED = ("work", "review", "scheduled", "due")


@dataclass(frozen=True)
class Found:
    """One page of editions, with the query strings of its neighbours (empty: there is none)."""

    rows: list[Any] = field(default_factory=list)
    before: str = ""
    after: str = ""


def due(today: date, prefix: str = "") -> Q:
    """Articles that are to be looked at again, or expire, within the next days."""
    limit = today + SOON
    rule = Q(**{f"{prefix}review_on__lte": limit}) | Q(**{f"{prefix}expires_on__lte": limit})
    return rule & Q(**{f"{prefix}withdrawn_at__isnull": True, f"{prefix}published_at__isnull": False})


def rows_in(state: str, today: date) -> QuerySet[Any]:
    """The editions of a tab. Where one is in work and another one current, the one in work stands for both."""
    rows = Edition.objects.all()
    if state == "work":
        return rows.filter(status__in=IN_WORK)
    if state in (EditionStatus.REVIEW, EditionStatus.SCHEDULED):
        return rows.filter(status=state)
    published = rows.filter(status=EditionStatus.PUBLISHED)
    if state == "current":
        return published.filter(article__live=True)
    if state == "due":
        return published.filter(due(today, "article__"))
    if state == "withdrawn":
        return published.filter(article__withdrawn_at__isnull=False)
    newer = Edition.objects.filter(article=OuterRef("article"), language=OuterRef("language"), status__in=IN_WORK)
    return rows.filter(Q(status__in=IN_WORK) | (Q(status=EditionStatus.PUBLISHED) & ~Exists(newer)))


def counts(today: date) -> dict[str, int]:
    """How many there are in the tabs that want somebody, each up to one more than is shown."""
    rows = Edition.objects.none().values_list("pk", Value(""))
    parts = [rows_in(state, today).values_list("pk", Value(state))[: MOST + 1] for state in _COUNTED]
    found = [state for _pk, state in rows.union(*parts, all=True)]
    return {state: found.count(state) for state in _COUNTED}


def search(chosen: dict[str, Any], query: Any, user: Any, today: date) -> Found:
    """The page that is asked for. `chosen`: what the form read; `query`: `before`, `after`."""
    key, falling = SORTS[chosen.get("sort", "")]
    rows = _narrowed(rows_in(chosen.get("state", ""), today), chosen, user).annotate(key=key)
    rows = rows.select_related("article__product", "article__area", "article__owner", "changed_by")
    rows = rows.defer("body", "summary")
    before, after = _anchor(query.get("before"), key), _anchor(query.get("after"), key)
    if before:
        found = list(_ordered(_beyond(rows, before, upwards=falling), falling=not falling)[: PAGE + 1])
        more, found = len(found) > PAGE, found[:PAGE][::-1]
        return _page(found, chosen, has_before=more, has_after=True)
    if after:
        rows = _beyond(rows, after, upwards=not falling)
    found = list(_ordered(rows, falling=falling)[: PAGE + 1])
    return _page(found[:PAGE], chosen, has_before=bool(after), has_after=len(found) > PAGE)


def _narrowed(rows: QuerySet[Any], chosen: dict[str, Any], user: Any) -> QuerySet[Any]:
    names = {"kind": "article__kind", "product": "article__product_id", "area": "article__area_id"}
    same = {names[name]: chosen[name] for name in names if name in chosen}
    if language := chosen.get("language"):
        same["language"] = language
    if words := chosen.get("q"):
        rows = rows.filter(title__icontains=words)
    if chosen.get("mine"):
        rows = rows.filter(Q(article__owner=user) | Q(created_by=user) | Q(changed_by=user))
    return rows.filter(**same)


def _anchor(cursor: str | None, key: Any) -> tuple[Any, int] | None:
    """The key of the row that a cursor names; None when it cannot be read or is gone."""
    if not cursor or not cursor.isascii() or not cursor.isdecimal() or len(cursor) > 18:  # noqa: PLR2004 - a bigint
        return None
    return Edition.objects.annotate(key=key).filter(pk=int(cursor)).values_list("key", "pk").first()


def _beyond(rows: QuerySet[Any], anchor: tuple[Any, int], *, upwards: bool) -> QuerySet[Any]:
    value, pk = anchor
    lookup = GreaterThan if upwards else LessThan
    return rows.filter(lookup(F("key"), Value(value)) | Q(key=value, **{f"pk__{'gt' if upwards else 'lt'}": pk}))


def _ordered(rows: QuerySet[Any], *, falling: bool) -> QuerySet[Any]:
    return rows.order_by("-key", "-pk") if falling else rows.order_by("key", "pk")


def _page(found: list[Any], chosen: dict[str, Any], *, has_before: bool, has_after: bool) -> Found:
    def address(side: str, row: Any) -> str:
        return urlencode({**chosen, side: row.pk})

    return Found(
        rows=found,
        before=address("before", found[0]) if found and has_before else "",
        after=address("after", found[-1]) if found and has_after else "",
    )


def titles(words: str, *, most: int = 8) -> list[Any]:
    """Articles whose title has these words, the newest first, for the fields that look for an article to link."""
    rows = Edition.objects.filter(status__in=[*IN_WORK, EditionStatus.PUBLISHED], title__icontains=words[:80])
    found: dict[int, Any] = {}
    columns = ("article_id", "title", "article__kind", "article__product__name", "article__visibility")
    for row in rows.order_by("-changed_at").values(*columns)[: most * 2]:
        found.setdefault(row["article_id"], row)
    return list(found.values())[:most]


def any_article() -> bool:
    """Is there an article at all? Else the page says how to begin."""
    return bool(Article.objects.order_by().exists())
