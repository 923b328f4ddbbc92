"""Finish concerns, resolve tickets and close them: timers stop, offers end."""

from datetime import datetime
from typing import Any

from klarfall.core.action import action
from klarfall.tickets.models import Concern, Ticket


@action
def resolve(ticket: Ticket, *, solution: str, resolution_kind: str, actor: Any, now: datetime) -> Ticket:
    """Resolve a ticket: stops its timers, completes running offers, withdraws those still sent."""
    raise NotImplementedError


@action
def finish_concern(concern: Concern, *, actor: Any, now: datetime) -> Concern:
    """A concern is done: completes its running offers and withdraws those still sent."""
    raise NotImplementedError


@action
def close_due(now: datetime) -> int:
    """Close every ticket that was solved more than 14 days ago; returns how many."""
    raise NotImplementedError
