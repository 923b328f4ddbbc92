"""Compose and send one mail: subject, plain text and HTML come from one template and say the same.

A mail template is a `.txt` that only sets values; the frames `core/mail.html` and `core/mail.txt`
lay them out. Both parts therefore carry the same words, and nothing is escaped twice:

    subject (required), title (else the subject without its number), preview, greeting, paragraphs,
    card, quotes, links_title, links, closing, reason
    card        meaning, verdict, lead, rows (pairs), button (pair label, url), note
    signature   lines under our name, as plain text; given by the caller, not by the template
    ways        lines of the block at the foot that says how to reach us; given by the caller, not by the template
    quotes      pairs (title, text): text is kept word for word with its line breaks
    links       dicts with label, url and note
"""

import re
import secrets
import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import engines
from django.utils.translation import get_language

from klarfall.core import vendor

_WIDTH = 72
_LONGEST_SUBJECT = 180
_NUMBER = re.compile(r"^\[[^\]]*\] ")  # the request's number in front of a subject
_VALUES = (
    *("subject", "title", "preview", "greeting", "paragraphs", "card", "quotes"),
    *("links_title", "links", "closing", "reason"),
)


@dataclass(frozen=True)
class Mail:
    """What somebody will read. `replaced` puts secret links and codes in place of their placeholders."""

    subject: str
    text: str
    html: str

    def replaced(self, secrets: dict[str, str]) -> "Mail":
        """The same mail with every placeholder replaced; the original is what may be stored."""
        text, html = self.text, self.html
        for placeholder, secret in secrets.items():
            text, html = text.replace(placeholder, secret), html.replace(placeholder, secret)
        return Mail(self.subject, text, html)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True)
class Envelope:
    """To whom a mail goes and where it belongs in the conversation."""

    address: str
    name: str = ""
    message_id: str = ""
    references: Sequence[str] = ()
    #: Our address; empty = the house's.
    sender: str = ""
    #: Where replies go; empty = to the sender.
    reply_to: str = ""
    #: Where the recipient ends such mails by one click (RFC 8058); empty where nobody subscribed to them.
    leave: str = ""


def one_line(text: str, longest: int = _LONGEST_SUBJECT) -> str:
    """A text for a header: no line breaks, no control or invisible characters, not too long."""
    spaced = " ".join(text.split())
    clean = spaced
    if not spaced.isprintable():  # most are
        clean = "".join(sign for sign in spaced if not unicodedata.category(sign).startswith("C")).strip()
    return clean if len(clean) <= longest else clean[: longest - 1].rstrip() + "…"


def wrapped(text: str, indent: str = "") -> str:
    """Running text in lines of at most 72 characters; addresses stay whole, own line breaks stay."""
    return "\n".join(
        textwrap.fill(
            line,
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in str(text).splitlines()
    )


def compose(template: str, **context: Any) -> Mail:
    """Render a mail template in the active language; a missing subject is a programming error."""
    environment = engines["jinja2"].env  # type: ignore[attr-defined]
    basics = {"vendor": vendor.current(), "language": get_language() or settings.LANGUAGE_CODE}
    module = environment.get_template(template).make_module({**basics, **context})
    values = {name: getattr(module, name, None) for name in _VALUES}
    values["greeting"] = values["greeting"] or context.get("greeting")
    values |= {name: context.get(name) or [] for name in ("ways", "signature")}
    values |= {name: context.get(name) for name in ("settings_url", "can_be_muted")}
    values["subject"] = str(module.subject)
    if context.get("reworded"):
        values = context["reworded"](values)  # the vendor's own words (`channels.mail_texts`)
    subject = values["subject"] = one_line(str(values["subject"]))
    values["title"] = values["title"] or _NUMBER.sub("", subject)
    frame = {**basics, **values, "wrapped": wrapped}
    text = environment.get_template("core/mail.txt").render(frame)
    html = environment.get_template("core/mail.html").render(frame)
    return Mail(subject, text.strip() + "\n", html)


def sender() -> str:
    """The address that our mails come from and replies go to."""
    return vendor.current().mail_from or settings.DEFAULT_FROM_EMAIL


def new_message_id(address: str = "") -> str:
    """A Message-ID of the sender's domain; kept with the mail, so that a second attempt is recognised as the same.

    Nobody works it out from others: who names it in a delivery report is believed to have seen the mail. Short, so that
    its header stays on one line, as some servers expect.
    """
    return f"<{secrets.token_hex(12)}@{(address or sender()).rpartition('@')[2] or 'localhost'}>"


def send(mail: Mail, envelope: Envelope, attachments: Sequence[Attachment] = ()) -> None:
    """Hand the mail to the mail server now. Raises what the server raises, or ValueError for bad headers."""
    profile, address = vendor.current(), envelope.sender or sender()
    headers = {
        "Auto-Submitted": "auto-generated",  # nobody's absence note may answer this
        # The same for Exchange, but without NDR: that a mail could not be delivered we want to hear.
        "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply",
        "Reply-To": formataddr((one_line(profile.support_name), envelope.reply_to or address)),
    }
    if envelope.message_id:
        headers["Message-ID"] = envelope.message_id
    if envelope.references:
        headers["In-Reply-To"] = envelope.references[-1]
        headers["References"] = " ".join(envelope.references)
    if envelope.leave:
        headers |= {"List-Unsubscribe": f"<{envelope.leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=formataddr((one_line(f"{profile.portal_name} {profile.name}"), address)),
        to=[formataddr((one_line(envelope.name, 100), envelope.address))],
        headers=headers,
    )
    message.attach_alternative(mail.html, "text/html")
    for file in attachments:
        message.attach(file.name, file.content, file.content_type)
    message.send()
