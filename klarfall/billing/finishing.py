"""End the work on concerns: timers stop, offers are completed; a step of resolving and of the one button."""

from datetime import datetime
from typing import Any

from klarfall.billing.capping import watch
from klarfall.billing.endings import end_running
from klarfall.billing.timing import stop_timers
from klarfall.tickets.models import Concern, Ticket
from klarfall.tickets.status import ConcernStatus as C

_COMMISSIONED = (C.ACCEPTED, C.CAP_REACHED)


def end_work(ticket: Ticket, *, actor: Any, now: datetime) -> None:
    """Stop the timers of a locked ticket and end the offers of its commissioned concerns."""
    stop_timers(ticket, actor=actor, now=now)
    for concern in Concern.objects.filter(ticket=ticket, status__in=_COMMISSIONED).order_by("position"):
        complete(concern, ticket, actor=actor, now=now)


def complete(concern: Concern, ticket: Ticket, *, actor: Any, now: datetime) -> None:
    """Complete the running offers of a concern and withdraw those still sent.

    The used minutes are brought up to now before, so that lists keep the right figure.
    """
    watch(concern, ticket=ticket, actor=actor, now=now)
    end_running(concern, "complete", ticket=ticket, actor=actor, now=now)
