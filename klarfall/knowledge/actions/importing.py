"""Write down that an article came from outside; how it is read stands in `importing/`."""

from datetime import datetime

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.core import audit
from klarfall.core.action import action
from klarfall.knowledge.models import Article


@action
def note_import(article: Article, *, language: str, outcome: str, actor: User, now: datetime) -> None:
    """Record that an import made or changed an edition (`outcome`: new or changed)."""
    permissions.require("article.import", actor)
    audit.record("article.imported", article, actor=actor, now=now, data={"language": language, "outcome": outcome})
