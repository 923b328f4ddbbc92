"""*Ability to work restored*: the moment from which the customer could work again, before the final solution (R14)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.core.action import Refused, action
from klarfall.tickets import conversation, text
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Ticket


class NotRestorable(Refused):
    """The moment cannot be recorded like this."""

    code = "not_restorable"


@action
def restore(ticket: Ticket, *, at: datetime, workaround: str, actor: Any, now: datetime) -> Ticket:
    """Record since when, and by what, the customer can work again; the customer sees it. Returns the ticket."""
    words = text.required(workaround, field="workaround", limit=4_000)
    ticket = locked(ticket)
    permissions.require("ticket.restore", actor)
    if not ticket.is_live:
        raise NotRestorable(_("This request is finished."))
    if ticket.restored_at is not None:
        raise NotRestorable(_("This is recorded already."))
    if at > now:
        raise NotRestorable(_("This moment lies in the future."), field="at")
    if at < ticket.submitted_at:
        raise NotRestorable(_("This moment lies before the request was sent."), field="at")
    conversation.save(ticket, {"restored_at": at, "workaround": words}, now=now)
    data = {"at": at.isoformat()}
    record(ticket, "work.restored", actor=actor, now=now, data=data, sealed=seal(ticket, words), public=True)
    return ticket
