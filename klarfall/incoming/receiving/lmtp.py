"""Mail servers deliver here: LMTP and SMTP in front of `storing.store`; 250 is said only after a mail is durable."""

import asyncio
import logging
import socket
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, TypeVar

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection
from django.utils import timezone

from klarfall.channels import own_addresses
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming.models import Way
from klarfall.incoming.receiving.sources import Listener
from klarfall.incoming.storing import store

_log = logging.getLogger(__name__)
_Found = TypeVar("_Found")

_THREADS = 4  # mails that are stored at the same time
_MOST_CONNECTIONS = 60
_MOST_RECIPIENTS = 100  # what mail servers send at once; storing keeps as many
_BUFFER = 64 * 1024  # bytes of one connection that wait to be looked at
_IDLE = 300  # seconds without a word until a connection is closed (RFC 5321, 4.5.3.2)
_LONGEST_COMMAND = 2048  # bytes: an address of 320 characters in UTF-8, and parameters
_FAREWELL = 10  # seconds that a mail in hand has when we stop
_MESSAGES_HELD = 4  # as many largest messages all connections together may have in memory

STORED = "250 2.0.0 Stored"
_NOT_NOW = "451 4.3.0 Cannot be stored at the moment, try again"
_BUSY = "452 4.3.1 Too much mail at once, try again"
_TOO_LARGE = "552 5.3.4 Message is larger than we take"
_NOT_OURS = "550 5.1.1 No such address here"
_TOO_MANY = "452 4.5.3 Too many recipients"
_NOT_YOU = "554 5.7.1 You may not deliver here"
_FULL = "421 4.3.2 Too many connections"


class _Delivery(SMTP):
    """The protocol, with another DATA: lines of any length and a bounded memory, whatever the lines are like.

    aiosmtpd refuses lines above 998 bytes, which real senders write, and keeps an object for each line: a message of
    empty lines would take thirty times its size.
    """

    line_length_limit = _BUFFER
    lmtp = False
    event_handler: "Deliveries"

    def __init__(self, deliveries: "Deliveries") -> None:
        super().__init__(
            deliveries,
            data_size_limit=settings.MAIL_MAX_BYTES,
            enable_SMTPUTF8=True,
            hostname=socket.gethostname(),
            ident="Klarfall",
            timeout=_IDLE,
            loop=asyncio.get_running_loop(),
        )
        self.command_size_limits = defaultdict(lambda: _LONGEST_COMMAND)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Look at who connects before a word is said."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        refusal = self.event_handler.refusal(transport)
        if refusal:
            transport.set_protocol(asyncio.Protocol())
            transport.write(f"{refusal}\r\n".encode("ascii"))
            transport.close()
            return
        self.event_handler.connections += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for the next one."""
        self.event_handler.connections -= 1
        super().connection_lost(error)

    async def smtp_VRFY(self, arg: str | None) -> None:  # noqa: N802 - the library's name, as those below
        """Tell nobody which addresses there are."""
        await self.push("252 2.1.5 Send some mail, we will see")

    async def smtp_HELP(self, arg: str | None) -> None:  # noqa: N802
        """There is nothing to be helped with."""
        await self.push("214 2.0.0 Deliver mail with MAIL, RCPT and DATA")

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """Take one message; LMTP answers for each of its recipients."""
        if await self.check_helo_needed():
            return
        assert self.envelope is not None  # noqa: S101 - for the type checker
        if arg or not self.envelope.rcpt_tos:
            await self.push("501 5.5.4 Syntax: DATA" if arg else "503 5.5.1 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        held = _Held(self.event_handler, self.data_size_limit or 0)
        try:
            await self._read(held)
            status = held.refused
            if not status:
                self.envelope.content = held.message()
                status = await self._call_handler_hook("DATA")
        finally:
            held.release()
        answers = len(self.envelope.rcpt_tos) if self.lmtp else 1
        self._set_post_data_state()
        await self.push("\r\n".join([status] * answers))

    async def _read(self, held: "_Held") -> None:
        """Read up to the final dot; what is too much is read past."""
        reader = self._reader
        # The dot may be the very first line: let the search see the line end before it, too.
        reader._buffer[:0] = b"\r\n"  # type: ignore[attr-defined]
        done = False
        while not done:
            try:
                piece = await reader.readuntil(b"\r\n.\r\n")
                piece, done = piece[:-3], True
            except asyncio.LimitOverrunError as more:
                piece = await reader.read(more.consumed)
            self._reset_timeout()
            held.add(piece)


class _LmtpDelivery(_Delivery, LMTP):
    """The same for LMTP (RFC 2033)."""

    lmtp = True


class _Held:
    """The message that one connection is sending, counted against what all connections may hold."""

    def __init__(self, deliveries: "Deliveries", limit: int) -> None:
        self.refused = ""
        self._deliveries, self._limit = deliveries, limit
        self._body, self._counted = bytearray(), 0

    def add(self, piece: bytes) -> None:
        if self.refused:
            return
        if len(self._body) + len(piece) > self._limit + 2:
            self.refused = _TOO_LARGE
        elif self._deliveries.held + len(piece) > _MESSAGES_HELD * (self._limit + _BUFFER):
            self.refused = _BUSY
        if self.refused:
            self.release()
            return
        self._deliveries.held += len(piece)
        self._counted += len(piece)
        self._body += piece

    def message(self) -> bytes:
        """The message, without the line end that `_read` put in front and the dots that the protocol added."""
        plain = self._body.replace(b"\r\n.", b"\r\n")
        self._body.clear()
        del plain[:2]
        return bytes(plain)

    def release(self) -> None:
        self._deliveries.held -= self._counted
        self._counted = 0
        self._body.clear()


class Deliveries:
    """The hooks of all connections: who may deliver, to whom, and how a mail is stored."""

    def __init__(self) -> None:
        self.connections = 0
        self.in_hand = 0
        #: Bytes of unfinished messages of all connections.
        self.held = 0
        self.threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="store")

    def refusal(self, transport: asyncio.Transport) -> str:
        """Why this connection is not taken; empty if it is."""
        if not _may_deliver(transport):
            return _NOT_YOU
        return _FULL if self.connections >= _MOST_CONNECTIONS else ""

    async def handle_RCPT(  # noqa: N802 - the library's name, as the next one
        self, server: _Delivery, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only our own addresses: nothing is ever passed on from here."""
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return _TOO_MANY
        try:
            ours = await self._aside(partial(_is_ours, address))
        except Error:
            return _NOT_NOW
        if not ours:
            return _NOT_OURS
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: _Delivery, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store the mail; whatever goes wrong, the server in front keeps it and tries again."""
        content, sender = envelope.content, envelope.mail_from or ""
        assert isinstance(content, bytes)  # noqa: S101 - for the type checker
        if not content.strip():
            return "554 5.6.0 The message is empty"
        sender = "" if sender == "<>" else sender
        source = "lmtp" if server.lmtp else "smtp"
        try:
            await self._aside(partial(_store, content, source, sender, tuple(envelope.rcpt_tos)))
        except Exception as problem:
            _log.warning("A mail could not be stored, its server keeps it: %s", type(problem).__name__)
            return _NOT_NOW
        return STORED

    async def handle_exception(self, error: Exception) -> str:
        """What a hostile or broken client makes us stumble over is no reason to tell it how."""
        _log.warning("A delivery broke off: %s", type(error).__name__)
        return "451 4.3.0 Error, try again"

    async def _aside(self, work: Callable[[], _Found]) -> _Found:
        """Do what asks the database in a thread."""
        self.in_hand += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, partial(_with_database, work))
        finally:
            self.in_hand -= 1

    async def finish(self) -> None:
        """Wait a moment for what is being stored, so that its server hears of it."""
        end = asyncio.get_running_loop().time() + _FAREWELL
        while self.in_hand and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0)  # the last answers leave
        self.threads.shutdown(wait=False)


def _with_database(work: Callable[[], _Found]) -> _Found:
    """Try once more on a new connection: the database may have been restarted since the last mail."""
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
    try:
        return work()
    except BaseException:
        connection.close()
        raise


def _store(raw: bytes, source: str, sender: str, recipients: Sequence[str]) -> None:
    plain = [_readable(one) for one in recipients]
    store(raw, way=Way.LMTP, source=source, envelope_from=_readable(sender), envelope_to=plain, now=timezone.now())


def _readable(address: str) -> str:
    return address.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "")


def _is_ours(address: str) -> bool:
    """One of our own addresses or of MAIL_RECIPIENTS, also with a subaddress (`support+…@`)."""
    small = _readable(address).strip().lower()
    local, _at, domain = small.rpartition("@")
    if {small, f"{local.partition('+')[0]}@{domain}", f"@{domain}"} & settings.MAIL_RECIPIENTS:
        return True
    with viewing_as(SYSTEM):
        return own_addresses.is_own(small)


def _may_deliver(transport: asyncio.Transport) -> bool:
    peer: Any = transport.get_extra_info("peername")
    if not isinstance(peer, tuple):
        return True  # a Unix socket: its permissions have decided
    address = ip_address(peer[0].partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or address
    return mapped.is_loopback or any(mapped in ip_network(one) for one in settings.SMTP_ALLOW)


class Listening:
    """The open listeners of this process."""

    def __init__(self) -> None:
        self.deliveries = Deliveries()
        self.servers: list[asyncio.AbstractServer] = []
        self.paths: list[Path] = []

    async def open(self, listener: Listener, *, lmtp: bool) -> None:
        """Begin to listen; OSError where that is not possible."""
        loop = asyncio.get_running_loop()
        factory = partial(_LmtpDelivery if lmtp else _Delivery, self.deliveries)
        if listener.path:
            server: asyncio.AbstractServer = await loop.create_unix_server(factory, listener.path)
            self.paths.append(Path(listener.path))
            self.paths[-1].chmod(0o660)  # the group decides which mail server reaches us
        else:
            server = await loop.create_server(factory, listener.host, listener.port)
        self.servers.append(server)

    async def close(self) -> None:
        """Listen no longer and finish what is in hand."""
        for server in self.servers:
            server.close()
        for path in self.paths:
            path.unlink(missing_ok=True)
        await self.deliveries.finish()
