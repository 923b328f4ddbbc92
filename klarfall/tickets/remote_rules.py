"""What must hold before anybody looks at a screen: an open way, an agreement or a reason, no credentials (INV-28)."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from klarfall.contracts import remote_links
from klarfall.contracts.channels import switched_off
from klarfall.contracts.models.product import ChannelKind
from klarfall.core import vendor
from klarfall.core.action import Refused
from klarfall.customers.models import Contact
from klarfall.tickets import text
from klarfall.tickets.models import RemoteParticipant, RemoteSession, Ticket

#: What was said is written down by then; over a long weekend, not over a quarter.
NOTED_WITHIN = timedelta(days=7)


class NoConsent(Refused):
    """The consent cannot be recorded like this; `field` says where."""

    code = "no_consent"


class NoRemoteSession(Refused):
    """There can be no such session here and now; `field` says why."""

    code = "no_remote_session"


def why_not(ticket: Ticket) -> str:
    """Why nobody looks at screens for this request, in words; empty where it is possible.

    A request without a contract is no obstacle: what was commissioned may be done this way as well.
    """
    if not ticket.is_live:
        return _("This request is finished.")
    if ChannelKind.REMOTE in switched_off(ticket.product_id):
        return _("Remote sessions are switched off for this product.")
    line = ticket.contract_line
    if line is not None and ChannelKind.REMOTE not in line.channels:
        return _("Remote sessions are not among the ways agreed in the contract.")
    return ""


def check_way(ticket: Ticket) -> None:
    """Raise NoRemoteSession where remote sessions are not possible."""
    if reason := why_not(ticket):
        raise NoRemoteSession(reason)


def needs_reason(ticket: Ticket) -> bool:
    """Is there no data-processing agreement with the customer?"""
    return not ticket.customer.dpa_reference


def check_agreement(ticket: Ticket, reason: str, actor: Any) -> None:
    """Without an agreement a specialist says why; where the vendor wants one always, there is no session without it."""
    if not needs_reason(ticket):
        return
    if vendor.current().remote_needs_agreement:
        if actor.is_contact:
            raise NoConsent(_("There is no data-processing agreement yet. Please ask us for it; we need it first."))
        raise NoConsent(
            _(
                "There is no data-processing agreement with this customer, and your house wants one for remote"
                " sessions. Please enter it with the customer's facts first."
            ),
            field="dpa_reason",
        )
    if not actor.is_contact and not reason:
        raise NoConsent(
            _("There is no data-processing agreement with this customer. Please say why you go ahead."),
            field="dpa_reason",
        )


def check_person(ticket: Ticket, contact: Contact) -> None:
    """Raise NoConsent for somebody who does not act for the customer."""
    if contact.customer_id != ticket.customer_id or not contact.is_active:
        raise NoConsent(_("This person does not act for the customer of this request."), field="contact")


def check_moment(ticket: Ticket, session: RemoteSession | None, at: datetime, now: datetime) -> None:
    """Raise NoConsent for a consent that cannot have been given at `at`, or is written down too late to be believed.

    It lies within the request and not ahead; an invitation is answered after it was sent (`session`); and it follows
    the end of the last session: a consent counts for one session, and after a no comes a new question. People name
    the minute, so what happened within it is not later.
    """
    if at > now or at < _minute(ticket.submitted_at):
        raise NoConsent(_("The moment of the consent lies outside this request."), field="at")
    if session is not None and at < _minute(session.created_at):
        raise NoConsent(_("The invitation was sent later than this."), field="at")
    if at < now - NOTED_WITHIN:
        raise NoConsent(_("This lies too far back. Please ask the customer again."), field="at")
    last = RemoteSession.objects.filter(ticket=ticket).aggregate(end=Max("ended_at"))["end"]
    if last is not None and at < _minute(last):
        raise NoConsent(_("A later session has ended already, or the customer has said no since."), field="at")


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def line(value: str, *, field: str, limit: int, required: bool = True) -> str:
    """A line of text in which nobody gives away credentials."""
    words = (text.line if required else text.optional_line)(value, field=field, limit=limit)
    remote_links.refuse_credentials(words, field=field)
    return words


def access(ticket: Ticket, link: str, code: str) -> dict[str, str]:
    """Address and code of a session: the address typed, else that of the product with the code in it."""
    known = remote_links.checked_code(code)
    typed = remote_links.checked_link(link, field="link")
    return {"link": typed or remote_links.filled(ticket.product.remote_link, known), "code": known}


def locked_session(session: RemoteSession) -> RemoteSession:
    """The session as it is now; the caller holds the lock of its ticket."""
    rows = RemoteSession.objects.select_for_update(of=("self",), no_key=True).select_related("consent_text")
    found: RemoteSession = rows.get(pk=session.pk)
    return found


def join(session: RemoteSession, *, now: datetime, **person: Any) -> RemoteParticipant:
    """Somebody is there: `contact`, `user` (one of us) or `named`; who is there already stays once."""
    common = {"customer_id": session.customer_id, "ticket_id": session.ticket_id, "session": session}
    return RemoteParticipant.objects.get_or_create(**common, **person, defaults={"joined_at": now})[0]
