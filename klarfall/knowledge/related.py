"""What else fits an article: others of its area or product whose titles share words with it, helpful ones first."""

import re
from typing import Any

from klarfall.knowledge.models import Article, Edition
from klarfall.knowledge.status import EditionStatus

_CANDIDATES = 60
_WORD = re.compile(r"\w{4,}")
_STEM = 6


def related(article: Article, title: str, *, language: str, limit: int = 3) -> list[Edition]:
    """Current editions of other articles with their articles, best first; one query.

    Words count as the same when they begin alike, so that inflections and compounds meet; the search proper is
    for whoever asks something.
    """
    wanted = _beginnings(title)
    found: dict[int, tuple[Any, Edition]] = {}
    for one in _candidates(article, language):
        alike = len(wanted & _beginnings(f"{one.title} {one.summary}"))
        same_area = article.area_id is not None and one.article.area_id == article.area_id
        rank = (-2 * alike - 3 * same_area, one.article.not_helped - one.article.helped, one.article_id)
        if one.article_id not in found or one.language == language:
            found[one.article_id] = (rank, one)
    best = sorted(found.values(), key=lambda pair: pair[0])
    return [one for rank, one in best if rank[0] < 0][:limit]


def _candidates(article: Article, language: str) -> list[Edition]:
    rows = Edition.objects.filter(
        status=EditionStatus.PUBLISHED,
        language__in={language, "de"},
        article__live=True,
        article__product=article.product_id,
    ).exclude(article=article.pk)
    if article.area_id is not None:
        rows = rows.filter(article__area=article.area_id)
    rows = rows.order_by("-article__changed_at", "-pk")
    return list(rows.select_related("article__area", "version_from", "version_to").defer("body")[:_CANDIDATES])


def _beginnings(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.lower())}
