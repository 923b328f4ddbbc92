"""What readers do with an article: say whether it helped, take that back, and having read it."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.core.action import NotAllowed, Refused, action
from klarfall.core.isolation import Seat, system_rows
from klarfall.customers.models import Contact
from klarfall.knowledge.models import Article, Edition, Vote, VoteOrigin, VoteReason

MOST_COMMENT = 1_000


class VoteRefused(Refused):
    """An answer to *Did this help?* that cannot be taken; `field` names what is wrong."""

    code = "vote_refused"


@action
def vote(
    article: Article,
    *,
    contact: Contact,
    helped: bool,
    reason: str = "",
    comment: str = "",
    edition: Edition | None = None,
    origin: str = VoteOrigin.ARTICLE,
    actor: Any,
    now: datetime,
) -> Vote:
    """Record whether an article helped somebody; a later answer replaces an earlier one (R20), in whatever company.

    `reason` (of VoteReason) and `comment` say why it did not; both are dropped where it did. Article.helped and
    Article.not_helped follow, whoever votes at the same moment. Raises VoteRefused, NotAllowed.
    """
    _require(contact, actor)
    said = _said(helped=helped, reason=reason, comment=comment)
    article = _locked(article)
    if not article.live:
        raise VoteRefused(_("This article is no longer there."))
    fields = {"helped": helped, "origin": origin, "edition": edition, "created_at": now, **said}
    earlier = _votes_of(contact, article)
    _take_back(earlier[1:], article)  # from when each company of a person had an answer of its own
    before = earlier[0] if earlier else None
    if before is None or before.helped != helped:
        if before is not None:
            _count(article, before.helped, -1)
        _count(article, helped, 1)
    kept: Vote = before or Vote(customer_id=contact.customer_id, contact=contact, article=article)
    for name, value in fields.items():
        setattr(kept, name, value)
    kept.save()
    return kept


def _said(*, helped: bool, reason: str, comment: str) -> dict[str, str]:
    """Reason and comment as they are kept: only of a no, and only reasons that there are. Raises VoteRefused."""
    words = "" if helped else comment.replace("\0", "").strip()
    if len(words) > MOST_COMMENT:
        raise VoteRefused(_("Please use at most %(most)s characters.") % {"most": MOST_COMMENT}, field="comment")
    return {"reason": "" if helped or reason not in VoteReason.values else reason, "comment": words}


@action
def withdraw_vote(article: Article, *, contact: Contact, actor: Any, now: datetime) -> None:
    """Take the person's answer back, as if it had never been given; nothing refers to it."""
    del now
    _require(contact, actor)
    article = _locked(article)
    _take_back(_votes_of(contact, article), article)


def _votes_of(contact: Contact, article: Article) -> list[Vote]:
    """What the person has said, the latest first: people count once, however many companies they work for."""
    rows = system_rows(Vote).filter(contact__user=contact.user_id, article=article)
    return list(rows.order_by("-created_at", "-pk"))


def _take_back(votes: list[Vote], article: Article) -> None:
    for one in votes:
        _count(article, one.helped, -1)
        one.delete()


_NOTE = """
    INSERT INTO knowledge_reading (customer_id, contact_id, article_id, times, read_at) VALUES (%s, %s, %s, 1, %s)
    ON CONFLICT (customer_id, contact_id, article_id)
    DO UPDATE SET times = knowledge_reading.times + 1, read_at = greatest(knowledge_reading.read_at, EXCLUDED.read_at)
"""


@action
def note_reading(article: Article, *, seat: Seat, actor: Any, now: datetime) -> None:
    """Note that a contact opened an article, for *recently read*; one statement, as pages wait for it.

    Whoever calls it has fetched the article as the contact whose `seat` it is.
    """
    del actor
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [seat.customer_id, seat.contact_id, article.pk, now])


def _require(contact: Contact, actor: Any) -> None:
    """People vote for themselves only."""
    permissions.require("article.vote", actor, contact)
    if contact.user_id != actor.pk or not contact.is_active:
        raise NotAllowed(_("You do not have the right to do this."))


def _locked(article: Article) -> Article:
    """The article, while nobody else counts on it; votes of one article wait for each other."""
    found: Article = system_rows(Article).select_for_update(no_key=True).get(pk=article.pk)
    return found


def _count(article: Article, helped: bool, step: int) -> None:
    name = "helped" if helped else "not_helped"
    system_rows(Article).filter(pk=article.pk).update(**{name: F(name) + step})
