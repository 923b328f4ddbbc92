"""What a notice says: read with the recipient's eyes, worded by the template of its kind.

A mail can show nothing that the portal would hide: everything comes through the managers and policies of
the recipient. Secret links and codes stand as placeholders in it; they are made afterwards, with full sight.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from klarfall.accounts.models import User
from klarfall.billing import amounts, wording
from klarfall.billing.actions.links import issue_link_code, issue_mailed_phone_code, make_link
from klarfall.billing.cards import Links, card, clause_words
from klarfall.billing.models import CostOffer, CustomerDecision, PersonalLink
from klarfall.billing.story import Story, read, ticket_rows
from klarfall.channels import addresses, appointments, bills, mail_texts
from klarfall.channels.figures import figures
from klarfall.channels.hotline import contact_line
from klarfall.channels.models import Notice
from klarfall.channels.notice_groups import MUTABLE
from klarfall.channels.record_words import attached, record_words
from klarfall.channels.returned import returned_mail
from klarfall.channels.senders import signature_of
from klarfall.channels.told_above import leave_of, reader_of
from klarfall.channels.undecided import Decided, undecided
from klarfall.channels.ways import ways_for
from klarfall.core import mail, vendor
from klarfall.core.action import Refused
from klarfall.core.isolation import NOBODY, SYSTEM, Viewer, viewer_for, viewing_as
from klarfall.customers.invitations import problem_of, token_hash
from klarfall.customers.models import Contact, Invitation, Registration
from klarfall.customers.people import contact_roles
from klarfall.customers.registrations import waiting
from klarfall.tickets.models import Concern, ConsultantRequest, Message, Ticket, TicketEvent, TrainingRequest
from klarfall.ui.formats import day, filesize, moment
from klarfall.ui.klar_karte import KlarKarte

LINK = "[[personal-link]]"
CODE = "[[code]]"
WISHES: dict[str, Any] = {"consultantrequest": ConsultantRequest, "trainingrequest": TrainingRequest}
_WISH_PAGES = {"consultantrequest": "consulting", "trainingrequest": "training"}
_WITH_LINK = frozenset({"cost_notice", "passed_on", "offer_expiring", "mail_is_no_decision"})


class NothingToTell(Exception):
    """The recipient may not see (any more) what the notice is about; nothing is sent."""


@dataclass(frozen=True)
class Letter:
    """A mail as it is stored, with placeholders, and as it is sent, with the secret links and codes.

    `leave`: where its recipient ends such mails by one click; empty for mails that one does not subscribe to.
    """

    stored: mail.Mail
    outgoing: mail.Mail
    attachments: tuple[mail.Attachment, ...] = ()
    leave: str = ""


def sight_of(user: User) -> Viewer:
    """The viewer of a recipient; their seats are looked up with the login role, like at a request."""
    with viewing_as(NOBODY):
        return viewer_for(user, timezone.localdate())


def write(notice: Notice, *, now: datetime) -> Letter:
    """Write the mail of a notice in the active language. Raises NothingToTell.

    While it is composed, random marks stand for link and code: whoever writes a placeholder into a title must not
    get a secret put there, for example behind an address of their own.
    """
    marks = {placeholder: f"[[{secrets.token_hex(8)}]]" for placeholder in (LINK, CODE)}
    read_about = _BESIDES.get(notice.kind) or reader_of(notice.kind) or _about_ticket
    viewer = sight_of(notice.recipient)
    with viewing_as(viewer):
        context = read_about(notice, now) | {"ways": ways_for(notice, now), "person": notice.recipient}
    with viewing_as(SYSTEM):
        words = mail_texts.own_words(notice.kind, get_language() or "de")
    written = mail.compose(
        f"channels/notices/{notice.kind}.txt",
        reworded=mail_texts.rewording(notice.kind, words, context),
        greeting=_("Hello %(name)s,") % {"name": notice.recipient.name},
        now=now,
        LINK=marks[LINK],
        CODE=marks[CODE],
        addresses=addresses,
        settings_url=addresses.page("notifications"),
        can_be_muted=notice.kind in MUTABLE,
        **context,
    )
    with viewing_as(SYSTEM):
        found = _secrets(notice, now) if any(mark in written.text for mark in marks.values()) else {}
    stored = written.replaced({mark: placeholder for placeholder, mark in marks.items()})
    outgoing = written.replaced({marks[placeholder]: secret for placeholder, secret in found.items()})
    leave = found.get(LINK, "") if leave_of(notice.kind) else ""
    return Letter(stored, outgoing, _files(notice.kind, context, now), leave)


def _files(kind: str, context: dict[str, Any], now: datetime) -> tuple[mail.Attachment, ...]:
    """What goes with the mail: an invoice, a calendar entry, a service record."""
    if kind == bills.KIND:
        return bills.attached(context["invoice"])
    if wish := context.get("wish"):
        entry = appointments.entry_for_customer(wish, now)
        return (entry,) if entry else ()
    return attached(kind, context)


def _about_ticket(notice: Notice, now: datetime) -> dict[str, Any]:
    ticket = ticket_rows().filter(pk=notice.ticket_id).first()
    event = TicketEvent.objects.select_related("sealed").filter(pk=notice.event_id).first()
    if ticket is None or (notice.event_id and event is None):
        raise NothingToTell("The recipient does not see the request.")
    staff = notice.recipient.is_staff
    story = read(ticket, now=now, also=[event.actor_id if event else None, ticket.assignee_id])
    profile = vendor.current()
    context = {
        "ticket": ticket,
        "number": f"{profile.number_prefix}-{ticket.number}",
        "staff": staff,
        "event": event,
        "words": event.sealed.text if event is not None and event.sealed is not None else "",
        "by": story.name(event.actor_id) if event is not None else "",
        "assignee": story.name(ticket.assignee_id),
        "request_url": addresses.ticket_page(ticket.number, staff=staff),
        "due": moment(ticket.due_at, now) if ticket.due_at else "",
        "contact_line": contact_line(ticket, now),
        "customer": ticket.customer.name,
        "signature": [] if staff else signature_of(ticket.product),
    }
    about = _concern_words(story, event, notice)
    offer = _offer_words(story, about["concern"], notice)
    record = record_words(ticket, event, staff=staff)
    wish = _wish_words(event, now)
    words = figures(story, event) | returned_mail(story, event) | _latest_message(story, event, staff=staff)
    return context | about | offer | record | words | wish | _undecided_words(notice, ticket, now)


def _undecided_words(notice: Notice, ticket: Ticket, now: datetime) -> dict[str, Any]:
    try:
        return undecided(notice, ticket, now)
    except Decided:
        raise NothingToTell("The cost notice has been decided meanwhile.") from None


def _wish_words(event: TicketEvent | None, now: datetime) -> dict[str, Any]:
    """The wish whose news an event tells, as far as the recipient sees it."""
    if event is None or event.kind != "handover.status":
        return {}
    wanted = {"pk": event.data.get("request"), "number": event.data.get("number")}
    rows = (model.objects.select_related("customer", "product").filter(**wanted).first() for model in WISHES.values())
    wish = next((one for one in rows if one is not None), None)
    return {"wish": wish, "agreed": appointments.agreed_words(wish, now) if wish else ""}


def _concern_words(story: Story, event: TicketEvent | None, notice: Notice) -> dict[str, Any]:
    """The concern that the event is about, and the cards as the portal shows them."""
    concern = story.concern(event.data.get("concern")) if event is not None else None
    if concern is None and "offer" in notice.data:
        rows = (one for one in story.concerns for offer in story.offers_of(one) if offer.pk == notice.data["offer"])
        concern = next(rows, None)
    concern = concern or story.concerns[0]
    cards = [(one.title, _mail_card(card(story, one, Links()), one)) for one in story.concerns]
    own = next(found for one, (_title, found) in zip(story.concerns, cards, strict=True) if one.pk == concern.pk)
    number, position = story.ticket.number, concern.position
    return {
        "concern": concern,
        "concern_title": concern.title if story.is_mixed else "",
        "card": own,
        "cards": cards,
        "objection_url": addresses.page("portal:objection", number=number, position=position),
        "extension_url": addresses.extension(number, position),
    }


def _mail_card(found: KlarKarte, concern: Concern) -> dict[str, Any]:
    """A Klar-Karte as rows of a mail: the same questions in the same order."""
    verdicts = {
        "open": _("Not assessed yet"),
        "covered": _("Covered by the contract"),
        "chargeable": _("Chargeable"),
        "not_offered": _("Not part of product support"),
    }
    item = concern.current_assessment.item if concern.current_assessment else None
    why = [str(found.why)]
    if found.clause_label and item is not None:
        why.append(f"{found.clause_label}: {clause_words(item)[0]}")
    costs = [found.cost_total, found.used_text, str(found.cost_note)]
    return {
        "meaning": found.state,
        "verdict": found.verdict or verdicts[found.state],
        "lead": str(found.lead),
        "rows": [
            (_("Why"), "\n".join(filter(None, why))),
            (_("Costs"), "\n".join(filter(None, costs))),
            (_("Who decides"), str(found.decides)),
            (_("Decided"), str(found.decided)),
            (_("What happens next"), str(found.next)),
            (_("Changes if"), str(found.changes_if)),
        ],
        "button": None,
        "note": "",
    }


def _offer_words(story: Story, concern: Concern, notice: Notice) -> dict[str, Any]:
    """Figures and canonical text of the offer that the notice is about, and the decision on it."""
    wanted = notice.data.get("offer")
    offer = next((one for offers in story.offers.values() for one in offers if one.pk == wanted), None)
    if wanted is not None and offer is None:
        raise NothingToTell("The recipient does not see the cost notice.")
    if offer is None:
        return {}
    words = {
        "offer": offer,
        "at_most": amounts.at_most(offer),
        "gross": amounts.gross(offer, amounts.cap_amount(offer)),
        "estimate_and_rate": amounts.estimate_and_rate(offer),
        "rounding": amounts.rounding(offer),
        "last_day": day(offer.valid_until),
        "offer_text": offer.canonical_text,
        "decision_url": addresses.decision_page(offer.number),
        "alternatives": list(concern.current_assessment.item.alternatives) if concern.current_assessment else [],
    }
    return words | _decision_words(story, offer)


def _decision_words(story: Story, offer: CostOffer) -> dict[str, Any]:
    rows = CustomerDecision.objects.select_related("contact", "sealed").filter(offer=offer)
    decision = rows.first()
    if decision is None:
        return {}
    name = story.name(decision.contact.user_id) or _("Erased person")
    return {
        "decision": decision,
        "decision_text": wording.decision_text(decision, offer, name),
        "decider": name,
        "comment": decision.sealed.text,
    }


def _latest_message(story: Story, event: TicketEvent | None, *, staff: bool) -> dict[str, Any]:
    """The newest message of the instant of the event, e.g. the one that reopened a request; its files by their links.

    Files are not attached: who may see them is asked when they are opened, and mailboxes are full soon enough.
    """
    at: list[Message] = [one for one in story.messages if event is not None and one.created_at == event.at]
    public = [one for one in at if not one.internal]
    page = "desk:attachment" if staff else "portal:file"
    files = public[-1].file_rows if public else []  # type: ignore[attr-defined]
    links = [{"label": one.name, "url": addresses.page(page, pk=one.pk), "note": filesize(one.size)} for one in files]
    return {"message_text": public[-1].text if public else "", "files": links}


def _about_invitation(notice: Notice, now: datetime) -> dict[str, Any]:
    with viewing_as(SYSTEM):
        invitation = Invitation.objects.select_related("contact__user", "customer", "invited_by").get(
            pk=notice.data["invitation"]
        )
        if problem_of(invitation, now) is not None:
            raise NothingToTell("The invitation was used, replaced or has expired.")
        return {"customer": invitation.customer.name, "last_day": day(invitation.expires_at)}


def _about_admission(notice: Notice, now: datetime) -> dict[str, Any]:
    """That a registration was released: with the way to a first password, or with that to sign-in."""
    if "invitation" in notice.data:
        return _about_invitation(notice, now)
    with viewing_as(SYSTEM):
        rows = Registration.objects.select_related("customer", "contact")
        registration = rows.filter(pk=notice.data["registration"]).first()
    if registration is None or registration.contact is None or not registration.contact.is_active:
        raise NothingToTell("The contact was closed meanwhile.")
    return {"customer": registration.customer.name, "last_day": ""}


def _about_registration(notice: Notice, now: datetime) -> dict[str, Any]:
    """Somebody who waits to be let in, for those who decide; staff sees all, admins see those of their company."""
    registration = waiting().filter(pk=notice.data["registration"]).first()
    if registration is None:
        raise NothingToTell("Decided meanwhile, or out of sight.")
    page = "desk:registrations" if notice.recipient.is_staff else "portal:registrations"
    return {
        "registration": registration,
        "customer": registration.customer.name,
        "decide_url": addresses.page(page),
    }


def _about_release(notice: Notice, now: datetime) -> dict[str, Any]:
    contact = Contact.objects.select_related("customer").filter(pk=notice.data["contact"]).first()
    if contact is None or contact.release_limit is None:
        raise NothingToTell("The right was taken back or is out of sight.")
    with viewing_as(SYSTEM):
        name = User.objects.values_list("name", flat=True).get(pk=contact.user_id)
    return {
        "customer": contact.customer.name,
        "contact": contact,
        "name": name,
        "roles": contact_roles(contact),
        "own": contact.user_id == notice.recipient_id,
    }


def _about_wish(notice: Notice, now: datetime) -> dict[str, Any]:
    """A wish for the consultants or a training that belongs to no request."""
    kind, pk = next(iter(notice.data.items()))
    asked = WISHES[kind].objects.select_related("customer", "product").filter(pk=pk).first()
    if asked is None:
        raise NothingToTell("The recipient does not see the wish.")
    return {
        "wish": asked,
        "customer": asked.customer.name,
        "agreed": appointments.agreed_words(asked, now),
        "wish_url": addresses.page(f"portal:{_WISH_PAGES[kind]}", number=asked.number),
    }


def _about_invoice(notice: Notice, now: datetime) -> dict[str, Any]:
    """An invoice for somebody who views the bills of their company."""
    found = bills.about_invoice(notice)
    if not found:
        raise NothingToTell("The recipient does not see the invoice.")
    return found


_BESIDES: dict[str, Callable[[Notice, datetime], dict[str, Any]]] = {
    "invitation": _about_invitation,
    "registration_admitted": _about_admission,
    "registration_waiting": _about_registration,
    "release_granted": _about_release,
    "wish": _about_wish,
    bills.KIND: _about_invoice,
}


def _secrets(notice: Notice, now: datetime) -> dict[str, str]:
    """Tokens and codes of this very mail; only their hashes are stored."""
    if leave := leave_of(notice.kind):
        return {LINK: leave(notice)}
    if "invitation" in notice.data:
        token = secrets.token_urlsafe(32)
        Invitation.objects.filter(pk=notice.data["invitation"]).update(token_hash=token_hash(token))
        return {LINK: addresses.invitation(token)}
    system = User.objects.system()
    if notice.kind == "link_code":
        link = PersonalLink.objects.select_related("offer", "contact").get(pk=notice.data["link"])
        return {CODE: issue_link_code(link, actor=system, now=now)}
    if notice.kind == "phone_code":
        return {CODE: _phone_code(notice, now)}
    if notice.kind in _WITH_LINK:
        offer = CostOffer.objects.get(pk=notice.data["offer"])
        contact = Contact.objects.get(customer_id=notice.customer_id, user=notice.recipient)
        token = make_link(offer, contact=contact, actor=system, now=now)
        return {LINK: addresses.personal_link(token)}
    return {}


def _phone_code(notice: Notice, now: datetime) -> str:
    """The code which the contact reads out; none when the offer or the contact changed meanwhile."""
    offer = CostOffer.objects.get(pk=notice.data["offer"])
    contact = Contact.objects.get(pk=notice.data["contact"], user=notice.recipient)
    try:
        return issue_mailed_phone_code(offer, contact=contact, actor=User.objects.system(), now=now)
    except Refused as problem:
        raise NothingToTell(str(problem.message)) from None
