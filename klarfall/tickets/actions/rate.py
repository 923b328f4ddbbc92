"""Rate the help one got."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.core.action import Refused, action
from klarfall.tickets import acting, conversation, text
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Ticket
from klarfall.tickets.status import TicketStatus

BEST = 5


class NotRateable(Refused):
    """Only solved requests are rated, with one to five stars."""

    code = "not_rateable"


@action
def rate(ticket: Ticket, *, stars: int, comment: str = "", actor: Any, now: datetime) -> Ticket:
    """The customer rates a solved or closed ticket; a later rating replaces an earlier one. Returns the ticket."""
    words = text.optional(comment, field="comment", limit=text.SHORT)
    if isinstance(stars, bool) or not isinstance(stars, int) or not 1 <= stars <= BEST:
        raise NotRateable(_("Please choose one to five stars."), field="stars")
    ticket = locked(ticket)
    acting.require("ticket.rate", actor, ticket, now)
    if ticket.status not in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
        raise NotRateable(_("You can rate the help as soon as the request is solved."))
    sealed = seal(ticket, words, person=actor) if words else None
    conversation.save(ticket, {"rating": stars, "rating_comment": words}, now=now)
    record(ticket, "ticket.rated", actor=actor, now=now, data={"stars": stars}, sealed=sealed, public=True)
    return ticket
