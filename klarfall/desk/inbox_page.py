"""One mail that arrived, read anew from its original: what it says, its files, whose it could be, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from klarfall.customers.mail_domains import domain_of, is_public
from klarfall.customers.models import Contact, Customer
from klarfall.incoming.bounded import readers
from klarfall.incoming.models import IncomingMail, Outcome
from klarfall.incoming.parsing.parsed import MailFile
from klarfall.incoming.reading.whole import ReadMail
from klarfall.incoming.storing import RawGone, raw_of
from klarfall.incoming.wording import note_words
from klarfall.ui.formats import moment

#: Characters of text that a page shows; nobody reads more of it on a screen.
SHOWN = 50_000
#: Companies and people that are suggested.
_MOST = 5
#: Outcomes after which a mail stands in no request and can still get into one.
OPEN = (Outcome.QUARANTINE, Outcome.REJECTED, Outcome.IGNORED_AUTO)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A mail as the page shows it."""

    text: str
    is_cut: bool
    rest: str
    has_html: bool
    remote_images: int
    files: Sequence[dict[str, Any]]
    problems: Sequence[str]
    recipients: str


def parsed(mail: IncomingMail) -> ReadMail | None:
    """The mail, read from its original; None when that is no longer kept."""
    try:
        return readers.read(raw_of(mail))
    except RawGone:
        return None


def opened(mail: IncomingMail, read: ReadMail) -> Opened:
    """What the page shows of it."""
    said = read.said
    return Opened(
        text=said.text[:SHOWN],
        is_cut=len(said.text) > SHOWN,
        rest=said.rest[:SHOWN],
        has_html=bool(read.html.strip()),
        remote_images=read.shown.remote_images,
        files=[_file(mail, place, one) for place, one in enumerate(read.files)],
        problems=note_words([*read.problems, *(one.problem for one in read.files if one.problem)]),
        recipients=", ".join(one.address or one.name for one in (*read.to, *read.cc)[:20]),
    )


def _file(mail: IncomingMail, place: int, file: MailFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "size": len(file.content),
        "problem": _("not readable") if file.problem else "",
        "url": reverse("desk:inbox-file", args=[mail.pk, place]),
    }


def facts(mail: IncomingMail, shown: Opened | None, now: datetime) -> list[tuple[str, str]]:
    """Sender, recipients and times."""
    sender = f"{mail.from_name} <{mail.from_address}>" if mail.from_name else mail.from_address
    other = mail.envelope_from if mail.envelope_from.lower() != mail.from_address else ""
    return [
        (_("From"), sender or _("no sender")),
        (_("Delivered for"), other),
        (_("To"), (shown.recipients if shown else "") or ", ".join(mail.envelope_to[:20])),
        (_("Written"), moment(mail.sent_at, now) if mail.sent_at else _("no date")),
        (_("Arrived"), f"{moment(mail.received_at, now)}, {mail.get_way_display()} {mail.source}".strip()),
    ]


def history(mail: IncomingMail, now: datetime) -> list[tuple[str, str]]:
    """What happened so far."""
    attempts = _("%(count)s attempts, the last one failed: %(error)s") % {"count": mail.attempts, "error": mail.error}
    return [
        (_("Arrived"), moment(mail.received_at, now)),
        (_("Tried"), attempts if mail.error else ""),
        (mail.get_outcome_display(), moment(mail.filed_at, now) if mail.filed_at else ""),
        (_("Answered"), _answered(mail, now)),
        (_("Done by"), mail.filed_by.name if mail.filed_by else ""),
    ]


def _answered(mail: IncomingMail, now: datetime) -> str:
    if not mail.answer:
        return ""
    when = moment(mail.answered_at, now) if mail.answered_at else _("is on its way")
    return f"{when}: {mail.answer}"


def whose(mail: IncomingMail) -> tuple[list[Any], list[Any]]:
    """Contacts with exactly this address, and companies with its domain; a mere suggestion, nothing is proved."""
    contacts = Contact.objects.filter(user__email=mail.from_address, is_active=True) if mail.from_address else None
    known = list(contacts.select_related("user", "customer").order_by("pk")[:_MOST]) if contacts is not None else []
    domain = domain_of(mail.from_address)
    if known or not domain or is_public(domain):
        return known, []
    return [], list(Customer.objects.filter(mail_domains__contains=[domain]).order_by("name")[:_MOST])
