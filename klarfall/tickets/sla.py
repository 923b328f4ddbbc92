"""Deadlines of a ticket: recalculated here and nowhere else, in service time (R4, R56)."""

from datetime import datetime, timedelta
from typing import Any

from klarfall.service_levels import clock
from klarfall.service_levels.errors import NoOpeningTime
from klarfall.service_levels.queries import hours_of, target_of
from klarfall.tickets.models import Ticket

_MINUTE = timedelta(minutes=1)
#: Tickets without a running deadline sort behind all others, the longest waiting first.
_BEHIND = timedelta(days=3650)


def first_due(calendar: Any, impact: str, at: datetime) -> datetime:
    """When the first answer to a request sent at that instant is due (UTC)."""
    return _due_at(at, target_of(calendar, impact), calendar)


def _due_at(at: datetime, target: timedelta, calendar: Any) -> datetime:
    """Requests come in also while no service hours are entered: then nobody can say when, only that it is far off."""
    try:
        return clock.due_at(at, target, hours_of(calendar))
    except NoOpeningTime:
        return at + clock.HORIZON


def at_submission(calendar: Any, impact: str, now: datetime) -> dict[str, Any]:
    """The deadline fields of a new ticket."""
    due = first_due(calendar, impact, now)
    return {"first_due_at": due, "due_at": due, "queue_at": due}


def after(ticket: Ticket, mode: str, now: datetime) -> dict[str, Any]:
    """The deadline fields after a change of status: the clock runs, is paused or stopped."""
    if mode == "runs" and ticket.due_at is None and ticket.due_left is not None:
        left = timedelta(minutes=ticket.due_left)
        return _due(_due_at(now, left, ticket.calendar))
    if mode == "paused" and ticket.due_at is not None:
        return _none(now) | {"due_left": _minutes_left(ticket, now)}
    if mode == "stopped":
        return _none(now) | {"due_left": None}
    return {} if ticket.due_at is not None else {"queue_at": now + _BEHIND}


def after_answer(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """The deadline fields once support has answered: nothing is due until the customer writes."""
    fields = _none(now) | {"due_left": None}
    return fields if ticket.answered_at else fields | {"answered_at": now}


def after_question(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """The deadline fields once the customer has written: a running deadline stays, else a new one."""
    if ticket.due_at is not None:
        return {}
    target = target_of(ticket.calendar, ticket.impact)
    return _due(_due_at(now, target, ticket.calendar))


def minutes_left(ticket: Ticket, now: datetime) -> int | None:
    """Service minutes until the deadline, negative when it has passed; None without one."""
    if ticket.due_at is None:
        return ticket.due_left
    if now <= ticket.due_at:
        return _minutes_left(ticket, now)
    late = clock.service_time_between(ticket.due_at, now, hours_of(ticket.calendar))
    return -(late // _MINUTE)


def _minutes_left(ticket: Ticket, now: datetime) -> int:
    if ticket.due_at is None or ticket.due_at <= now:
        return 0
    left = clock.service_time_between(now, ticket.due_at, hours_of(ticket.calendar))
    return left // _MINUTE


def _due(at: datetime) -> dict[str, Any]:
    return {"due_at": at, "due_left": None, "queue_at": at}


def _none(now: datetime) -> dict[str, Any]:
    return {"due_at": None, "due_left": None, "queue_at": now + _BEHIND}
