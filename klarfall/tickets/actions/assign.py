"""Put a ticket into the hands of a specialist."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.core.action import Refused, action
from klarfall.tickets import conversation
from klarfall.tickets.events import record
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Ticket


class NotAssignable(Refused):
    """This person cannot take the ticket."""

    code = "not_assignable"


@action
def assign(ticket: Ticket, *, to: User | None, actor: Any, now: datetime) -> Ticket:
    """Let `to` take care of a live ticket; None puts it back to everybody. Returns the ticket."""
    ticket = locked(ticket)
    permissions.require("ticket.assign", actor)
    if not ticket.is_live:
        raise NotAssignable(_("This request is finished."))
    if to is not None and not permissions.may("ticket.review", to):
        raise NotAssignable(_("Only a specialist can take over a request."), field="to")
    before, after = ticket.assignee_id, to.pk if to else None
    if before != after:
        conversation.save(ticket, {"assignee": to}, now=now)
        data = {"from": before, "to": after}
        record(ticket, "ticket.assigned", actor=actor, now=now, data=data, public=True)
    return ticket
