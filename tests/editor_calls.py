"""Calls of the actions with which editors keep synonyms and gaps, and specialists the articles of requests."""

from collections.abc import Callable
from typing import Any

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.actions import synonyms, uses
from klarfall.knowledge.models import ArticleUse

_KEEP = "synonym.change"
_WORDS = ("Hausmeister", "Objektbetreuer")


def _detach(t: Any) -> None:
    with viewing_as(SYSTEM):
        use, _made = ArticleUse.objects.get_or_create(
            customer=t.story.cast.acme, ticket=t.ticket("new"), article=t.thing("article"),
            defaults={"created_by": t.story.cast.anna, "created_at": t.story.now},
        )  # fmt: skip
    uses.detach_article(use, **t.who)


#: Action -> permission, and a call that would do it.
CALLS: dict[Callable[..., Any], tuple[str, Callable[[Any], Any]]] = {
    synonyms.add_synonyms: (_KEEP, lambda t: synonyms.add_synonyms(words=_WORDS, **t.who)),
    synonyms.change_synonyms: (
        _KEEP,
        lambda t: synonyms.change_synonyms(t.thing("synonyms"), words=_WORDS, **t.who),
    ),
    synonyms.switch_synonyms: (
        _KEEP,
        lambda t: synonyms.switch_synonyms(t.thing("synonyms"), active=False, **t.who),
    ),
    synonyms.settle_miss: ("article.write", lambda t: synonyms.settle_miss(t.thing("miss"), done=True, **t.who)),
    # Contacts put articles to their requests; they are refused for another reason than their role.
    uses.detach_article: ("article.attach", _detach),
}
