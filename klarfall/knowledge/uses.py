"""The articles of a request: read along with it, named only where the viewer in force reads them."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from klarfall.knowledge.models import ArticleUse, Edition
from klarfall.knowledge.status import EditionStatus

#: More are never shown beside a request.
_MOST = 12


@dataclass(frozen=True)
class Used:
    """One article of a request; `asked_from`: the customer wrote the request from it."""

    pk: int
    title: str
    language: str
    asked_from: bool


def uses_column() -> ArraySubquery:
    """What a query of tickets reads along as `article_uses`; see `used_articles`.

    Such queries are prepared once and asked for months, so no day may stand in them, and with it no contract. Hence
    the policies of PostgreSQL decide here which titles the viewer reads: for what they hide there is none.
    """
    editions: QuerySet[Edition] = QuerySet(Edition)
    current = editions.filter(article=OuterRef("article_id"), status=EditionStatus.PUBLISHED, article__live=True)
    titles = ArraySubquery(current.order_by("pk").values(said=JSONObject(language="language", title="title")))
    rows = ArticleUse.objects.filter(ticket=OuterRef("pk"), source=False).order_by("-asked_from", "pk")
    return ArraySubquery(rows.values(found=JSONObject(article="article_id", asked="asked_from", titles=titles))[:_MOST])


def used_articles(uses: list[dict[str, Any]], *, language: str) -> list[Used]:
    """The articles of `article_uses` that the viewer reads, in their language, else in German."""
    found = []
    for one in uses:
        said = {title["language"]: title["title"] for title in one["titles"]}
        spoken = next((code for code in (language, "de", *said) if code in said), None)
        if spoken is not None:
            found.append(Used(one["article"], said[spoken], spoken, bool(one["asked"])))
    return found
