"""A read mail as bytes and back: plain data, of which nothing is run, whoever may have written it."""

import json
import struct
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from klarfall.incoming.parsing.parsed import Address, DeliveryReport, MailFile
from klarfall.incoming.reading.html import Harmless
from klarfall.incoming.reading.machines import Signs
from klarfall.incoming.reading.visible import Visible
from klarfall.incoming.reading.whole import ReadMail

#: What is asked for, and the bytes of the message that follow.
ASKED = struct.Struct(">cQ")
WHOLE, HEADERS_ONLY = b"w", b"h"
_ANSWERED = struct.Struct(">Q")
_PLAIN = ("message_id", "in_reply_to", "references", "subject", "text", "html", "headers", "is_receipt", "problems")


def packed(mail: ReadMail) -> Iterator[bytes]:
    """The mail in pieces: a length, so many bytes of JSON, and the contents of its files one behind the other."""
    said = json.dumps(_said(mail), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    yield _ANSWERED.pack(len(said)) + said
    for one in mail.files:
        yield one.content


def unpacked(read: Callable[[int], bytes]) -> ReadMail:
    """The mail again; `read` gives exactly so many bytes, or fewer where there are no more. Raises EOFError then."""

    def exactly(size: int) -> bytes:
        found = read(size)
        if len(found) != size:
            raise EOFError
        return found

    values = json.loads(exactly(_ANSWERED.unpack(exactly(_ANSWERED.size))[0]))
    files = tuple(
        MailFile(name, kind, exactly(size), cid, inline, problem)
        for name, kind, size, cid, inline, problem in values.pop("files")
    )
    return ReadMail(files=files, **_meant(values))


def _said(mail: ReadMail) -> dict[str, Any]:
    files = [(one.name, one.content_type, len(one.content), one.cid, one.inline, one.problem) for one in mail.files]
    report = mail.report
    return {name: getattr(mail, name) for name in _PLAIN} | {
        "sender": _pair(mail.sender),
        **{name: [_pair(one) for one in getattr(mail, name)] for name in ("reply_to", "to", "cc")},
        "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
        "report": [report.action, report.status, report.recipient, report.original_id, report.explanation]
        if report
        else None,
        "said": [mail.said.text, mail.said.rest],
        "shown": [mail.shown.html, mail.shown.remote_images],
        "signs": [mail.signs.report, mail.signs.other],
        "files": files,
    }


def _pair(address: Address) -> tuple[str, str]:
    return address.name, address.address


def _meant(values: dict[str, Any]) -> dict[str, Any]:
    """The fields of a ReadMail out of what JSON knows."""
    values["sender"] = Address(*values["sender"])
    for name in ("reply_to", "to", "cc"):
        values[name] = tuple(Address(*one) for one in values[name])
    for name in ("in_reply_to", "references", "problems"):
        values[name] = tuple(values[name])
    values["sent_at"] = datetime.fromisoformat(values["sent_at"]) if values["sent_at"] else None
    values["report"] = DeliveryReport(*values["report"]) if values["report"] else None
    values["said"], values["shown"] = Visible(*values["said"]), Harmless(*values["shown"])
    values["signs"] = Signs(*values["signs"])
    return values
