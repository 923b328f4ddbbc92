"""Personal links and six-digit codes: who decides without being signed in, and decisions on the phone."""

from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.billing import deciding, proofs
from klarfall.billing.deciding import Answer, open_case
from klarfall.billing.engine import Caps
from klarfall.billing.models import (
    CostOffer,
    CustomerDecision,
    DecisionChannel,
    DecisionCode,
    DecisionKind,
    PersonalLink,
)
from klarfall.billing.models.decision import CodePurpose
from klarfall.billing.refusals import DecisionRefused, logs_refusals
from klarfall.billing.status import OfferStatus
from klarfall.core import vendor
from klarfall.core.action import NotAllowed, Refused, action
from klarfall.core.jobs import enqueue
from klarfall.customers.models import Contact, contact_of
from klarfall.tickets.acting import sees
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Ticket

__all__ = [
    "CodeRefused", "LinkRefused", "accept_by_phone", "check_link_code", "issue_link_code", "issue_mailed_phone_code",
    "issue_phone_code", "make_link", "open_link", "send_link_code", "send_phone_code",
]  # fmt: skip

#: The jobs of the channels that mail a code; they make the code themselves, so that no queue ever holds one.
SEND_CODE = "channels.send_link_code"
SEND_PHONE_CODE = "channels.send_phone_code"
_LONGEST_TOKEN = 100


class LinkRefused(Refused):
    """The link is known but does not work any more; `code` is used, expired or inactive."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class CodeRefused(DecisionRefused):
    """The code is wrong (code `wrong_code`), or none counts any more (`code_over`)."""


@action
def make_link(offer: CostOffer, *, contact: Contact, actor: Any, now: datetime) -> str:
    """Make a personal link for a contact and return its token, which is stored nowhere; for the mail being sent.

    `actor` is the system: the database refuses links and codes that staff makes (INV-6).
    """
    if contact.customer_id != offer.customer_id:
        raise NotAllowed(_("This person does not act for the customer of this cost notice."))
    token = proofs.new_token()
    PersonalLink.objects.create(
        customer_id=offer.customer_id,
        offer=offer,
        contact=contact,
        token_hash=proofs.token_hash(token),
        created_at=now,
        expires_at=_end_of_validity(offer),
    )
    return token


def _end_of_validity(offer: CostOffer) -> datetime:
    """The instant after the last day, in the vendor's zone."""
    zone = vendor.zone()
    return datetime.combine(offer.valid_until + timedelta(days=1), clock_time(), tzinfo=zone)


@action
def open_link(token: str, *, now: datetime) -> PersonalLink | None:
    """The link of a token with its offer and contact; None if there is none. Writes nothing (a GET may ask).

    Raises LinkRefused when it is used up, has expired or belongs to somebody who is not active any more.
    """
    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN:
        return None
    rows = PersonalLink.objects.select_related("offer__ticket", "offer__concern", "contact__user")
    link = rows.filter(token_hash=proofs.token_hash(token)).first()
    if link is not None:
        _check_link(link, now)
    return link


def _check_link(link: PersonalLink, now: datetime) -> None:
    contact = link.contact
    if not contact.is_active or not contact.user.is_active:
        raise LinkRefused("inactive", _("This link does not work any more: the access was deactivated."))
    if link.used_at is not None:
        raise LinkRefused("used", _("This cost notice has been decided. The link is used up."))
    if now >= link.expires_at:
        raise LinkRefused("expired", _("This link has expired together with its cost notice. Nothing is charged."))
    if not sees(contact, link.offer.ticket, now):
        raise LinkRefused("inactive", _("This link does not work any more: you do not see this request now."))


@action
def send_link_code(link: PersonalLink, *, now: datetime) -> None:
    """Have a six-digit code mailed to the person of the link; at most five an hour (raises CodeRefused)."""
    link = _link(link, now)
    _check_number(link.offer, link.contact, CodePurpose.LINK, now)
    enqueue(SEND_CODE, key=f"{SEND_CODE}:{link.pk}", link_id=link.pk)


@action
def issue_link_code(link: PersonalLink, *, actor: Any, now: datetime) -> str:
    """Make the code while its mail is being written; only its hash is stored. `actor` is the system."""
    link = _link(link, now)
    return _issue(link.offer, link.contact, CodePurpose.LINK, now)


def check_link_code(link: PersonalLink, code: str, *, now: datetime) -> DecisionCode:
    """Check a code typed for a link and return the proof that is handed to the decision within an hour.

    Not an action itself: a wrong attempt is refused but must still be counted. Raises CodeRefused or LinkRefused.
    """
    proof = _try_link_code(link, code, now=now)
    if isinstance(proof, CodeRefused):
        raise proof
    return proof


@action
def _try_link_code(link: PersonalLink, code: str, *, now: datetime) -> DecisionCode | CodeRefused:
    link = _link(link, now)
    found = _try(link.offer, link.contact, CodePurpose.LINK, code, now)
    if isinstance(found, DecisionCode):
        found.used_at = now
        found.save(update_fields=["used_at"])
    return found


@action
def issue_phone_code(offer: CostOffer, *, actor: Any, now: datetime) -> str:
    """Make a code which the contact `actor` reads out on the phone; shown once, counts 15 minutes, once."""
    contact = contact_of(actor, offer.customer_id)
    permissions.require("offer.accept", actor, contact)
    if contact is None:
        raise NotAllowed(_("You do not have the right to do this."))
    _check_phone(offer, contact, now)
    _check_number(offer, contact, CodePurpose.PHONE, now)
    return _issue(offer, contact, CodePurpose.PHONE, now)


@action
def send_phone_code(offer: CostOffer, *, contact: Contact, actor: Any, now: datetime) -> None:
    """Have a code mailed to the contact on the phone, who reads it out; the agent `actor` never sees it (section 5).

    At most five an hour, together with those shown in the portal. Raises NotAllowed, DecisionRefused or CodeRefused.
    """
    permissions.require("offer.send", actor)
    contact = _check_phone(offer, contact, now)
    _check_number(offer, contact, CodePurpose.PHONE, now)
    enqueue(SEND_PHONE_CODE, key=f"{SEND_PHONE_CODE}:{offer.pk}:{contact.pk}", offer_id=offer.pk, contact_id=contact.pk)


@action
def issue_mailed_phone_code(offer: CostOffer, *, contact: Contact, actor: Any, now: datetime) -> str:
    """Make the code while its mail is being written; only its hash is stored. `actor` is the system."""
    contact = _check_phone(offer, contact, now)
    _check_number(offer, contact, CodePurpose.PHONE, now)
    return _issue(offer, contact, CodePurpose.PHONE, now)


@logs_refusals(DecisionKind.ACCEPT)
def accept_by_phone(
    offer: CostOffer,
    *,
    contact: Contact,
    code: str,
    cap: Caps | None,
    order_number: str = "",
    comment: str = "",
    evidence: dict[str, Any] | None = None,
    actor: Any,
    now: datetime,
) -> CustomerDecision:
    """Record the acceptance of a contact who has read out their code; the agent only types it in.

    Not an action itself: a wrong code is refused but must still be counted. Raises DecisionRefused.
    """
    proof = _try_phone_code(offer, contact, code, actor=actor, now=now)
    if isinstance(proof, CodeRefused):
        raise proof
    answer = Answer(kind=DecisionKind.ACCEPT, comment=comment, order_number=order_number, evidence=evidence)
    return _accept_with(offer, contact=contact, proof=proof, cap=cap, answer=answer, actor=actor, now=now)


@action
def _try_phone_code(
    offer: CostOffer, contact: Contact, code: str, *, actor: Any, now: datetime
) -> DecisionCode | CodeRefused:
    permissions.require("offer.send", actor)
    locked(Ticket(pk=offer.ticket_id))
    return _try(offer, contact, CodePurpose.PHONE, code, now)


@action
def _accept_with(
    offer: CostOffer,
    *,
    contact: Contact,
    proof: DecisionCode,
    cap: Caps | None,
    answer: Answer,
    actor: Any,
    now: datetime,
) -> CustomerDecision:
    """The code is used up together with the decision: a refused one leaves it."""
    contact = Contact.objects.select_related("user").get(pk=contact.pk)
    case = open_case(offer, channel=DecisionChannel.PHONE_CODE, proof=proof, actor=actor, now=now, by=contact)
    DecisionCode.objects.filter(pk=proof.pk).update(used_at=now)
    return deciding.accept(case, cap=cap, text_hash=case.offer.text_hash, answer=answer)


def _check_phone(offer: CostOffer, contact: Contact, now: datetime) -> Contact:
    """The contact as they are now, under the lock of the ticket: one who may accept this offer, which still waits."""
    ticket = locked(Ticket(pk=offer.ticket_id))
    fresh: Contact = Contact.objects.select_related("user").get(pk=contact.pk)
    permissions.require("offer.accept", fresh.user, fresh)
    if fresh.customer_id != ticket.customer_id or not sees(fresh, ticket, now):
        raise NotAllowed(_("This person may not decide about this cost notice."))
    if CostOffer.objects.get(pk=offer.pk).status != OfferStatus.SENT:
        raise DecisionRefused("decided", _("This cost notice does not wait for a decision any more."))
    return fresh


def _link(link: PersonalLink, now: datetime) -> PersonalLink:
    """The link as it is now, under the lock of its ticket; raises LinkRefused."""
    locked(Ticket(pk=link.offer.ticket_id))
    fresh: PersonalLink = PersonalLink.objects.select_related("offer__ticket", "contact__user").get(pk=link.pk)
    _check_link(fresh, now)
    return fresh


def _check_number(offer: CostOffer, contact: Contact, purpose: str, now: datetime) -> None:
    """A new code gives no new chances to whoever guesses: attempts are counted across codes, too."""
    codes = DecisionCode.objects.filter(offer=offer, contact=contact, purpose=purpose)
    recent = codes.filter(created_at__gt=now - proofs.CODE_WINDOW).count()
    wrong = codes.filter(created_at__gt=now - proofs.WRONG_WINDOW, used_at__isnull=True).aggregate(Sum("attempts"))
    if recent >= proofs.MOST_CODES or (wrong["attempts__sum"] or 0) >= proofs.MOST_WRONG:
        raise CodeRefused("too_many", _("Too many codes were asked for. Please wait an hour or sign in."))


def _issue(offer: CostOffer, contact: Contact, purpose: str, now: datetime) -> str:
    code, salt, hashed = proofs.new_code()
    DecisionCode.objects.create(
        customer_id=offer.customer_id,
        offer=offer,
        contact=contact,
        purpose=purpose,
        salt=salt,
        code_hash=hashed,
        created_at=now,
        expires_at=now + proofs.CODE_LIFE,
    )
    return code


def _try(offer: CostOffer, contact: Contact, purpose: str, typed: str, now: datetime) -> DecisionCode | CodeRefused:
    """Compare with the latest code of the person and count the attempt; the ticket is locked.

    A refusal is returned, not raised: raising would roll the counter back.
    """
    codes = DecisionCode.objects.filter(offer=offer, contact=contact, purpose=purpose)
    found = codes.order_by("-created_at", "-pk").first()
    if found is None or found.used_at is not None or now >= found.expires_at:
        return CodeRefused("code_over", _("This code does not count any more. Please ask for a new one."))
    if found.attempts >= proofs.MOST_ATTEMPTS:
        return CodeRefused("code_over", _("The code was wrong too often. Please ask for a new one."))
    found.attempts += 1
    found.save(update_fields=["attempts"])
    if not proofs.is_code(found.salt, found.code_hash, typed):
        return CodeRefused("wrong_code", _("This code is wrong. Please look at the latest mail."), field="code")
    return found
