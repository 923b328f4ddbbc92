"""Decide where a stored mail ends, and bring it there: every mail ends once, and nothing ends nowhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from klarfall.accounts.models import User
from klarfall.channels import actions as sending
from klarfall.channels.models import Notice
from klarfall.channels.own_addresses import own_addresses
from klarfall.contracts.channels import switched_off
from klarfall.contracts.models.product import ChannelKind
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.mail import one_line
from klarfall.core.prepared import prepared
from klarfall.customers.models import Contact, Customer
from klarfall.incoming import authentication, caps, matching, products, returned, senders, writing
from klarfall.incoming.bounded import readers
from klarfall.incoming.models import IncomingMail, Outcome
from klarfall.incoming.parsing.parsed import DeliveryReport
from klarfall.incoming.reading.machines import machine_reason
from klarfall.incoming.reading.whole import ReadMail
from klarfall.incoming.senders import Sender, Stranger
from klarfall.incoming.storing import raw_of
from klarfall.tickets.models import Message, Ticket

#: After so many attempts that ended with an error a mail waits for a person.
ATTEMPTS = 3
#: A mail over which workers died so often probably kills them.
DEATHS = 6
#: Reports about a mail of ours that is on its way or has arrived.
_GOOD_NEWS = ("delivered", "relayed", "expanded")
_PREVIEW = 400
_FINISHED = [
    "mail_id", "from_address", "from_name", "subject", "sent_at", "preview", "files", "authentication", "outcome",
    "reason", "customer", "contact", "ticket", "message", "notice", "filed_at", "filed_by", "error",
]  # fmt: skip


@dataclass(frozen=True)
class Filed:
    """Where a mail ends."""

    outcome: str
    reason: str = ""
    customer: Customer | None = None
    contact: Contact | None = None
    ticket: Ticket | None = None
    message: Message | None = None
    notice: Notice | None = None


def file_mail(mail: IncomingMail, *, now: datetime) -> IncomingMail:
    """File a mail that waits, in one transaction; one that is filed already stays as it is. Returns its row.

    What raises here is rolled back, and the mail goes on waiting.
    """
    with viewing_as(SYSTEM):
        return file_here(mail, now=now)


def file_here(mail: IncomingMail, *, now: datetime) -> IncomingMail:
    """The same within a scope of SYSTEM that is open already."""
    mail = _locked(pk=mail.pk)[0]
    if mail.outcome != Outcome.WAITING:
        return mail
    parsed = readers.read(raw_of(mail))
    note_facts(mail, parsed)
    return finish(mail, decided(mail, parsed, now), now=now)


@prepared
def _locked(*, pk: int) -> QuerySet[IncomingMail]:
    return IncomingMail.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk)


def note_facts(mail: IncomingMail, parsed: ReadMail) -> None:
    """What is known of a mail whatever becomes of it; `finish` writes it down."""
    mail.mail_id = parsed.message_id
    mail.from_address = parsed.sender.address[:320]
    mail.from_name = one_line(parsed.sender.name, 160)
    mail.subject = one_line(parsed.subject, 250)
    mail.sent_at = parsed.sent_at
    mail.preview = " ".join(parsed.said.text[: 2 * _PREVIEW].split())[:_PREVIEW]
    mail.files = min(len(parsed.files), 30_000)
    mail.authentication = authentication.results(parsed, settings.MAIL_TRUSTED_SERVERS)


def finish(mail: IncomingMail, filed: Filed, *, by: User | None = None, now: datetime) -> IncomingMail:
    """Write down where the mail has ended."""
    mail.outcome, mail.reason = filed.outcome, filed.reason
    mail.customer, mail.contact, mail.ticket = filed.customer, filed.contact, filed.ticket
    mail.message, mail.notice = filed.message, filed.notice
    mail.filed_at, mail.filed_by, mail.error = now, by, ""
    mail.save(update_fields=_FINISHED)
    return mail


def decided(mail: IncomingMail, parsed: ReadMail, now: datetime) -> Filed:
    """Where a mail ends by its sender and what it names; what is to be written into a request is written."""
    contacts = senders.contacts_of(parsed.sender.address)
    if senders.is_blocked(parsed.sender.address, contacts):
        return Filed(Outcome.REJECTED, "blocked")
    if parsed.report is not None:
        return _reported(mail, parsed, parsed.report, now)
    # Only a listener of ours has seen the envelope itself.
    nobody = mail.source in ("lmtp", "smtp") and not mail.envelope_from
    if machine := machine_reason(parsed, own_addresses(), null_sender=nobody, signs=parsed.signs):
        ticket = matching.answered(mail, parsed)
        return Filed(Outcome.IGNORED_AUTO, machine, ticket.customer if ticket else None, ticket=ticket)
    sender = senders.sender_of(parsed, contacts)
    if isinstance(sender, Stranger):
        return Filed(Outcome.QUARANTINE, sender.reason, sender.customer)
    return _from_person(mail, parsed, sender, now)


def _reported(mail: IncomingMail, parsed: ReadMail, report: DeliveryReport, now: datetime) -> Filed:
    """A delivery report: what it says about a mail of ours is noted there. It opens nothing and is never answered.

    One that does not show our mail stands at its request for people to judge, and marks nothing.
    """
    outcome = Outcome.IGNORED_AUTO if report.action in _GOOD_NEWS else Outcome.BOUNCE
    about = returned.mail_of(mail, parsed, report)
    if about is None or not about.is_shown:
        ticket = about.notice.ticket if about else matching.answered(mail, parsed)
        return Filed(outcome, report.action or "unknown_mail", ticket.customer if ticket else None, ticket=ticket)
    notice = about.notice
    if outcome == Outcome.BOUNCE:
        words = " ".join(one for one in (report.status, report.explanation) if one)
        final, theirs, system = report.is_final, about.is_theirs, User.objects.system()
        sending.note_bounce(notice, report_text=words, final=final, marks_address=theirs, actor=system, now=now)
    return Filed(outcome, report.action, notice.customer, ticket=notice.ticket, notice=notice)


def _from_person(mail: IncomingMail, parsed: ReadMail, sender: Sender, now: datetime) -> Filed:
    """A mail of a known person: into the request that it names and they see, else a new one, else quarantine."""
    named = matching.named(mail, parsed)
    match = named.for_sender(sender, now)
    product = products.product_named(mail, parsed)
    contact = match.contact if match else senders.acting_as(sender, product)
    if contact is None:
        return Filed(Outcome.QUARANTINE, "several_customers")
    held = Filed(Outcome.QUARANTINE, "", contact.customer, contact, match.ticket if match else None)
    counts = caps.lately(
        mail, sender=parsed.sender.address, subject=mail.subject, ticket_id=match.ticket.pk if match else None
    )
    if counts.too_many:
        return _with(held, "too_many")
    if contact.customer.requires_proved_mail and not authentication.is_proved(mail.authentication):
        return _with(held, "not_proved")
    try:
        if match:
            return into(mail, parsed, match.contact, match.ticket, reason=match.how, now=now)
        reason = "foreign_ticket" if named.tickets else ""
        chosen = {"product": product, "unconfirmed": counts.unconfirmed, "reason": reason}
        return anew(mail, parsed, contact, **chosen)
    except Refused as refusal:
        return _with(held, refusal.code)


def _with(held: Filed, reason: str) -> Filed:
    return Filed(held.outcome, reason, held.customer, held.contact, held.ticket)


def into(
    mail: IncomingMail, parsed: ReadMail, contact: Contact, ticket: Ticket, *, reason: str, now: datetime
) -> Filed:
    """Add the mail to the request; where that is closed, a follow-up has been opened."""
    message = writing.add_message(mail, parsed, contact, ticket, now=now)
    if message.ticket_id == ticket.pk:
        return Filed(Outcome.REPLY_TO, reason, contact.customer, contact, ticket, message)
    return Filed(Outcome.NEW_TICKET, "follow_up", contact.customer, contact, message.ticket, message)


def anew(mail: IncomingMail, parsed: ReadMail, contact: Contact, **chosen: Any) -> Filed:
    """Open a request with the mail. `chosen`: product (None: the customer's), unconfirmed, reason."""
    product = chosen["product"] or products.usual_product(contact.customer_id)
    if product is None or ChannelKind.EMAIL in switched_off(product.pk):
        return Filed(Outcome.QUARANTINE, "channel_off" if product else "no_product", contact.customer, contact)
    message = writing.open_request(mail, parsed, contact, product, unconfirmed=chosen["unconfirmed"])
    return Filed(Outcome.NEW_TICKET, chosen["reason"], contact.customer, contact, message.ticket, message)
