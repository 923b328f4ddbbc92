"""*Add it in the portal*: mail the requester a link into this very request (R57)."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.core.action import Refused, action
from klarfall.tickets.events import record
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Ticket, TicketEvent

_KIND = "portal.suggested"
#: The same link again within this time is a second click.
_SECOND_CLICK = timedelta(minutes=10)


class LinkRefused(Refused):
    """The link is not sent."""

    code = "link_refused"


@action
def suggest_portal(ticket: Ticket, *, actor: Any, now: datetime) -> Ticket:
    """Mail the requester the link to add files and details to this request; it opens after sign-in. Returns the ticket.

    Raises NotAllowed, or LinkRefused for a finished request and for a link that went out a moment ago.
    """
    ticket = locked(ticket)
    permissions.require("call.record", actor)
    if not ticket.is_live and not ticket.can_reopen(now):
        raise LinkRefused(_("This request is closed. A new message opens a new one."))
    if TicketEvent.objects.filter(ticket=ticket, kind=_KIND, at__gt=now - _SECOND_CLICK).exists():
        raise LinkRefused(_("The link has just been mailed."))
    record(ticket, _KIND, actor=actor, now=now, public=True)
    return ticket
