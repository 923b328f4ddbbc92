"""One signed-in connection to a mailbox: what is new, one message after the other, waiting, marking."""

import re
import shlex
import ssl
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from imap_tools.errors import MailboxLoginError, MailboxTaggedResponseError, MailboxUidsError
from imap_tools.idle import IdleManager
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.utils import check_command_status, encode_folder

from klarfall.incoming.receiving.errors import SignInRefused
from klarfall.incoming.receiving.sources import MailboxSource

_TIMEOUT = 30  # seconds without a sign from the server
_TOKEN_TIMEOUT = 30  # seconds
_LONGEST_TOKEN = 20_000
_NEWS = {"EXISTS", "RECENT"}
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class Unfetchable(Exception):
    """The server refuses to hand out this one message."""


class _Idle(IdleManager):
    """IDLE that survives what a server may say before it begins to wait."""

    def start(self) -> None:
        """Ask the server to tell what arrives; a refusal is an error."""
        client = self.mailbox.client
        self._idle_tag = client._command("IDLE")
        while client._get_response() is not None:  # news first, or a refusal instead of "+"
            if refusal := client.tagged_commands[self._idle_tag]:
                raise MailboxTaggedResponseError(command_result=refusal, expected="+")


@dataclass
class Session:
    """Wraps imap-tools' connection; every method raises OSError, imaplib's errors or ImapToolsError."""

    source: MailboxSource
    box: BaseMailBox
    uid_validity: int = 0

    @property
    def can_idle(self) -> bool:
        return "IDLE" in self.box.client.capabilities

    def new_uids(self, above: int) -> list[int]:
        """UIDs above `above` in order."""
        self.box.client.noop()  # some servers show new mail only after it
        self._forget_news()  # what is known so far the search will find; what is told later, `idle` sees
        return [uid for uid in self._search(f"UID {above + 1}:*") if uid > above]  # the last one matches always

    def uids_for_beginning(self, since: date | None) -> list[int]:
        """What to fetch where no UID is known: everything, or what is unread or arrived since a day (UTC)."""
        if self.source.takes_all:
            return self._search("ALL")
        if since is None:
            return self._search("UNSEEN")
        month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[since.month - 1]
        return self._search(f"OR UNSEEN SINCE {since.day}-{month}-{since.year}")

    def _search(self, criteria: str) -> list[int]:
        found = self.box.client.uid("SEARCH", criteria)
        check_command_status(found, MailboxUidsError)
        return sorted({int(uid) for uid in b" ".join(one for one in found[1] if one).split()})

    def size(self, uid: int) -> int | None:
        """Bytes of a message; None if it is no longer there."""
        found = self._fetch(uid, "(UID RFC822.SIZE)")
        match = _SIZE.search(b" ".join(one for one in found if isinstance(one, bytes)))
        return int(match[1]) if match else None

    def raw(self, uid: int) -> bytes | None:
        """A whole message without marking it as read; None if it is no longer there."""
        found = self._fetch(uid, "(UID BODY.PEEK[])")
        return next((one[1] for one in found if isinstance(one, tuple)), None)

    def _fetch(self, uid: int, parts: str) -> list[Any]:
        status, found = self.box.client.uid("FETCH", str(uid), parts)
        if status != "OK":
            raise Unfetchable
        return list(found)

    def mark(self, uid: int) -> None:
        """Do with a stored message on the server what the settings say. Only this message: others' marks stay."""
        if self.source.after == "move":
            self._move(uid)
        elif self.source.after == "delete":
            self._delete(uid)
        else:
            self._store(uid, r"(\Seen)")

    def _store(self, uid: int, flags: str) -> None:
        check_command_status(self.box.client.uid("STORE", str(uid), "+FLAGS", flags), MailboxTaggedResponseError)

    def _delete(self, uid: int) -> None:
        self._store(uid, r"(\Deleted)")
        if "UIDPLUS" in self.box.client.capabilities:
            self.box.client.uid("EXPUNGE", str(uid))

    def _move(self, uid: int) -> None:
        verb = "MOVE" if "MOVE" in self.box.client.capabilities else "COPY"
        target = encode_folder(self.source.move_to).decode("ascii")
        done = self.box.client.uid(verb, str(uid), target)
        if done[0] != "OK":  # the folder may be missing
            self.box.folder.create(self.source.move_to)
            done = self.box.client.uid(verb, str(uid), target)
        check_command_status(done, MailboxTaggedResponseError)
        if verb == "COPY":
            self._delete(uid)

    def idle(self, seconds: float, stopping: Callable[[], bool]) -> None:
        """Wait until the server has news, the time is over or we are to stop."""
        deadline = time.monotonic() + seconds
        self.box.idle.start()
        if not _NEWS & set(self.box.client.untagged_responses):
            while time.monotonic() < deadline and not stopping():
                before = time.monotonic()
                if self.box.idle.poll(timeout=1) or time.monotonic() - before < 0.5:  # noqa: PLR2004 - gone, see stop
                    break
        self.box.idle.stop()  # raises if the connection is gone

    def _forget_news(self) -> None:
        for kind in _NEWS:
            self.box.client.untagged_responses.pop(kind, None)

    def close(self) -> None:
        """Sign out, as far as the connection still allows."""
        try:
            self.box.client.logout()
        except Exception:
            self.box.client.shutdown()


def open_session(source: MailboxSource, *, only_look: bool = False) -> Session:
    """Connect, encrypt, sign in and select the folder; `only_look` changes nothing on the server."""
    box = _connected(source)
    box.idle = _Idle(box)
    session = Session(source, box)
    try:
        _sign_in(source, box)
        _typ, found = box.client.capability()
        box.client.capabilities = tuple((found[-1] or b"").decode("ascii", "replace").upper().split())
        box.folder.set(source.folder, readonly=only_look)
        session.uid_validity = int((box.client.response("UIDVALIDITY")[1] or [b"0"])[-1] or 0) or 1
    except BaseException:
        session.close()
        raise
    return session


def _connected(source: MailboxSource) -> BaseMailBox:
    if source.tls == "no":
        return MailBoxUnencrypted(source.host, source.port, timeout=_TIMEOUT)
    kind = MailBox if source.tls == "implicit" else MailBoxStartTls
    return kind(source.host, source.port, timeout=_TIMEOUT, ssl_context=ssl.create_default_context())


def _sign_in(source: MailboxSource, box: BaseMailBox) -> None:
    """Without repeating what the server says: it might repeat the password."""
    token = token_of(source.token_command) if source.token_command else ""
    if not token and "LOGINDISABLED" in box.client.capabilities:
        raise SignInRefused("needs-tls")
    try:
        if token:
            box.xoauth2(source.user, token, initial_folder=None)
        elif (source.user + source.password).isascii():
            box.login(source.user, source.password, initial_folder=None)
        else:
            box.login_utf8(source.user, source.password, initial_folder=None)
    except box.client.abort:
        raise
    except (box.client.error, MailboxLoginError):
        raise SignInRefused("sign-in") from None


def token_of(command: str) -> str:
    """What the operator's command prints; it runs without a shell."""
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command
            shlex.split(command), capture_output=True, timeout=_TOKEN_TIMEOUT, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        raise SignInRefused("token") from None
    token = done.stdout.decode("ascii", "replace").strip()
    if not token or len(token) > _LONGEST_TOKEN or any(sign <= " " for sign in token):
        raise SignInRefused("token")
    return token
