"""Watches one mailbox for ever: fetches what is new, stores it, marks it; survives whatever the server does."""

import imaplib
import logging
import threading
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DataError, Error, connections
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils import timezone
from imap_tools.errors import ImapToolsError, MailboxTaggedResponseError

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming.models import Mailbox, Way
from klarfall.incoming.receiving.errors import OwnSide, code_of
from klarfall.incoming.receiving.session import Session, Unfetchable, open_session
from klarfall.incoming.receiving.sources import MailboxSource
from klarfall.incoming.storing import store

_log = logging.getLogger(__name__)

IDLE_FOR = 4 * 60  # seconds until IDLE is begun anew; servers may hang up after 29 minutes, routers much earlier
POLL_EVERY = 60  # seconds between two looks where the server does not offer IDLE
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0  # seconds after a failure, doubled each time
STEADY_AFTER = 60.0  # seconds after which a connection counts as good
_SAY_AGAIN = 3600  # seconds after which a lasting failure is logged once more
_TRY_AGAIN = 3600.0  # seconds until what could not be fetched is tried again
_MOST_SKIPPED = 200  # messages that are tried again; more of them stay in the mailbox unread
_OVERLAP = timedelta(days=2)  # where the server has numbered anew: what it dates may be a day off


class Watch(threading.Thread):
    """The thread of one mailbox; `place` is its number in MAIL_IN, which the log names instead of an address."""

    def __init__(self, source: MailboxSource, place: int, stopping: threading.Event) -> None:
        super().__init__(name=f"mailbox {place}", daemon=True)
        self.source, self.place, self.stopping = source, place, stopping
        self.pause = FIRST_PAUSE
        self.idles = True
        self.signed_in_at = 0.0
        self._said, self._said_at = "", 0.0

    def run(self) -> None:
        """Sign in again and again, with growing pauses while that fails."""
        while not self.stopping.is_set():
            try:
                self._attend()
            except Exception as problem:
                code, steady = code_of(problem), self._is_steady()
                if code != "dropped" or not steady:  # servers hang up now and then: no reason to alarm anybody
                    self._failed(code)
                self.signed_in_at = 0.0
                connections.close_all()
                self.stopping.wait(self.pause)
                self.pause = min(self.pause * 2, LONGEST_PAUSE)
        connections.close_all()

    def _attend(self) -> None:
        """One connection, from signing in until it breaks or we stop."""
        session = open_session(self.source)
        self.signed_in_at = time.monotonic()
        try:
            tried_again_at = -_TRY_AGAIN
            while not self.stopping.is_set():
                retry = time.monotonic() - tried_again_at >= _TRY_AGAIN
                tried_again_at = time.monotonic() if retry else tried_again_at
                self._succeeded(look(session, self.stopping, retry=retry))
                connections.close_all()  # waiting takes long: no connection is kept for it
                self._wait(session)
        finally:
            session.close()

    def _wait(self, session: Session) -> None:
        """Until there may be news; a server that offers IDLE and refuses it is asked every minute instead."""
        if self.idles and session.can_idle:
            try:
                session.idle(IDLE_FOR, self.stopping.is_set)
            except MailboxTaggedResponseError:
                self.idles = False
        else:
            self.stopping.wait(POLL_EVERY)

    def _is_steady(self) -> bool:
        return bool(self.signed_in_at) and time.monotonic() - self.signed_in_at >= STEADY_AFTER

    def _succeeded(self, complaint: str) -> None:
        """Only a connection that has lasted ends pauses and complaints, not one that is cut at once each time."""
        if complaint:
            self._say(complaint)
        if not self._is_steady():
            return
        self.pause = FIRST_PAUSE
        if self._said and not complaint:
            _log.info("Mailbox %s works again", self.place)
            self._said = ""

    def _failed(self, code: str) -> None:
        """Say it, and keep it where people look."""
        self._say(code)
        try:
            with viewing_as(SYSTEM):
                Mailbox.objects.update_or_create(name=self.source.name, defaults={"error": code})
        except Exception:
            _log.debug("Mailbox %s: the error could not be kept", self.place)

    def _say(self, code: str) -> None:
        """Once, and again every hour."""
        now = timezone.now().timestamp()
        if code != self._said or now - self._said_at > _SAY_AGAIN:
            _log.error("Mailbox %s is not fetched as it should be: %s", self.place, code)
            self._said, self._said_at = code, now


def look(session: Session, stopping: threading.Event, *, retry: bool) -> str:
    """Fetch everything that is new, oldest first; returns the code of what did not go well, else nothing.

    `retry`: also what could not be fetched before. Each message is stored, then marked, then remembered; whoever is
    killed in between fetches it again and finds it stored.
    """
    with viewing_as(SYSTEM):
        row: Mailbox = Mailbox.objects.get_or_create(name=session.source.name)[0]
    progress = _Progress(row, session, retry=retry)
    complaint = ""
    for uid in progress.outstanding:
        if stopping.is_set():
            return complaint
        stored = _fetch(session, uid)
        if stored:
            complaint = _marked(session, uid) or complaint
        progress.note(uid, stored=stored)
    complaint = complaint or ("skipped" if progress.skipped else "")
    progress.finish(complaint)
    return complaint


class _Progress:
    """How far a mailbox has been fetched, while it is being fetched.

    The first time, and where the server has numbered anew (another UIDVALIDITY), nothing is known. Then what has to be
    fetched is remembered first; if that is too much, the new numbering is remembered only when all of it is stored:
    whoever is killed before begins again.
    """

    def __init__(self, row: Mailbox, session: Session, *, retry: bool) -> None:
        self.row, self.session = row, session
        self.skipped: set[int] = set(row.skipped_uids)
        self.fetched = False
        self.is_new = row.uid_validity != session.uid_validity
        if self.is_new:
            self.last = max(session.new_uids(0), default=0)  # before the search: what arrives meanwhile lies above
            since = (row.fetched_at - _OVERLAP).date() if row.fetched_at else None
            self.skipped, self.outstanding = set(), session.uids_for_beginning(since)
            if len(self.outstanding) <= _MOST_SKIPPED:
                self._begin()
        else:
            self.last = row.last_uid
            self.outstanding = sorted({*(self.skipped if retry else ()), *session.new_uids(row.last_uid)})

    def _begin(self) -> None:
        """Remember what is to be fetched, so that it is even if somebody reads it before we come to it."""
        self.skipped, self.is_new = set(self.outstanding), False
        values = {"uid_validity": self.session.uid_validity, "last_uid": self.last, "skipped_uids": self._kept()}
        with viewing_as(SYSTEM):
            Mailbox.objects.filter(pk=self.row.pk).update(**values)

    def note(self, uid: int, *, stored: bool) -> None:
        """Never backwards: another machine may fetch from the same mailbox."""
        self.fetched = self.fetched or stored
        (self.skipped.discard if stored else self.skipped.add)(uid)
        if not self.is_new:
            with viewing_as(SYSTEM):
                Mailbox.objects.filter(pk=self.row.pk, uid_validity=self.session.uid_validity).update(
                    last_uid=Greatest("last_uid", Value(uid)), skipped_uids=self._kept()
                )

    def finish(self, complaint: str) -> None:
        """Everything that was outstanding is done."""
        now = timezone.now()
        values: dict[str, Any] = {"looked_at": now, "error": complaint}
        if self.fetched:
            values["fetched_at"] = now
        if self.is_new:
            values |= {"uid_validity": self.session.uid_validity, "last_uid": self.last, "skipped_uids": self._kept()}
        with viewing_as(SYSTEM):
            Mailbox.objects.filter(pk=self.row.pk).update(**values)

    def _kept(self) -> list[int]:
        return sorted(self.skipped)[-_MOST_SKIPPED:]


def _fetch(session: Session, uid: int) -> bool:
    """Store one message; False if this one cannot be fetched or stored. Raises what stands in the way of all."""
    try:
        size = session.size(uid)
        if size is not None and size > settings.MAIL_MAX_BYTES:
            return False
        raw = session.raw(uid) if size is not None else None
    except Unfetchable:
        return False
    if raw is None:
        return True  # somebody has deleted it meanwhile
    try:
        store(raw, way=Way.IMAP, source=session.source.name, now=timezone.now())
    except DataError:
        return False
    except (Error, OSError) as problem:
        raise OwnSide from problem
    except Exception as problem:
        _log.warning("A fetched mail could not be stored, it stays in its mailbox: %s", type(problem).__name__)
        return False
    return True


def _marked(session: Session, uid: int) -> str:
    """Mark a stored message; that the server refuses does no harm: it is remembered as fetched."""
    try:
        session.mark(uid)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, ImapToolsError):
        return "marking"
    return ""
