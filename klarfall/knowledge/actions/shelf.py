"""Take articles off the shelf and put them back: by hand, or when their day of expiry has come."""

from datetime import datetime

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.contracts.queries import local_day
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.jobs import enqueue
from klarfall.core.workflow import move_all
from klarfall.knowledge.locking import locked
from klarfall.knowledge.models import Article
from klarfall.knowledge.status import EditionStatus
from klarfall.knowledge.workflow import EDITION


class ShelfRefused(Refused):
    """An article that cannot be taken away or put back now."""

    code = "shelf_refused"


@action
def withdraw_article(article: Article, *, actor: User, now: datetime) -> Article:
    """Take an article away from its readers; editions, votes and links stay. Raises ShelfRefused.

    What was scheduled becomes a draft again: else the clock would bring the article back.
    """
    permissions.require("article.publish", actor)
    article = locked(article)
    if article.withdrawn_at is not None or article.published_at is None:
        raise ShelfRefused(_("This article cannot be read by anybody: there is nothing to withdraw."))
    move_all(EDITION, article.editions.filter(status=EditionStatus.SCHEDULED), "take_back")
    return _shelved(article, "article.withdrawn", live=False, withdrawn_at=now, actor=actor, now=now)


@action
def expire_article(article: Article, *, actor: User, now: datetime) -> Article:
    """Take an article away whose day has come; done by the clock. Raises ShelfRefused."""
    permissions.require("article.publish", actor)
    article = locked(article)
    if not article.live or article.expires_on is None or article.expires_on > local_day(now):
        raise ShelfRefused(_("This article does not expire now."))
    return _shelved(article, "article.expired", live=False, withdrawn_at=None, actor=actor, now=now)


@action
def bring_back(article: Article, *, actor: User, now: datetime) -> Article:
    """Let readers have a withdrawn or expired article again; a day of expiry that is over goes. Raises ShelfRefused."""
    permissions.require("article.publish", actor)
    article = locked(article)
    if article.live or not article.editions.filter(status=EditionStatus.PUBLISHED).exists():
        raise ShelfRefused(_("Only an article that was published and is not readable now can be brought back."))
    if article.expires_on is not None and article.expires_on <= local_day(now):
        article.expires_on = None
        article.save(update_fields=["expires_on"])
    return _shelved(article, "article.brought_back", live=True, withdrawn_at=None, actor=actor, now=now)


def _shelved(
    article: Article, verb: str, *, live: bool, withdrawn_at: datetime | None, actor: User, now: datetime
) -> Article:
    article.live, article.withdrawn_at = live, withdrawn_at
    article.save(update_fields=["live", "withdrawn_at"])
    audit.record(verb, article, actor=actor, now=now)
    enqueue("knowledge.index", article=article.pk)
    return article
