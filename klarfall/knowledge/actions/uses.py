"""Put an article to a request: the customer asked from it, or a specialist answers with it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.core.action import Refused, action
from klarfall.core.isolation import viewing_as
from klarfall.customers.models import contact_of
from klarfall.knowledge.models import Article, ArticleUse
from klarfall.knowledge.subscribers import seat_of
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Ticket


class ArticleNotFitting(Refused):
    """The article cannot belong to this request."""

    code = "article_not_fitting"


@action
def attach_article(
    ticket: Ticket, *, article: Article, asked_from: bool = False, actor: Any, now: datetime
) -> ArticleUse:
    """Put an article to a request; a second time changes nothing but that the customer asked from it.

    Contacts do it for requests of their own with what they read. Raises ArticleNotFitting, NotAllowed.
    """
    ticket = locked(ticket)
    contact = contact_of(actor, ticket.customer_id)
    permissions.require("article.attach", actor, contact)
    if not Article.objects.filter(pk=article.pk, live=True).exists():
        raise ArticleNotFitting(_("This article is no longer there."))
    if actor.is_contact:
        _check_own(ticket, contact, article)
    use: ArticleUse
    use, made = ArticleUse.objects.get_or_create(
        customer_id=ticket.customer_id,
        ticket=ticket,
        article=article,
        defaults={"asked_from": asked_from, "created_by": actor, "created_at": now},
    )
    if not made and asked_from and not use.asked_from:
        use.asked_from = True
        use.save(update_fields=["asked_from"])
    return use


@action
def detach_article(use: ArticleUse, *, actor: Any, now: datetime) -> None:
    """Take an article off a request that a specialist put to it. Raises ArticleNotFitting, NotAllowed."""
    del now
    permissions.require("article.attach", actor, contact_of(actor, use.customer_id))
    locked(use.ticket)
    if not actor.is_staff or use.asked_from or use.source:
        raise ArticleNotFitting(_("The customer asked from this article: that stays."))
    use.delete()


def _check_own(ticket: Ticket, contact: Any, article: Article) -> None:
    with viewing_as(seat_of(contact)):
        is_read = Article.objects.filter(pk=article.pk).exists()
    if ticket.contact_id != contact.pk or not is_read:
        raise ArticleNotFitting(_("This article does not fit your request."))
