"""Withdraw a request before anything was decided about costs."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.core.action import Refused, action
from klarfall.tickets import acting, text, workflow
from klarfall.tickets.actions.object import withdraw_open
from klarfall.tickets.events import seal
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Concern, Ticket
from klarfall.tickets.status import ConcernStatus

_COMMITTED = (ConcernStatus.OFFERED, ConcernStatus.ACCEPTED, ConcernStatus.CAP_REACHED)


class NotCancellable(Refused):
    """Something was offered or commissioned, which must be decided or stopped first."""

    code = "not_cancellable"


@action
def cancel(ticket: Ticket, *, reason: str = "", actor: Any, now: datetime) -> Ticket:
    """The customer withdraws a request that is new or in review; the reason is optional. Returns the ticket.

    An open objection ends with it: nobody would decide it on a finished request.
    """
    words = text.optional(reason, field="reason", limit=text.SHORT)
    ticket = locked(ticket)
    acting.require("ticket.cancel", actor, ticket, now)
    if Concern.objects.filter(ticket=ticket, status__in=_COMMITTED).exists():
        raise NotCancellable(
            _("There is a cost notice for this request. Please decide about it, or stop the work, first.")
        )
    withdraw_open(ticket, actor=actor, now=now)
    sealed = seal(ticket, words, person=actor) if words else None
    workflow.apply(ticket, "cancel", actor=actor, now=now, sealed=sealed, question_at=None, coverage_asked_at=None)
    return ticket
