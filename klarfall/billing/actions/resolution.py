"""Finish concerns, resolve tickets and close them: timers stop, offers end."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.billing.actions.service_records import issue_if_due
from klarfall.billing.finishing import complete, end_work
from klarfall.billing.timing import stop_timers
from klarfall.core.action import action, each_by_itself
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.close import NotResolvable, close_ticket, resolve_ticket
from klarfall.tickets.locking import locked, locked_concern
from klarfall.tickets.models import Concern, Objection, Ticket
from klarfall.tickets.progress import settle
from klarfall.tickets.workflow import apply_concern

__all__ = ["NotResolvable", "close_due", "finish_concern", "resolve"]


@action
def resolve(ticket: Ticket, *, solution: str, resolution_kind: str, actor: Any, now: datetime) -> Ticket:
    """Resolve a ticket: stops its timers, completes running offers, withdraws those still sent.

    Every concern must be assessed and none may wait for its first decision. Raises NotResolvable.
    """
    ticket = locked(ticket)
    permissions.require("ticket.resolve", actor)
    end_work(ticket, actor=actor, now=now)
    return resolve_ticket(ticket, solution=solution, resolution_kind=resolution_kind, actor=actor, now=now)


@action
def finish_concern(concern: Concern, *, actor: Any, now: datetime) -> Concern:
    """A concern is done: stops its timers, completes its running offers and withdraws those still sent."""
    concern, ticket = locked_concern(concern)
    permissions.require("work.finish", actor)
    if Objection.objects.filter(concern=concern, reviewed_at__isnull=True).exists():
        raise NotResolvable(_("The customer sees this differently. Please decide the second review first."))
    stop_timers(ticket, concern=concern, actor=actor, now=now)
    complete(concern, ticket, actor=actor, now=now)
    apply_concern(concern, "finish", ticket=ticket, actor=actor, now=now, wish_open=False, extension_open=False)
    settle(ticket, actor=actor, now=now)
    return concern


def close_due(now: datetime) -> int:
    """Close every ticket that was solved more than 14 days ago; returns how many. One that cannot is logged.

    Not an action itself: each ticket is closed by itself.
    """
    with viewing_as(SYSTEM):
        system = User.objects.system()

        def close(ticket: Ticket) -> None:
            _close(ticket, actor=system, now=now)

        return each_by_itself(list(Ticket.objects.to_close(now).order_by("pk")), close)


@action
def _close(ticket: Ticket, *, actor: Any, now: datetime) -> None:
    """Close one ticket; what it cost stands in a service record before nobody looks at it any more."""
    issue_if_due(ticket, actor=actor, now=now)
    close_ticket(locked(ticket), actor=actor, now=now)
