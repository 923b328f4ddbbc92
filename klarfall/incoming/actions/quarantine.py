"""What people do with mails that nobody could be assigned: assign, file anew, reject, block."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts.models import User
from klarfall.accounts.permissions import require
from klarfall.channels.own_addresses import is_own, own_addresses
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.jobs import enqueue
from klarfall.customers.actions.contacts import add_requester
from klarfall.customers.mail_domains import domain_of, is_public
from klarfall.customers.models import Contact, Customer
from klarfall.incoming import products, writing
from klarfall.incoming.bounded import readers
from klarfall.incoming.filing import Filed, decided, finish, into
from klarfall.incoming.models import BlockedSender, IncomingMail, Outcome
from klarfall.incoming.reading.machines import machine_reason
from klarfall.incoming.reading.whole import ReadMail
from klarfall.incoming.storing import raw_of
from klarfall.tickets import acting
from klarfall.tickets import text as texts
from klarfall.tickets.models import Ticket

#: Outcomes after which a mail stands in no request and can still get into one.
_OPEN = (Outcome.QUARANTINE, Outcome.REJECTED, Outcome.IGNORED_AUTO)
_LONGEST_REASON = 200


class NotHandled(Refused):
    """This cannot be done with this mail."""

    code = "not_handled"


@action
def assign_mail(
    mail: IncomingMail, *, contact: Contact, ticket: Ticket | None = None, actor: User, now: datetime
) -> IncomingMail:
    """Put a mail into a request of the contact, or open one with it; it is the contact's message from then on.

    The person at the desk answers for the sender: neither proof nor caps count. Raises NotHandled, RawGone or what
    the request refuses.
    """
    require("mail.handle", actor)
    mail, parsed = _opened(mail)
    return _put_in(mail, parsed, contact, ticket, actor, now)


@action
def assign_to_new_contact(
    mail: IncomingMail, *, customer: Customer, name: str, actor: User, now: datetime
) -> IncomingMail:
    """Add the sender as a contact of the customer, without an invitation, and open a request with the mail.

    Raises ContactRefused and NotAllowed like `add_requester`, NotHandled, RawGone or what the request refuses.
    """
    require("mail.handle", actor)
    mail, parsed = _opened(mail)
    if not parsed.sender.address:
        raise NotHandled(_("This mail names no sender."))
    contact = add_requester(customer, email=parsed.sender.address, name=name, actor=actor, now=now)
    return _put_in(mail, parsed, contact, None, actor, now)


@action
def replay_mail(mail: IncomingMail, *, actor: User, now: datetime) -> IncomingMail:
    """File a mail once more by the rules and data of today; it may well end where it was."""
    require("mail.handle", actor)
    mail, parsed = _opened(mail)
    return finish(mail, decided(mail, parsed, now), by=actor, now=now)


@action
def reject_mail(mail: IncomingMail, *, text: str, actor: User, now: datetime) -> IncomingMail:
    """Close a mail in quarantine; with a text it is answered, once and never to a machine. Raises NotHandled."""
    require("mail.handle", actor)
    mail = _locked(mail)
    if mail.outcome != Outcome.QUARANTINE:
        raise NotHandled(_("This mail has been handled meanwhile."))
    words = _answer(text)
    if words and (silence := why_no_answer(mail)):
        raise NotHandled(silence, field="text")
    filed = Filed(Outcome.REJECTED, "by_hand", mail.customer, mail.contact)
    mail = finish(mail, filed, by=actor, now=now)
    if words:
        mail.answer = words
        mail.save(update_fields=["answer"])
        enqueue("incoming.answer", mail_id=mail.pk)
    return mail


@action
def block_sender(mail: IncomingMail, *, whole_domain: bool, reason: str, actor: User, now: datetime) -> BlockedSender:
    """Reject this mail and all that its address, or its whole domain, sends from now on. Raises NotHandled."""
    require("mail.handle", actor)
    mail = _locked(mail)
    pattern = _pattern(mail.from_address, whole_domain=whole_domain)
    values = {"reason": texts.optional_line(reason, field="reason", limit=_LONGEST_REASON), "blocked_by": actor}
    found, is_new = BlockedSender.objects.get_or_create(pattern=pattern, defaults={**values, "blocked_at": now})
    if is_new:
        audit.record("sender.blocked", found, actor=actor, now=now, data={"whole_domain": whole_domain})
    if mail.outcome == Outcome.QUARANTINE:
        finish(mail, Filed(Outcome.REJECTED, "blocked", mail.customer, mail.contact), by=actor, now=now)
    blocked: BlockedSender = found
    return blocked


@action
def unblock_sender(blocked: BlockedSender, *, actor: User, now: datetime) -> None:
    """Let mails from there in again; what was rejected stays so. A second time does no harm."""
    require("mail.handle", actor)
    found = BlockedSender.objects.select_for_update(of=("self",)).filter(pk=blocked.pk).first()
    if found is not None:
        audit.record("sender.unblocked", found, actor=actor, now=now)
        found.delete()


def why_no_answer(mail: IncomingMail) -> str:
    """Why the sender of a mail cannot be answered; empty where they can. Not an action: it only tells."""
    if not mail.from_address:
        return _("The mail names no sender.")
    if is_own(mail.from_address):
        return _("The mail names one of our own addresses as its sender.")
    if mail.answer:
        return _("This mail was answered already.")
    try:
        read = readers.read(raw_of(mail))
    except Refused as missing:
        return str(missing.message)
    machine = machine_reason(read, own_addresses(), signs=read.signs)
    return _("A machine has written it; machines that answer each other never end.") if machine else ""


def _locked(mail: IncomingMail) -> IncomingMail:
    rows = IncomingMail.objects.select_for_update(of=("self",), no_key=True)
    found: IncomingMail = rows.select_related("customer", "contact").get(pk=mail.pk)
    return found


def _opened(mail: IncomingMail) -> tuple[IncomingMail, ReadMail]:
    """The locked mail and what it says, if it can still get into a request."""
    mail = _locked(mail)
    if mail.outcome not in _OPEN or mail.message_id is not None:
        raise NotHandled(_("This mail has been handled meanwhile."))
    return mail, readers.read(raw_of(mail))


def _put_in(
    mail: IncomingMail, parsed: ReadMail, contact: Contact, ticket: Ticket | None, actor: User, now: datetime
) -> IncomingMail:
    contact = Contact.objects.select_related("user", "customer").get(pk=contact.pk)
    if ticket is not None:
        if not (ticket.customer_id == contact.customer_id and acting.sees(contact, ticket, now)):
            raise NotHandled(_("This person does not see this request."), field="ticket")
        return finish(mail, into(mail, parsed, contact, ticket, reason="assigned", now=now), by=actor, now=now)
    product = products.product_named(mail, parsed) or products.usual_product(contact.customer_id)
    if product is None:
        raise NotHandled(_("There is no product yet about which a request could be."))
    message = writing.open_request(mail, parsed, contact, product, unconfirmed=False)
    filed = Filed(Outcome.NEW_TICKET, "assigned", contact.customer, contact, message.ticket, message)
    return finish(mail, filed, by=actor, now=now)


def _answer(words: Any) -> str:
    return texts.optional(words, field="text", limit=texts.SHORT)


def _pattern(address: str, *, whole_domain: bool) -> str:
    """What is blocked: never ourselves, a customer's company, or a domain where anybody gets an address."""
    if not address:
        raise NotHandled(_("The mail names no sender."))
    if is_own(address):
        raise NotHandled(_("This is one of our own addresses."))
    if not whole_domain:
        return address
    domain = address.rpartition("@")[2]
    if is_public(domain_of(address)):
        raise NotHandled(_("Anybody can have an address there. Please block the single address."), field="whole_domain")
    if any(one.rpartition("@")[2] == domain for one in own_addresses()):
        raise NotHandled(_("This is our own domain."), field="whole_domain")
    if Customer.objects.filter(mail_domains__contains=[domain_of(address)]).exists():
        raise NotHandled(_("This domain belongs to a customer. Please block the single address."), field="whole_domain")
    return f"@{domain}"
