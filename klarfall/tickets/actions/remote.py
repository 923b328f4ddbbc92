"""Consent to a remote session: first the consent, then the session (INV-28)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.core.action import NotAllowed, Refused, action
from klarfall.customers.models import Contact
from klarfall.tickets import acting, text
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import locked
from klarfall.tickets.models import RemoteSession, Ticket
from klarfall.tickets.models.remote_session import ConsentWay


class NoConsent(Refused):
    """The consent cannot be recorded like this; `field` says where."""

    code = "no_consent"


@action
def record_consent(
    ticket: Ticket,
    *,
    contact: Contact,
    purpose: str,
    way: str,
    at: datetime,
    dpa_reason: str = "",
    actor: Any,
    now: datetime,
) -> RemoteSession:
    """Record that `contact` agreed to a remote session for `purpose`; returns the session to be.

    In the portal the contact itself agrees; what was said on the phone or by mail a specialist
    records. Without a data-processing agreement a specialist must say why (`dpa_reason`).
    """
    words = text.line(purpose, field="purpose", limit=200)
    reason = text.optional_line(dpa_reason, field="dpa_reason", limit=240)
    ticket = locked(ticket)
    acting.require("consent.record", actor, ticket, now)
    _check(ticket, contact, way, at, actor, now)
    _check_agreement(ticket, reason, actor)
    consent = {"consent_by": contact, "consent_at": at, "consent_way": way, "dpa_reason": reason}
    session = RemoteSession.objects.create(
        customer_id=ticket.customer_id,
        ticket=ticket,
        purpose=words,
        **consent,
        recorded_by=actor,
        created_at=now,
    )
    data = {"session": session.pk, "contact": contact.pk, "way": way, "at": at.isoformat()}
    record(ticket, "consent.recorded", actor=actor, now=now, data=data, sealed=seal(ticket, words), public=True)
    return session


def _check_agreement(ticket: Ticket, reason: str, actor: Any) -> None:
    if not actor.is_contact and not ticket.customer.dpa_reference and not reason:
        raise NoConsent(
            _("There is no data-processing agreement with this customer. Please say why you go ahead."),
            field="dpa_reason",
        )


def _check(ticket: Ticket, contact: Contact, way: str, at: datetime, actor: Any, now: datetime) -> None:
    if contact.customer_id != ticket.customer_id or not contact.is_active:
        raise NoConsent(_("This person does not act for the customer of this request."), field="contact")
    if way not in ConsentWay.values:
        raise NoConsent(_("Please choose how the customer agreed."), field="way")
    if actor.is_contact and contact.user_id != actor.pk:
        raise NotAllowed(_("Nobody agrees for somebody else."))
    if (way == ConsentWay.PORTAL) != actor.is_contact:
        raise NoConsent(
            _("In the portal the customer agrees; you record what was said on the phone or by e-mail."), field="way"
        )
    if at > now or at < ticket.submitted_at:
        raise NoConsent(_("The moment of the consent lies outside this request."), field="at")
    if not ticket.is_live:
        raise NoConsent(_("This request is finished."))
