"""Articles as tests need them: published, with only the arguments that matter."""

from datetime import datetime
from typing import Any

from klarfall.contracts.models import Product
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.actions.articles import Content, create_article, start_edition
from klarfall.knowledge.actions.publishing import publish_edition
from klarfall.knowledge.models import Article, Edition
from tests.cast import NOW


def make_article(
    product: Product,
    actor: Any,
    *,
    title: str = "Mahnlauf zurücknehmen",
    kind: str = "knowledge",
    visibility: str = "customers",
    language: str = "de",
    now: datetime = NOW,
    published: bool = True,
    area: Any = None,
    **content: Any,
) -> Article:
    """An article of a product for its customers; `content` goes to its first edition."""
    words = {"summary": "Kurz gesagt.", "body": "So geht es.", **content}
    edition = create_article(
        kind=kind, product=product, area=area, visibility=visibility, language=language,
        content=Content(title=title, **words), actor=actor, now=now,
    )  # fmt: skip
    if published:
        publish_edition(edition, actor=actor, now=now)
    with viewing_as(SYSTEM):
        found: Article = Article.objects.get(pk=edition.article_id)
        return found


def republish(article: Article, actor: Any, *, now: datetime = NOW, language: str = "de") -> Edition:
    """A second edition, or a translation, comes out."""
    return publish_edition(start_edition(article, language=language, actor=actor, now=now), actor=actor, now=now)
