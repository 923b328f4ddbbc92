"""Bring caps up to date while timers run: the action behind the predicted jobs."""

from datetime import datetime
from typing import Any

from klarfall.billing.capping import watch
from klarfall.core.action import action
from klarfall.tickets.locking import locked_concern
from klarfall.tickets.models import Concern
from klarfall.tickets.progress import settle

__all__ = ["watch_cap"]


@action
def watch_cap(concern: Concern, *, actor: Any, now: datetime) -> Concern:
    """Warn and end offers whose minutes are used by `now`, running timers included; returns the concern."""
    concern, ticket = locked_concern(concern)
    watch(concern, ticket=ticket, actor=actor, now=now)
    settle(ticket, actor=actor, now=now)
    return concern
