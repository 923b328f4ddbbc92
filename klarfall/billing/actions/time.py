"""Record time: timer and entries by hand, corrections, and what they do to the caps."""

from datetime import datetime
from typing import Any

from klarfall.billing.models import TimeEntry
from klarfall.core.action import action
from klarfall.tickets.models import Concern, RemoteSession


@action
def start_timer(
    concern: Concern,
    *,
    purpose: str,
    channel: str,
    activity: str = "",
    remote_session: RemoteSession | None = None,
    actor: Any,
    now: datetime,
) -> TimeEntry:
    """Start the agent's timer; a running one is stopped and recorded (`entry.replaced` is that one)."""
    raise NotImplementedError


@action
def stop_timer(entry: TimeEntry, *, activity: str | None = None, actor: Any, now: datetime) -> TimeEntry:
    """Stop a running timer and record its time."""
    raise NotImplementedError


@action
def record_time(
    concern: Concern,
    *,
    purpose: str,
    channel: str,
    start: datetime,
    end: datetime,
    activity: str,
    late_reason: str = "",
    remote_session: RemoteSession | None = None,
    actor: Any,
    now: datetime,
) -> TimeEntry:
    """Record time by hand; more than 24 hours late it needs a reason and is marked (INV-22)."""
    raise NotImplementedError


@action
def correct_entry(
    entry: TimeEntry,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    activity: str | None = None,
    purpose: str | None = None,
    late_reason: str = "",
    actor: Any,
    now: datetime,
) -> TimeEntry:
    """Correct an unlocked entry of one's own (leads: any)."""
    raise NotImplementedError


@action
def delete_entry(entry: TimeEntry, *, actor: Any, now: datetime) -> None:
    """Delete an unlocked entry of one's own (leads: any)."""
    raise NotImplementedError
