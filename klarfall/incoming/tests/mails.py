"""Mails as tests write them, and the shortest way of having one filed."""

from datetime import datetime
from email.message import EmailMessage
from typing import Any

from klarfall.incoming.filing import file_mail
from klarfall.incoming.models import IncomingMail, Way
from klarfall.incoming.storing import put
from tests.cast import NOW

OURS = "support@vendor.example"
_count = iter(range(1, 1_000_000))


def written(sender: str = "bernd@acme.example", **given: Any) -> EmailMessage:
    """A mail from Bernd to us; headers by keyword (`in_reply_to=…`), `text`, `html` and `files` as contents."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = given.pop("to", OURS)
    message["Subject"] = given.pop("subject", "Saldo stimmt nicht")
    message["Date"] = given.pop("date", "Tue, 24 Nov 2026 09:00:00 +0100")
    message["Message-ID"] = given.pop("message_id", f"<mail-{next(_count)}@acme.example>")
    message.set_content(given.pop("text", "Der Saldo der Liegenschaft 12 stimmt nicht."))
    if html := given.pop("html", ""):
        message.add_alternative(html, subtype="html")
    for name, content in given.pop("files", {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    for name, value in given.items():
        message[name.replace("_", "-")] = value
    return message


def taken_in(message: EmailMessage | bytes, *, now: datetime = NOW, **envelope: Any) -> IncomingMail:
    """Store and file a mail as the worker would; returns its row."""
    raw = message if isinstance(message, bytes) else message.as_bytes()
    return file_mail(put(raw, way=Way.LMTP, now=now, **envelope), now=now)


def arrives(sender: str = "bernd@acme.example", *, now: datetime = NOW, **given: Any) -> IncomingMail:
    """Write a mail and have it filed."""
    envelope = {name: given.pop(name) for name in ("envelope_from", "envelope_to", "source") if name in given}
    return taken_in(written(sender, **given), now=now, **envelope)
