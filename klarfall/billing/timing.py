"""Rules of recorded time that several actions share: whole minutes, no overlap, not in the future (INV-22, INV-28)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection
from django.db.models import Q
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from klarfall.accounts.models import User
from klarfall.billing import remote_time, workflow
from klarfall.billing.engine import snap
from klarfall.billing.models import TimeEntry
from klarfall.billing.models.time_entry import LATE
from klarfall.billing.status import EntryStatus
from klarfall.core import vendor
from klarfall.core.action import Refused
from klarfall.tickets.events import record
from klarfall.tickets.models import Concern, Ticket
from klarfall.ui.formats import moment, time_of_day

#: A longer entry is a slip of the finger or a forgotten timer.
LONGEST = timedelta(hours=24)
#: How long recording waits for a run that is being frozen.
PATIENCE = "10s"
_MINUTE = timedelta(minutes=1)


class TimeRefused(Refused):
    """The time cannot be recorded like this; `field` says what is wrong."""

    code = "time_refused"


def start_of_timer(at: datetime) -> datetime:
    """The stored start of a running entry: snapped up to the clock minute."""
    return snap(at, at + _MINUTE)[0]


def check_span(start: datetime, end: datetime, now: datetime) -> None:
    """Refuse what cannot have been: naive instants, backwards, in the future, longer than a day."""
    for field, value in (("start", start), ("end", end)):
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise TimeRefused(_("Please enter day and time."), field=field)
    if end <= start:
        raise TimeRefused(_("The end must be later than the start."), field="end")
    if end > now:
        raise TimeRefused(_("Time cannot be recorded before it has passed."), field="end")
    if end - start > LONGEST:
        raise TimeRefused(_("This is longer than a day. Please record each day by itself."), field="end")


def is_late(end: datetime, now: datetime, reason: str) -> bool:
    """Is the entry made more than 24 hours after its end? Then it needs a reason."""
    late = now - end > LATE
    if late and not reason:
        raise TimeRefused(
            _("This is more than 24 hours ago. Please say why it is recorded so late."), field="late_reason"
        )
    return late


def check_overlap(agent: Any, start: datetime, end: datetime, *, but: TimeEntry | None = None) -> None:
    """Refuse a second entry of the same agent for the same time, naming the other one (INV-22)."""
    others = TimeEntry.objects.filter(
        Q(raw_end__isnull=True) | Q(raw_end__gt=start), agent=agent, raw_start__lt=end
    ).select_related("ticket")
    if but is not None:
        others = others.exclude(pk=but.pk)
    other = others.order_by("raw_start").first()
    if other is None:
        return
    values = {"request": f"{vendor.current().number_prefix}-{other.ticket.number}", "start": moment(other.raw_start)}
    if other.raw_end is None:
        raise TimeRefused(_("Your timer on %(request)s has been running since %(start)s.") % values, field="start")
    values["end"] = time_of_day(other.raw_end)
    raise TimeRefused(_("You have already recorded time on %(request)s: %(start)s to %(end)s.") % values, field="start")


def finish(
    entry: TimeEntry,
    *,
    ticket: Ticket,
    actor: Any,
    now: datetime,
    activity: str | None = None,
    until: datetime | None = None,
) -> None:
    """Record a running entry of a locked ticket up to `now`; the caller watches the caps.

    `until`: it was forgotten, and nothing after that instant counts. A remote session ends with its last timer.
    Whoever had to wait may be earlier than the start that another request made meanwhile: nothing was worked then.
    """
    over = max(until or now, entry.raw_start)
    start, end = snap(entry.raw_start, over)
    fields: dict[str, Any] = {"raw_end": over, "start": start, "end": end, "recorded_at": max(now, over)}
    if until is not None and now - over > LATE:
        fields |= {"is_late": True, "late_reason": _("The timer was forgotten and ended by itself.")}
    if activity is not None:
        fields["activity"] = activity
    workflow.apply_entry(entry, "finish", **fields)
    announce(entry, ticket=ticket, actor=actor, now=now)
    remote_time.end_with(entry, ticket=ticket, actor=actor, now=now)


def announce(entry: TimeEntry, *, ticket: Ticket, actor: Any, now: datetime, kind: str = "time.recorded") -> None:
    """Write recorded time into the history; customers see work, not the review (which is free)."""
    data = {
        "entry": entry.pk,
        "concern": entry.concern_id,
        "agent": entry.agent_id,
        "purpose": entry.purpose,
        "channel": entry.channel,
        "start": entry.raw_start.isoformat(),
        "end": entry.raw_end.isoformat() if entry.raw_end else None,
        "minutes": entry.minutes,
        "late": entry.is_late,
    }
    public = kind == "time.recorded" and entry.purpose == "work"
    record(ticket, kind, actor=actor, now=now, data=data, public=public)


def stop_timers(ticket: Ticket, *, concern: Concern | None = None, actor: Any, now: datetime) -> list[TimeEntry]:
    """Record every running entry of a locked ticket (or of one concern); returns them."""
    running = TimeEntry.objects.filter(ticket=ticket, status=EntryStatus.RUNNING)
    if concern is not None:
        running = running.filter(concern=concern)
    stopped = list(running.order_by("pk"))
    for entry in stopped:
        finish(entry, ticket=ticket, actor=actor, now=now)
    return stopped


class BooksBusy(Refused):
    """A billing run is being frozen and takes longer than anybody should wait; nothing was changed."""

    code = "books_busy"


def wait_for_freezing() -> None:
    """Wait while a billing run is being frozen, so that whoever goes on sees which minutes it has locked.

    Before any row is locked; no run is frozen until the end of the transaction. A large run takes minutes: after
    PATIENCE BooksBusy says so, rather than keep the web process from everybody else.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
            cursor.execute("LOCK TABLE billing_unbilled IN ROW EXCLUSIVE MODE")
            cursor.execute("SET LOCAL lock_timeout = 0")
    except OperationalError as problem:
        if not isinstance(problem.__cause__, LockNotAvailable):
            raise
        raise BooksBusy(
            _("A billing run is being frozen. Please try again in a moment; a running timer goes on meanwhile.")
        ) from problem


def lock_agent(agent_id: int) -> None:
    """One after the other for the time of one person; always before the lock of a ticket."""
    wait_for_freezing()
    User.objects.select_for_update(no_key=True).get(pk=agent_id)


def lock_both(tickets: Iterable[int]) -> dict[int, Ticket]:
    """Lock several tickets in the order of their ids, so that two people who do it never wait in a circle."""
    rows = Ticket.objects.select_for_update(of=("self",), no_key=True).select_related("calendar")
    return {ticket.pk: ticket for ticket in rows.filter(pk__in=set(tickets)).order_by("pk")}
