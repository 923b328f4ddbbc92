"""A remote session runs exactly as long as time of it does: it begins with its first timer and ends with its last.

So nobody has to remember two things, and whoever ends the one ends the other at the same instant (INV-28).
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from klarfall.billing.engine import MinuteClass, classify
from klarfall.billing.facts import facts_of
from klarfall.billing.models import Purpose, TimeEntry
from klarfall.core.jobs import enqueue
from klarfall.tickets.events import record
from klarfall.tickets.models import Concern, RemoteSession, RemoteStatus, Ticket, TicketEvent
from klarfall.tickets.remote_rules import check_agreement, check_way, join, locked_session
from klarfall.tickets.workflow import apply_remote

JOB = "billing.watch_session"
#: Without a sign of life for so long the specialist is asked; after twice that the session ends by itself.
ASKED_AFTER = timedelta(hours=2)
ENDS_AFTER = 2 * ASKED_AFTER
_HELD = (RemoteStatus.AGREED, RemoteStatus.RUNNING, RemoteStatus.ENDED)


def problem(
    session: RemoteSession, ticket: Ticket, start: datetime, end: datetime | None, *, known: bool = False
) -> str:
    """Why there is no time in this session from `start` to `end` (None: a timer), in words; empty if there may be.

    `known`: the entry exists already; what was worked before a consent was taken back stays.
    """
    if not known and session.status in (RemoteStatus.DECLINED, RemoteStatus.CANCELLED):
        return _("There is no consent: the session was declined or cancelled.")
    if session.ticket_id != ticket.pk or session.consent_at is None or session.consent_at > start:
        return _("The consent was given later, or for another request.")
    if session.ended_at is not None and (end is None or end > session.ended_at):
        return _("The session is over. For another look please ask for consent anew.")
    return ""


def begin(session: RemoteSession, *, ticket: Ticket, agent: Any, now: datetime) -> None:
    """A timer starts in a locked session: the first one begins it. `problem` was asked before."""
    join(session, user=agent, now=now)
    if session.status == RemoteStatus.RUNNING:
        return
    check_way(ticket)
    check_agreement(ticket, session.dpa_reason, agent)
    apply_remote(session, "begin", ticket=ticket, actor=agent, started_at=now, alive_at=now)
    record(ticket, "remote.started", actor=agent, now=now, data={"session": session.pk}, public=True)
    watch_again(session, now + ASKED_AFTER)


def end_with(entry: TimeEntry, *, ticket: Ticket, actor: Any, now: datetime) -> None:
    """A timer of a locked ticket was stopped or deleted: its session ends unless another timer of it runs."""
    if entry.remote_session_id is None:
        return
    session = locked_session(RemoteSession(pk=entry.remote_session_id))
    running = TimeEntry.objects.filter(remote_session=session, raw_end__isnull=True)
    if session.status == RemoteStatus.RUNNING and not running.exists():
        end(session, ticket=ticket, actor=actor, now=max(now, entry.raw_end or now))


def end(session: RemoteSession, *, ticket: Ticket, actor: Any, now: datetime) -> None:
    """End a locked, running session whose timers are stopped."""
    over = max(now, session.started_at or now)
    apply_remote(session, "end", ticket=ticket, actor=actor, ended_at=over, ended_by=actor)
    data = {"session": session.pk, **_figures(session, ticket, over)}
    record(ticket, "remote.ended", actor=actor, now=now, data=data, public=True)


def _figures(session: RemoteSession, ticket: Ticket, now: datetime) -> dict[str, int]:
    """Whole minutes worked in the session, and how many of them are billable as things stand."""
    entries = list(TimeEntry.objects.filter(remote_session=session, purpose=Purpose.WORK))
    known, billable = {one.pk for one in entries}, 0
    if ticket.offered_at is not None and known:
        concerns = list(Concern.objects.filter(pk__in={one.concern_id for one in entries}))
        parts = (part for facts in facts_of(concerns).values() for part in classify(facts, until=now))
        mine = (one for one in parts if one.entry_id in known and one.minute_class is MinuteClass.BILLABLE)
        billable = sum(one.minutes for one in mine)
    return {"minutes": sum(one.minutes for one in entries), "billable": billable}


def last_sign(session: RemoteSession) -> datetime:
    """When somebody of us last did anything in the request while the session ran; its timers count no further."""
    began = session.alive_at or session.started_at or session.created_at
    agents = TimeEntry.objects.filter(remote_session=session).values("agent")
    acts = TicketEvent.objects.filter(ticket=session.ticket_id, actor__in=agents, at__gt=began)
    latest: datetime | None = acts.order_by("-sequence").values_list("at", flat=True).first()
    return max(began, latest or began)


def watch_again(session: RemoteSession, at: datetime) -> None:
    """Look at a running session again at an instant; one that has ended meanwhile finds nothing to do."""
    enqueue(JOB, at=at, key=f"{JOB}:{session.pk}:{at:%Y%m%d%H%M}", session_id=session.pk)
