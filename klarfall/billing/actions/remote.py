"""Start and end a remote session with its time; one that was forgotten ends by itself and bills nothing of that."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.billing import remote_time, timing
from klarfall.billing.actions.time import start_timer
from klarfall.billing.capping import watch
from klarfall.billing.models import TimeEntry, WorkChannel
from klarfall.core.action import action
from klarfall.tickets import acting
from klarfall.tickets.events import record
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Concern, RemoteSession, RemoteStatus, Ticket
from klarfall.tickets.progress import settle
from klarfall.tickets.remote_rules import NoRemoteSession, line, locked_session

__all__ = ["end_session", "start_session", "still_there", "watch_session"]


@action
def start_session(session: RemoteSession, *, concern: Concern, purpose: str, actor: Any, now: datetime) -> TimeEntry:
    """Begin a session to which the customer has agreed, or join one that runs: the timer is that of any other work.

    Which minutes are billable is up to the engine: without an accepted cost notice, none.
    """
    permissions.require("remote.hold", actor)
    return start_timer(
        concern,
        purpose=purpose,
        channel=WorkChannel.REMOTE,
        activity=session.purpose,
        remote_session=session,
        actor=actor,
        now=now,
    )


@action
def end_session(session: RemoteSession, *, note: str = "", actor: Any, now: datetime) -> RemoteSession:
    """End a running session: any contact who sees the request, at any time, or one of us. Its timers end at `now`.

    `note` is what was done, as the customer reads it. Raises NotAllowed, NoRemoteSession or TransitionNotAllowed.
    """
    words = line(note, field="note", limit=240, required=False)
    ticket = locked(session.ticket)
    acting.require("remote.end", actor, ticket, now)
    session = locked_session(session)
    if session.status != RemoteStatus.RUNNING:
        raise NoRemoteSession(_("This session is not running (any more)."))
    _end(session, ticket, actor=actor, now=now, note=words)
    return session


@action
def still_there(session: RemoteSession, *, actor: Any, now: datetime) -> RemoteSession:
    """Say that a long session goes on; otherwise it would end by itself."""
    ticket = locked(session.ticket)
    acting.require("remote.hold", actor, ticket, now)
    session = locked_session(session)
    if session.status != RemoteStatus.RUNNING:
        raise NoRemoteSession(_("This session is not running (any more)."))
    session.alive_at = now
    session.save(update_fields=["alive_at"])
    remote_time.watch_again(session, now + remote_time.ASKED_AFTER)
    return session


@action
def watch_session(session: RemoteSession, *, actor: Any, now: datetime) -> None:
    """Ask after two hours without a sign of life, end after four; nothing after the last sign counts as time.

    By the clock only. Repeat it at any time.
    """
    permissions.require("remote.watch", actor)
    ticket = locked(session.ticket)
    session = locked_session(session)
    if session.status != RemoteStatus.RUNNING:
        return
    last = remote_time.last_sign(session)
    if now - last >= remote_time.ENDS_AFTER:
        _end(session, ticket, actor=actor, now=now, until=last)
    elif now - last < remote_time.ASKED_AFTER:
        remote_time.watch_again(session, last + remote_time.ASKED_AFTER)
    else:
        if session.reminded_at is None or session.reminded_at < last:
            session.reminded_at = now
            session.save(update_fields=["reminded_at"])
            record(ticket, "remote.reminded", actor=actor, now=now, data={"session": session.pk})
        remote_time.watch_again(session, last + remote_time.ENDS_AFTER)


def _end(
    session: RemoteSession,
    ticket: Ticket,
    *,
    actor: Any,
    now: datetime,
    note: str = "",
    until: datetime | None = None,
) -> None:
    """Stop every timer of a locked session; the last one ends it."""
    running = TimeEntry.objects.filter(remote_session=session, raw_end__isnull=True).select_related("concern")
    concerns = {}
    for entry in running.order_by("pk"):
        words = note if note and entry.agent_id == actor.pk else None
        timing.finish(entry, ticket=ticket, actor=actor, now=now, activity=words, until=until)
        concerns[entry.concern_id] = entry.concern
    session.refresh_from_db()
    if session.status == RemoteStatus.RUNNING:
        remote_time.end(session, ticket=ticket, actor=actor, now=now)
    if note:
        session.note = note
        session.save(update_fields=["note"])
    for concern in concerns.values():
        watch(concern, ticket=ticket, actor=actor, now=now)
    settle(ticket, actor=actor, now=now)
