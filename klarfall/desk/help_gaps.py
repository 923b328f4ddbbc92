"""What the help lacks: searched or read in vain, solved without an article, out of date, broken links. All bounded."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from klarfall.desk.article_list import due
from klarfall.knowledge.links import Broken, broken_of
from klarfall.knowledge.models import Article, ArticleUse, Edition, SearchMiss, Vote, VoteReason
from klarfall.knowledge.status import EditionStatus
from klarfall.tickets.models import Ticket

#: Rows of each list.
MOST = 100
#: Comments shown with an article, the latest.
_COMMENTS = 5
#: Among so many of the newest requests those are looked for that were solved without an article.
_NEWEST = 2_000
_RECENT = timedelta(days=90)
#: Texts whose links are looked at on one page.
_CHECKED = 200


@dataclass
class Unhelpful:
    """An article that did not help somebody."""

    article: Article
    title: str
    reasons: list[tuple[str, int]] = field(default_factory=list)
    comments: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def rate(self) -> int:
        """Percent of the answers that said it helped."""
        return round(100 * self.article.helped / max(1, self.article.helped + self.article.not_helped))


@dataclass
class Unanswered:
    """Solved requests about one part of a product for which nobody named an article."""

    product_id: int
    product: str
    area_id: int | None
    area: str
    count: int = 0
    tickets: list[Any] = field(default_factory=list)


def misses(*, settled: bool) -> Sequence[SearchMiss]:
    """What was searched without a result, most often first."""
    rows = SearchMiss.objects.filter(done_at__isnull=not settled).select_related("product")
    return list(rows.order_by("-times", "-id")[:MOST])


def unhelpful() -> list[Unhelpful]:
    """Articles that did not help, those with most such answers first, with reasons and the latest comments."""
    articles = Article.objects.filter(not_helped__gt=0).select_related("product").order_by("-not_helped", "pk")[:MOST]
    titles = titles_of([one.pk for one in articles])
    found = {one.pk: Unhelpful(one, titles.get(one.pk, "")) for one in articles}
    labels = dict(VoteReason.choices)
    reasons: defaultdict[int, Counter[str]] = defaultdict(Counter)
    votes = Vote.objects.filter(article__in=found, helped=False).order_by("-created_at")
    for article, reason, comment, at in votes.values_list("article_id", "reason", "comment", "created_at")[: MOST * 20]:
        if reason:
            reasons[article][reason] += 1
        if comment and len(found[article].comments) < _COMMENTS:
            found[article].comments.append((comment, at))
    for pk, counted in reasons.items():
        found[pk].reasons = [(str(labels[reason]), count) for reason, count in counted.most_common()]
    return list(found.values())


def titles_of(articles: Sequence[int]) -> dict[int, str]:
    """The titles of articles: the German one comes first."""
    rows = Edition.objects.filter(article__in=articles).exclude(status=EditionStatus.SUPERSEDED)
    ordered = rows.order_by("-language", "number").values_list("article_id", "title")
    return dict(ordered)


def unanswered(now: datetime) -> list[Unanswered]:
    """Requests that were solved in the last months without an article, by product and area, the most first."""
    newest = Ticket.objects.order_by("-pk").values("pk")[:_NEWEST]
    rows = Ticket.objects.filter(pk__in=newest, resolved_at__gte=now - _RECENT)
    rows = rows.filter(~Exists(ArticleUse.objects.filter(ticket=OuterRef("pk"))))
    columns = ("number", "title", "product_id", "product__name", "area_id", "area__name")
    found: dict[tuple[int, int | None], Unanswered] = {}
    for row in rows.order_by("-resolved_at").values(*columns):
        key = row["product_id"], row["area_id"]
        group = found.setdefault(key, Unanswered(key[0], row["product__name"], key[1], row["area__name"] or ""))
        group.count += 1
        if len(group.tickets) < _COMMENTS:
            group.tickets.append(row)
    return sorted(found.values(), key=lambda one: -one.count)[:MOST]


def due_soon(today: date) -> list[dict[str, Any]]:
    """Articles to be looked at again or about to expire, the most urgent first."""
    rows = Article.objects.filter(due(today)).select_related("product", "owner")
    found = list(rows.order_by(F("expires_on").asc(nulls_last=True), "review_on", "pk")[:MOST])
    titles = titles_of([one.pk for one in found])
    return [{"article": one, "title": titles.get(one.pk, "")} for one in found]


@dataclass(frozen=True)
class Links:
    """Broken places among some published texts, and the article with which the next ones begin (0: there are none)."""

    broken: list[Broken]
    further: int


def links(after: int) -> Links:
    """Broken places of the texts of articles from a number on."""
    mentions = Q(body__contains="article:") | Q(body__contains="media:") | Q(body__contains="](#")
    rows = Edition.objects.filter(mentions, status=EditionStatus.PUBLISHED, article__live=True, article_id__gt=after)
    texts = list(rows.select_related("article__product").order_by("article_id", "language")[: _CHECKED + 1])
    further = texts[_CHECKED - 1].article_id if len(texts) > _CHECKED else 0
    return Links(broken_of(texts[:_CHECKED]), further)
