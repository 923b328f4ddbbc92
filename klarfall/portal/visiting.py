"""Somebody who came by a personal link: who it is for, and what proves that they are that person.

Until the code was typed a visitor sees nothing of the customer. What is read here as SYSTEM is the link's own contact,
to ask for the code and to open exactly their sight afterwards.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from klarfall.accounts.permissions import ContactRole
from klarfall.billing.actions.links import open_link
from klarfall.billing.models import CostOffer, DecisionCode, PersonalLink
from klarfall.billing.models.decision import PROOF_MINUTES
from klarfall.billing.proofs import token_hash
from klarfall.contracts.queries import local_day
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, Seat, Viewer, ViewerKind, viewing_as
from klarfall.customers.models import Contact, Visibility

_SESSION = "klarfall.visit"
_GONE, _UNKNOWN = 410, 404


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A link that can be used, or the problem with it in words (then `status` is the answer's code)."""

    now: datetime
    link: PersonalLink | None = None
    contact: Contact | None = None
    offer_number: int = 0
    problem: str = ""
    status: int = 200

    @property
    def mail(self) -> str:
        """The address the code goes to, told only as far as its owner recognises it."""
        name, _at, domain = (self.contact.user.email if self.contact else "").partition("@")
        return f"{name[:1]}…@{domain}"


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A person who has typed the right code: acts as this contact, about this offer only."""

    contact: Contact
    offer_id: int
    proof: DecisionCode

    def viewer(self, now: datetime) -> Viewer:
        """The sight of this contact, and of no other contact the same person may be."""
        contact = self.contact
        named = ContactRole.COST_RELEASE in contact.role_codes
        day = local_day(now)
        begun = contact.release_from is None or contact.release_from <= day
        over = contact.release_to is not None and contact.release_to < day
        seat = Seat(
            contact.pk,
            contact.customer_id,
            sees_all=contact.visibility == Visibility.ALL,
            is_admin=ContactRole.CUSTOMER_ADMIN in contact.role_codes,
            may_release=named and begun and not over,
        )
        return Viewer(ViewerKind.CONTACT, contact.user_id, (seat,))


def visit(token: str, now: datetime) -> Visit:
    """Opens a link without consuming it; unknown, used and expired ones say so."""
    try:
        link = open_link(token, now=now)
    except Refused as problem:
        return Visit(now=now, problem=str(problem), status=_GONE)
    if link is None:
        text = _("This link is not known. Please open the cost notice in the portal, or use the newest e-mail.")
        return Visit(now=now, problem=text, status=_UNKNOWN)
    with viewing_as(SYSTEM):
        contact = Contact.objects.select_related("user").get(pk=link.contact_id)
        number = CostOffer.objects.values_list("number", flat=True).get(pk=link.offer_id)
    return Visit(now=now, link=link, contact=contact, offer_number=number)


def remember(request: HttpRequest, token: str, link: PersonalLink, proof: DecisionCode, now: datetime) -> None:
    """Keeps in the session that the code was right, for the hour it counts.

    The session gets a new key: one that somebody else had planted in this browser proves nothing.
    """
    request.session.cycle_key()
    request.session[_SESSION] = {
        "token": token_hash(token),
        "proof": proof.pk,
        "offer": link.offer_id,
        "contact": link.contact_id,
        "until": (now + timedelta(minutes=PROOF_MINUTES)).isoformat(),
    }


def visitor(request: HttpRequest, token: str, now: datetime) -> Visitor | None:
    """The person who typed the code for this link in this browser, within the hour."""
    kept: dict[str, Any] = request.session.get(_SESSION) or {}
    until = parse_datetime(str(kept.get("until", "")))
    if kept.get("token") != token_hash(token) or until is None or until <= now:
        return None
    with viewing_as(SYSTEM):
        contact = Contact.objects.select_related("user", "customer").filter(pk=kept["contact"], is_active=True).first()
        proof = DecisionCode.objects.filter(pk=kept["proof"], contact=contact, offer=kept["offer"]).first()
    if contact is None or proof is None or not contact.user.is_active:
        return None
    return Visitor(contact=contact, offer_id=kept["offer"], proof=proof)
