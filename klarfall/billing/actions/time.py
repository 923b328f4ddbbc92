"""Record time: timer and entries by hand, corrections, and what they do to the caps."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.permissions import StaffRole
from klarfall.billing import remote_time, timing
from klarfall.billing.capping import watch
from klarfall.billing.engine import snap
from klarfall.billing.models import Purpose, TimeEntry, WorkChannel
from klarfall.billing.models.time_entry import Source
from klarfall.billing.status import EntryStatus
from klarfall.billing.timing import TimeRefused
from klarfall.core.action import NotAllowed, action
from klarfall.tickets import text
from klarfall.tickets.locking import locked_concern
from klarfall.tickets.models import Concern, RemoteSession, Ticket
from klarfall.tickets.progress import settle
from klarfall.tickets.remote_rules import locked_session
from klarfall.tickets.status import TicketStatus

__all__ = ["TimeRefused", "correct_entry", "delete_entry", "record_time", "start_timer", "stop_timer"]

_LINE = 240


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
    """Start the agent's timer; a running one is stopped and recorded: `entry.replaced` is that one, else None."""
    permissions.require("time.record", actor)
    timing.lock_agent(actor.pk)
    running = TimeEntry.objects.filter(agent=actor, status=EntryStatus.RUNNING).first()
    tickets = timing.lock_both([concern.ticket_id, *([running.ticket_id] if running else [])])
    if running is not None:
        running = _replaced(running, tickets[running.ticket_id], actor, now)
    fresh = Concern.objects.get(pk=concern.pk)
    ticket = tickets[fresh.ticket_id]
    if not ticket.is_live:
        raise TimeRefused(_("This request is finished. It has to be reopened first."))
    timing.check_overlap(actor, now, now + timing.LONGEST)
    entry = _new(
        fresh, ticket, purpose, channel, activity, remote_session, actor, now,
        raw_start=now, start=timing.start_of_timer(now), source=Source.TIMER, status=EntryStatus.RUNNING,
    )  # fmt: skip
    timing.announce(entry, ticket=ticket, actor=actor, now=now, kind="time.started")
    _follow(fresh, ticket, actor, now)
    entry.replaced = running
    return entry


@action
def stop_timer(entry: TimeEntry, *, activity: str | None = None, actor: Any, now: datetime) -> TimeEntry:
    """Stop a running timer and record its time; less than a whole clock minute counts 0 minutes."""
    concern, ticket, entry = _locked(entry, actor)
    if entry.status != EntryStatus.RUNNING:
        raise TimeRefused(_("This timer has been stopped already."))
    words = None if activity is None else text.optional_line(activity, field="activity", limit=_LINE)
    timing.finish(entry, ticket=ticket, actor=actor, now=now, activity=words)
    _follow(concern, ticket, actor, now)
    return entry


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
    """Record time by hand; more than 24 hours late it needs a reason and is marked (INV-22).

    Less than a whole clock minute is kept with 0 minutes: it was work, it costs nothing.
    """
    permissions.require("time.record", actor)
    timing.lock_agent(actor.pk)
    concern, ticket = locked_concern(concern)
    _check_open(ticket)
    timing.check_span(start, end, now)
    reason = text.optional_line(late_reason, field="late_reason", limit=_LINE)
    late = timing.is_late(end, now, reason)
    timing.check_overlap(actor, start, end)
    words = text.line(activity, field="activity", limit=_LINE) if purpose == Purpose.WORK else activity
    span = dict(zip(("start", "end"), snap(start, end), strict=True))
    entry = _new(
        concern, ticket, purpose, channel, words, remote_session, actor, now,
        raw_start=start, raw_end=end, **span, source=Source.MANUAL, is_late=late, late_reason=reason,
    )  # fmt: skip
    timing.announce(entry, ticket=ticket, actor=actor, now=now)
    _follow(concern, ticket, actor, now)
    return entry


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
    """Correct a recorded, unlocked entry of one's own (leads: any); the history keeps both versions.

    Review never becomes work afterwards: nothing becomes billable that was recorded as free.
    """
    concern, ticket, entry = _locked(entry, actor)
    if entry.status != EntryStatus.RECORDED:
        raise TimeRefused(_("Stop the timer first; time that was billed or shown in a service record stays as it is."))
    if purpose == Purpose.WORK and entry.purpose == Purpose.TRIAGE:
        raise TimeRefused(_("Review never becomes billable work afterwards."), field="purpose")
    if purpose is not None:
        entry.purpose = _known(purpose, Purpose.values, "purpose")
    if activity is not None:
        entry.activity = text.optional_line(activity, field="activity", limit=_LINE)
    _move(entry, start, end, late_reason, now)
    entry.save()
    timing.announce(entry, ticket=ticket, actor=actor, now=now, kind="time.corrected")
    _follow(concern, ticket, actor, now)
    return entry


@action
def delete_entry(entry: TimeEntry, *, actor: Any, now: datetime) -> None:
    """Delete a recorded or running, unlocked entry of one's own (leads: any); the history remembers it."""
    concern, ticket, entry = _locked(entry, actor)
    if entry.status not in (EntryStatus.RECORDED, EntryStatus.RUNNING):
        raise TimeRefused(_("Time that was billed or shown in a service record stays as it is."))
    timing.announce(entry, ticket=ticket, actor=actor, now=now, kind="time.deleted")
    entry.delete()
    remote_time.end_with(entry, ticket=ticket, actor=actor, now=now)
    _follow(concern, ticket, actor, now)


def _new(
    concern: Concern,
    ticket: Ticket,
    purpose: str,
    channel: str,
    activity: str,
    remote_session: RemoteSession | None,
    actor: Any,
    now: datetime,
    **fields: Any,
) -> TimeEntry:
    """Save a new entry after its channel, purpose and consent were checked; `fields` are its span and source."""
    channel = _known(channel, WorkChannel.values, "channel")
    remote_session = _consented(ticket, channel, remote_session, fields)
    if remote_session is not None and fields.get("status") == EntryStatus.RUNNING:
        remote_time.begin(remote_session, ticket=ticket, agent=actor, now=fields["raw_start"])
    return TimeEntry.objects.create(
        customer_id=ticket.customer_id,
        ticket=ticket,
        concern=concern,
        agent=actor,
        purpose=_known(purpose, Purpose.values, "purpose"),
        channel=channel,
        activity=text.optional_line(activity, field="activity", limit=_LINE),
        remote_session=remote_session,
        recorded_at=now,
        **fields,
    )


def _consented(
    ticket: Ticket, channel: str, session: RemoteSession | None, span: dict[str, Any]
) -> RemoteSession | None:
    """The session as it is now: no remote time without consent before it, none after its end (INV-28)."""
    if session is None:
        if channel == WorkChannel.REMOTE:
            raise TimeRefused(
                _("Remote work needs the customer's consent. Please record it first."), field="remote_session"
            )
        return None
    session = locked_session(session)
    if problem := remote_time.problem(session, ticket, span["raw_start"], span.get("raw_end")):
        raise TimeRefused(problem, field="remote_session")
    return session


def _check_open(ticket: Ticket) -> None:
    """Time may follow after a ticket was solved, not after it was closed."""
    if ticket.status in (TicketStatus.CLOSED, TicketStatus.CANCELLED):
        raise TimeRefused(_("Nothing is recorded on a request that is closed."))


def _known(value: str, values: list[str], field: str) -> str:
    if value not in values:
        raise TimeRefused(_("Please choose one of the values offered."), field=field)
    return value


def _replaced(running: TimeEntry, ticket: Ticket, actor: Any, now: datetime) -> TimeEntry | None:
    """Stop and record the agent's running timer; None when somebody has done so while we waited for the ticket."""
    running.refresh_from_db()
    if running.status != EntryStatus.RUNNING:
        return None
    timing.finish(running, ticket=ticket, actor=actor, now=now)
    _follow(Concern.objects.get(pk=running.concern_id), ticket, actor, now)
    return running


def _locked(entry: TimeEntry, actor: Any) -> tuple[Concern, Ticket, TimeEntry]:
    """The entry as it is now, under the lock of its ticket; only its agent and leads may go on."""
    permissions.require("time.record", actor)
    timing.lock_agent(entry.agent_id)
    concern, ticket = locked_concern(Concern(pk=entry.concern_id, ticket_id=entry.ticket_id))
    fresh = TimeEntry.objects.filter(pk=entry.pk).first()
    if fresh is None:
        raise TimeRefused(_("This entry has been deleted meanwhile."))
    if fresh.agent_id != actor.pk and StaffRole.LEAD not in permissions.roles_of(actor):
        raise NotAllowed(_("Only the person who worked, or a lead, may change this time."))
    return concern, ticket, fresh


def _move(entry: TimeEntry, start: datetime | None, end: datetime | None, late_reason: str, now: datetime) -> None:
    """Give an entry another span, under the same rules as a new one."""
    if start is None and end is None:
        return
    start, end = start or entry.raw_start, end or entry.raw_end or now
    timing.check_span(start, end, now)
    reason = text.optional_line(late_reason, field="late_reason", limit=_LINE) or entry.late_reason
    entry.is_late, entry.late_reason = timing.is_late(end, now, reason), reason
    timing.check_overlap(entry.agent, start, end, but=entry)
    if entry.remote_session is not None:
        problem = remote_time.problem(entry.remote_session, entry.ticket, start, end, known=True)
        if problem:
            raise TimeRefused(problem, field="start")
    entry.raw_start, entry.raw_end, entry.recorded_at = start, end, now
    entry.start, entry.end = snap(start, end)


def _follow(concern: Concern, ticket: Ticket, actor: Any, now: datetime) -> None:
    """Recorded time may reach a warning or the cap; the ticket's state follows."""
    watch(concern, ticket=ticket, actor=actor, now=now)
    settle(ticket, actor=actor, now=now)
