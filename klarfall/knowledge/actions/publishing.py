"""Bring editions out: submit, send back, schedule, publish. A new edition supersedes the current one."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.contracts.queries import local_day
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.jobs import enqueue
from klarfall.core.workflow import move
from klarfall.knowledge.locking import locked_edition
from klarfall.knowledge.models import Article, Edition
from klarfall.knowledge.status import EditionStatus
from klarfall.knowledge.workflow import EDITION


class PublishRefused(Refused):
    """An edition that cannot come out like this; `field` names what is missing."""

    code = "publish_refused"


@action
def submit_edition(edition: Edition, *, actor: User, now: datetime) -> Edition:
    """Give a draft to review. Raises PublishRefused, TransitionNotAllowed."""
    permissions.require("article.write", actor)
    edition, article = locked_edition(edition)
    _check_words(edition)
    move(EDITION, edition, "submit", remark="", changed_at=now)
    return _recorded("edition.submitted", edition, article, actor, now)


@action
def send_back(edition: Edition, *, reason: str = "", actor: User, now: datetime) -> Edition:
    """Give a draft in review back to its writers, with a word why (its remark). Raises TransitionNotAllowed."""
    permissions.require("article.publish", actor)
    edition, article = locked_edition(edition)
    remark = " ".join(reason.split())[:300]
    move(EDITION, edition, "send_back", remark=remark, reviewed_by=actor, changed_at=now)
    return _recorded("edition.sent_back", edition, article, actor, now)


@action
def take_back(edition: Edition, *, actor: User, now: datetime) -> Edition:
    """Make a draft again of what waits for review or for its time. Raises TransitionNotAllowed.

    What is scheduled is taken back by who may publish, or by who began it.
    """
    permissions.require("article.write", actor)
    edition, article = locked_edition(edition)
    if edition.status == EditionStatus.SCHEDULED and edition.created_by_id != actor.pk:
        permissions.require("article.publish", actor)
    move(EDITION, edition, "take_back", publish_at=None, changed_at=now)
    return _recorded("edition.taken_back", edition, article, actor, now)


@action
def schedule_edition(edition: Edition, *, at: datetime, actor: User, now: datetime) -> Edition:
    """Have an edition come out at an instant. Raises PublishRefused (with `field`), TransitionNotAllowed."""
    permissions.require("article.publish", actor)
    edition, article = locked_edition(edition)
    _check_words(edition)
    if at <= now:
        raise PublishRefused(_("This time is over. Please choose a later one."), field="publish_at")
    _check_expiry(article, at)
    move(EDITION, edition, "schedule", remark="", publish_at=at, reviewed_by=actor, changed_at=now)
    return _recorded("edition.scheduled", edition, article, actor, now, at=at.isoformat())


@action
def publish_edition(edition: Edition, *, actor: User, now: datetime) -> Edition:
    """Bring an edition out: it is the current one of its language from now on. Raises PublishRefused.

    Who publishes has reviewed it; what comes out by the clock was reviewed by who scheduled it. An article that was
    withdrawn is readable again.
    """
    permissions.require("article.publish", actor)
    edition, article = locked_edition(edition)
    _check_words(edition)
    _check_expiry(article, now)
    current = article.editions.filter(language=edition.language, status=EditionStatus.PUBLISHED).first()
    if current is not None:
        move(EDITION, current, "supersede", superseded_at=now)
    reviewer = {} if edition.status == EditionStatus.SCHEDULED and not actor.is_staff else {"reviewed_by": actor}
    move(EDITION, edition, "publish", published_at=now, publish_at=None, remark="", **reviewer)
    article.live, article.withdrawn_at = True, None
    article.published_at, article.changed_at = article.published_at or now, now
    article.save(update_fields=["live", "withdrawn_at", "published_at", "changed_at"])
    _recorded("edition.published", edition, article, actor, now)
    enqueue("knowledge.index", article=article.pk)
    if edition.announced:
        enqueue("knowledge.announce", edition=edition.pk)
    return edition


def _check_words(edition: Edition) -> None:
    if not (edition.body or edition.summary):
        raise PublishRefused(_("There is nothing to read yet: please write a text first."), field="body")


def _check_expiry(article: Article, at: datetime) -> None:
    if article.expires_on is not None and article.expires_on <= local_day(at):
        words = _("The article expires before. Please choose a later day of expiry, or none.")
        raise PublishRefused(words, field="expires_on")


def _recorded(verb: str, edition: Edition, article: Article, actor: User, now: datetime, **data: Any) -> Edition:
    what = {"edition": edition.pk, "language": edition.language, "number": edition.number, **data}
    audit.record(verb, article, actor=actor, now=now, data=what)
    return edition
