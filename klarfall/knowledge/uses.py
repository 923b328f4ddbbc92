"""The articles of a request: read along with it, named only where the viewer in force reads them."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from klarfall.knowledge.models import ArticleUse
from klarfall.knowledge.shelf import current_editions

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
    """What a query of tickets reads along as `article_uses`: ids only; see `used_articles`."""
    rows = ArticleUse.objects.filter(ticket=OuterRef("pk"), source=False).order_by("-asked_from", "pk")
    return ArraySubquery(rows.values(found=JSONObject(article="article_id", asked="asked_from"))[:_MOST])


def used_articles(uses: list[dict[str, Any]], *, language: str) -> list[Used]:
    """The articles of `article_uses` with their titles; one query, none where there are none."""
    editions = current_editions([one["article"] for one in uses], language=language)
    return [
        Used(one["article"], editions[one["article"]].title, editions[one["article"]].language, bool(one["asked"]))
        for one in uses
        if one["article"] in editions
    ]
