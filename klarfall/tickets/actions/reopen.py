"""Reopen a solved request within 14 days; also one that was declined, because a new offer can follow."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.core.action import Refused, action
from klarfall.tickets import acting, conversation, progress, sla
from klarfall.tickets import text as texts
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Ticket


class NotReopenable(Refused):
    """The request is not solved, or the 14 days are over."""

    code = "not_reopenable"


@action
def reopen(ticket: Ticket, *, text: str, actor: Any, now: datetime) -> Ticket:
    """The customer says what is still open; what was done is in review again. Returns the ticket."""
    words = texts.required(text, field="text")
    ticket = locked(ticket)
    acting.require("ticket.reopen", actor, ticket, now)
    if ticket.is_live:
        raise NotReopenable(_("This request is open already. Please write a message."))
    if not ticket.can_reopen(now):
        raise NotReopenable(_("The 14 days are over. Please write to us: your message opens a new request."))
    progress.reopen(ticket, actor=actor, now=now)
    message, files = conversation.write(ticket, text=words, from_customer=True, actor=actor, now=now)
    conversation.note(message, files, ticket=ticket, actor=actor, now=now)
    conversation.save(ticket, sla.after_question(ticket, now), now=now)
    progress.settle(ticket, actor=actor, now=now)
    return ticket
