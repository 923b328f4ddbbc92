"""Searching as tests need it: articles that are indexed at once, and titles instead of hits."""

from typing import Any

from klarfall.core.isolation import NOBODY, Seat, Viewer, ViewerKind, viewing_as
from klarfall.knowledge.search.finding import find, fitting, suggest
from klarfall.knowledge.search.indexing import index
from klarfall.knowledge.tests.help_steps import make_article

STAFF = Viewer(ViewerKind.STAFF)
PUBLIC = NOBODY


def contact(one: Any) -> Viewer:
    """The sight of a contact."""
    return Viewer(ViewerKind.CONTACT, one.user_id, (Seat(one.pk, one.customer_id),))


def indexed(product: Any, actor: Any, title: str, body: str = "", **more: Any) -> Any:
    """A published article that the search knows; its text is its title if nothing else is given."""
    article = make_article(product, actor, title=title, body=body or title, summary="", **more)
    index([article.pk])
    return article


def titles(viewer: Viewer, text: str, **more: Any) -> list[str]:
    """What the viewer finds; nothing if the search is unsure."""
    with viewing_as(viewer):
        found = find(text, **more)
    return [] if found.unsure else [hit.title for hit in found.hits]


def found(viewer: Viewer, text: str, **more: Any) -> Any:
    """The whole answer."""
    with viewing_as(viewer):
        return find(text, **more)


def suggested(viewer: Viewer, text: str) -> list[str]:
    """The titles that are suggested."""
    with viewing_as(viewer):
        return [one.title for one in suggest(text)]


def fitted(viewer: Viewer, text: str, **more: Any) -> list[str]:
    """The titles that fit a request."""
    with viewing_as(viewer):
        return [hit.title for hit in fitting(text, **more)]
