"""Keep a message as it arrived, before anybody looks into it: what is stored here is never lost and stands once."""

import hashlib
import os
import re
import secrets
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, system_rows, viewing_as
from klarfall.core.jobs import enqueue
from klarfall.core.prepared import prepared
from klarfall.incoming.models import IncomingMail
from klarfall.incoming.parsing import headers

#: The job that files what is waiting; there is one in the queue at most, it takes all of them.
FILE = "incoming.file"
#: Bytes; a message above it is compressed quickly rather than well.
_LARGE = 1024 * 1024
#: Bytes that are compressed or read at once.
_CHUNK = 1024 * 1024
#: Headers that the sender writes. Servers on the way add others and change none of these.
_WRITTEN = (
    b"message-id", b"from", b"date", b"subject", b"to", b"cc", b"in-reply-to", b"references", b"content-type",
)  # fmt: skip
_HEADER = re.compile(rb"^([!-9;-~]+)[ \t]*:(.*(?:\n[ \t].*)*)", re.MULTILINE)
#: The line that mailbox files and pipes put in front; another one with every delivery.
_MAILBOX_LINE = re.compile(rb"\A\s*>?From (?![ \t]*:)[^\n]*\n")
_MESSAGE_ID = re.compile(rb"^message-id[ \t]*:\s*(<[^<>\s]{1,2000}>)", re.IGNORECASE | re.MULTILINE)
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n|\r\r")
#: Characters of the columns.
_ADDRESS, _SOURCE = 320, 200
#: Addresses of one envelope that are kept.
_MOST_RECIPIENTS = 100


class RawGone(Refused):
    """The raw message is not there (any more)."""

    code = "raw_gone"


def store(
    raw: bytes, *, way: str, source: str = "", envelope_from: str = "", envelope_to: Sequence[str] = (), now: datetime
) -> IncomingMail:
    """Store a message and have it filed; when this returns it survives a power cut.

    A second delivery of a message, even at the same instant, returns the row of the first.
    """
    mail = put(raw, way=way, source=source, envelope_from=envelope_from, envelope_to=envelope_to, now=now)
    # After the row is committed: a job that waits already then sees it for certain. Whoever dies here is
    # made up for by the clock (`jobs`).
    enqueue(FILE, key=FILE)
    return mail


def put(
    raw: bytes, *, way: str, source: str = "", envelope_from: str = "", envelope_to: Sequence[str] = (), now: datetime
) -> IncomingMail:
    """Like `store`, for who files the message at once."""
    values: dict[str, Any] = {
        "received_at": now,
        "way": way,
        "source": _storable(source)[:_SOURCE],
        "envelope_from": _storable(envelope_from)[:_ADDRESS],
        "envelope_to": [_storable(one)[:_ADDRESS] for one in envelope_to[:_MOST_RECIPIENTS]],
        "size": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "fingerprint": fingerprint(raw),
        "mail_id": _message_id(raw),
    }
    try:
        with viewing_as(SYSTEM):
            return _known(values["fingerprint"]) or _written(raw, values, now)
    except IntegrityError:  # delivered twice at the same instant
        with viewing_as(SYSTEM):
            if (known := _known(values["fingerprint"])) is not None:
                return known
        raise


def _known(mark: str) -> IncomingMail | None:
    return next(iter(_with_mark(mark=mark)), None)


@prepared
def _with_mark(*, mark: str) -> QuerySet[IncomingMail]:
    return IncomingMail.objects.filter(fingerprint=mark)


def _written(raw: bytes, values: dict[str, Any], now: datetime) -> IncomingMail:
    key = _write(raw, now)
    try:
        mail: IncomingMail = IncomingMail.objects.create(key=key, **values)
    except BaseException:
        default_storage.delete(key)
        raise
    return mail


def fingerprint(raw: bytes) -> str:
    """What is the same in every delivery of one message, and in no other message (64 hex digits).

    The headers that the sender wrote, unfolded, and the body; line ends and blanks at the end do not count, as
    servers change them. Message-ID and Date tell two equal orders apart.
    """
    head, body = _parted(raw)
    digest = hashlib.sha256()
    found: dict[bytes, list[bytes]] = {}
    for name, value in _HEADER.findall(head):
        found.setdefault(name.lower(), []).append(b" ".join(value.split()))
    for name in _WRITTEN:
        for value in found.get(name, ()):
            digest.update(name + b":" + value + b"\n")
    # a message without headers, or without an empty line behind them, has its text here
    digest.update(_HEADER.sub(b"", _MAILBOX_LINE.sub(b"", head)).strip() + b"\n")
    for chunk in _lines(body.rstrip()):
        digest.update(chunk)
    return digest.hexdigest()


def _parted(raw: bytes) -> tuple[bytes, bytes]:
    """The headers with line ends of one kind, and the body as it is."""
    end = _END_OF_HEADERS.search(raw)
    head, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    return head.replace(b"\r\n", b"\n").replace(b"\r", b"\n"), body


def _message_id(raw: bytes) -> str:
    """Its Message-ID before anybody reads it: an answer that is filed at the same time waits for it by that."""
    found = _MESSAGE_ID.search(raw[: headers.LONGEST_BLOCK])
    return headers.message_id(found[1].decode("utf-8", "replace")) if found else ""


def _lines(body: bytes) -> Iterator[bytes]:
    """The body in pieces with line ends of one kind; a pair of them that a border cuts in two counts once."""
    start = 0
    while start < len(body):
        end = start + _CHUNK
        if body[end - 1 : end] == b"\r":
            end += 1
        yield body[start:end].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        start = end


def _write(raw: bytes, now: datetime) -> str:
    """Write the message, compressed, so that it survives a power cut; returns its key."""
    key = f"mail/{now:%Y-%m-%d}/{secrets.token_hex(16)}"
    path = Path(default_storage.path(key))
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (path.parent.parent, path.parent.parent.parent):
            _sync(folder)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in _compressed(raw):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    _sync(path.parent)
    return key


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _compressed(raw: bytes) -> Iterator[bytes]:
    packer = zlib.compressobj(1 if len(raw) > _LARGE else 6)
    whole = memoryview(raw)
    for start in range(0, len(raw), _CHUNK):
        yield packer.compress(whole[start : start + _CHUNK])
    yield packer.flush()


def raw_of(mail: IncomingMail) -> bytes:
    """The message as it arrived. Raises RawGone: its retention is over, or the file is missing."""
    if not mail.key:
        raise RawGone(_("The original of this mail is no longer kept."))
    try:
        with default_storage.open(mail.key, "rb") as file:
            return _unpacked(file.read(), mail.size)
    except (FileNotFoundError, zlib.error):
        raise RawGone(_("The original of this mail is not in the file store.")) from None


def _unpacked(packed: bytes, size: int) -> bytes:
    """Never more than was put in, whatever the file has become."""
    return zlib.decompressobj().decompress(packed, max(size, 1))


def _storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()


def sweep(now: datetime, *, days: int = 30) -> int:
    """Delete raw messages of the last `days` that no row names; returns how many. Runs as SYSTEM.

    Those younger than a day stay: their row may not be committed yet.
    """
    removed = 0
    for age in range(2, days + 1):
        folder = f"mail/{now - timedelta(days=age):%Y-%m-%d}"
        try:
            keys = {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}
        except FileNotFoundError:
            continue
        keys -= set(system_rows(IncomingMail).filter(key__in=keys).values_list("key", flat=True))
        _delete(keys)
        removed += len(keys)
    return removed


def _delete(keys: Iterable[str]) -> None:
    for key in keys:
        default_storage.delete(key)
