"""The cost decision as a page: what is offered, which answers are open to this person, what would be recorded.

The same page serves the signed-in portal and the personal link; only who decides and where the forms lead differ.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from klarfall.accounts.access import client_address
from klarfall.accounts.people import people
from klarfall.billing import amounts
from klarfall.billing.actions import decisions
from klarfall.billing.authority import Authority, authority
from klarfall.billing.cards import clause_label, clause_words
from klarfall.billing.engine import Caps
from klarfall.billing.models import CostOffer, CustomerDecision, DecisionKind
from klarfall.billing.status import OfferStatus
from klarfall.contracts.queries import local_day
from klarfall.core import vendor
from klarfall.customers.models import Contact
from klarfall.portal.callbacks import can_be_called
from klarfall.portal.forms.decision import ACCEPT, COUNTER, DECLINE, FULL, OTHER, DecisionForm
from klarfall.portal.rows import number_of
from klarfall.portal.shell import seat_in
from klarfall.portal.story_page import clause_url
from klarfall.ui.formats import duration, moment, money, percent
from klarfall.ui.klar_karte import KlarKarte

_AGENT = 200  # characters kept of what the browser says about itself


@dataclass(frozen=True)
class Decider:
    """Who decides, and by which way that is proven."""

    user: Any
    contact: Contact | None
    channel: str = "portal"
    proof: Any = None


@dataclass(frozen=True)
class Addresses:
    """Where the forms of the page lead; an empty one means that way is not offered here."""

    decide: str
    ticket: str = ""
    objection: str = ""
    passing_on: str = ""
    phone_code: str = ""
    callback: str = ""


def decider_of(request: HttpRequest, offer: CostOffer) -> Decider:
    """The signed-in person as contact of the offer's customer; the seat names it, so nothing is read again."""
    seat = seat_in(request, offer.customer_id)
    person: Any = request.user
    known = Contact(pk=seat.contact_id, customer_id=offer.customer_id, user_id=person.pk) if seat else None
    return Decider(person, known)


def offer_for(**lookup: Any) -> CostOffer:
    """The offer with everything its page names, or 404."""
    rows = CostOffer.objects.select_related(
        "ticket__customer", "ticket__terms", "ticket__product", "concern", "assessment__item", "assessment__sealed"
    )
    offer: CostOffer = get_object_or_404(rows, **lookup)
    return offer


def portal_addresses(offer: CostOffer) -> Addresses:
    """The ways of the signed-in portal."""
    number = offer.ticket.number
    phone = can_be_called(offer.ticket.product_id)
    return Addresses(
        decide=reverse("portal:decision", args=[offer.number]),
        ticket=reverse("portal:ticket", args=[number]),
        objection=reverse("portal:objection", args=[number, offer.concern.position]),
        passing_on=reverse("portal:passing-on", args=[offer.number]),
        phone_code=reverse("portal:phone-code", args=[offer.number]) if phone else "",
        callback=f"{reverse('portal:ticket-callback', args=[number])}?offer={offer.number}" if phone else "",
    )


@dataclass
class DecisionPage:
    """Everything about one offer for one person at one instant."""

    offer: CostOffer
    decider: Decider
    addresses: Addresses
    now: datetime
    names: dict[int, str] = field(default_factory=dict)
    answer: CustomerDecision | None = None
    right: Authority | None = None

    @property
    def is_late(self) -> bool:
        """Is the offer unanswered, but no longer valid?"""
        return self.offer.status == OfferStatus.SENT and self.offer.is_late(local_day(self.now))

    @property
    def is_open(self) -> bool:
        """Can it still be answered?"""
        return self.offer.status == OfferStatus.SENT and not self.is_late

    @property
    def alternatives(self) -> list[str]:
        """Other forms which the catalogue names for this kind of work."""
        return [one for one in self.offer.assessment.item.alternatives if one in _FORMS]

    def form(self, data: Any = None) -> DecisionForm:
        """The form of the answer."""
        return DecisionForm(data, offer=self.offer, alternatives=self.alternatives)


def decision_page(offer: CostOffer, decider: Decider, addresses: Addresses, now: datetime) -> DecisionPage:
    """Reads what the page needs: the answer that was given, or else who may give one."""
    page = DecisionPage(offer, decider, addresses, now)
    ids = {offer.assessment.assessor_id, offer.created_by_id}
    if page.is_open and decider.contact is not None:
        page.right = authority(offer, decider.contact, None, now)
        ids |= {one.user_id for one in page.right.who_can}
    else:
        page.answer = CustomerDecision.objects.filter(offer=offer).select_related("contact").first()
        ids |= {page.answer.contact.user_id} if page.answer else set()
    page.names = {pk: person.name for pk, person in people(ids).items()}
    return page


def context_of(page: DecisionPage) -> dict[str, Any]:
    """What the template shows."""
    offer, right = page.offer, page.right
    colleagues = [(one.pk, page.names.get(one.user_id, "")) for one in right.who_can] if right else []
    caps = _caps_in_force(page)
    own = page.decider.contact.pk if page.decider.contact else None
    low, high = amounts.estimated_amounts(offer)
    return {
        "page": page,
        "offer": offer,
        "number": number_of(offer.ticket.number),
        "state": state_words(page),
        "may_accept": right is not None and right.allowed,
        "refusal": right.message if right is not None and not right.allowed else "",
        "colleagues": [(pk, name) for pk, name in colleagues if pk != own and name],
        "total": amounts.cap_text(offer, caps),
        "total_note": _total_note(offer, caps),
        "price": _price(offer, caps),
        "rule": amounts.rounding(offer),
        "scale": (low, high, amounts.cap_amount(offer, caps)),
        "scope": [line.strip() for line in offer.scope.splitlines() if line.strip()],
        "caps": _caps(page),
        "forms": [(f"{OTHER}{one}", *_form_words(one)) for one in page.alternatives],
        "card": _why_card(page),
        "chose_article": page.answer is not None and page.answer.alternative == "article",
        "sample": vendor.current().sample_values,
        "values": {"accept": ACCEPT, "counter": COUNTER, "decline": DECLINE},
    }


def _caps_in_force(page: DecisionPage) -> Caps:
    """The caps that count: the chosen ones once the offer is accepted, until then those offered."""
    answer = page.answer
    chosen = answer.chosen if answer is not None and answer.kind == DecisionKind.ACCEPT else None
    return amounts.caps_in_force(page.offer, chosen)


def _total_note(offer: CostOffer, caps: Caps) -> str:
    amount = amounts.cap_amount(offer, caps)
    words = _("net, %(gross)s with %(percent)s VAT") % {
        "gross": money(amounts.gross(offer, amount), offer.currency),
        "percent": percent(offer.vat_percent.normalize()),
    }
    if amount == amounts.cap_amount(offer):
        return words
    return f"{words} · " + _("offered up to %(amount)s") % {"amount": amounts.cap_text(offer)}


def _price(offer: CostOffer, caps: Caps) -> list[tuple[str, str]]:
    facts = [
        (_("Hourly rate"), money(offer.rate, offer.currency)),
        (_("Estimate"), amounts.estimate(offer)),
        (_("Valid until"), amounts.last_day(offer)),
    ]
    if caps.minutes:
        facts.insert(1, (_("At most"), duration(caps.minutes)))
    return facts


def _caps(page: DecisionPage) -> list[dict[str, Any]]:
    """The lower caps and the offered one, from low to high; none is chosen beforehand."""
    offer, form = page.offer, page.form()
    found = [(value, _combined(offer, caps)) for value, caps in form.lower.items()]
    found.append((FULL, amounts.offered_caps(offer)))
    rows = [{"value": v, "amount": amounts.cap_amount(offer, c), "minutes": c.minutes} for v, c in found]
    return sorted(rows, key=lambda row: row["amount"])


def _combined(offer: CostOffer, chosen: Caps) -> Caps:
    return amounts.caps_in_force(offer, chosen)


_FORMS = ("article", "training", "consultant")


def _form_words(form: str) -> tuple[str, str, str]:
    """Title, note and icon of another form."""
    return {
        "article": (_("Myself, with an article"), _("We send you a guide. It costs nothing."), "file"),
        "training": (_("With a training"), _("We pass your wish on; you get an offer of its own."), "training"),
        "consultant": (_("With a consultant"), _("We pass your wish on; you get an offer of its own."), "handover"),
    }[form]


def _why_card(page: DecisionPage) -> KlarKarte:
    """The card beside the decision: it quotes the clause word by word."""
    offer, assessment = page.offer, page.offer.assessment
    title, text = clause_words(assessment.item)
    name = page.names.get(assessment.assessor_id, "")
    return KlarKarte(
        state=assessment.outcome,
        lead=title,
        why=assessment.reason,
        clause_label=clause_label(assessment.item),
        clause_url=clause_url(offer.ticket)(assessment.item) if page.addresses.ticket else "",
        clause_text=text,
        changes_if=assessment.item.said("changes_if"),
        since=", ".join(filter(None, [name, moment(assessment.published_at, page.now)])),
    )


def state_words(page: DecisionPage) -> dict[str, str]:
    """What has become of an offer that can no longer be answered; empty while it can."""
    if page.is_open:
        return {}
    if page.is_late or page.offer.status == OfferStatus.EXPIRED:
        text = _("It was valid until %(day)s. It costs nothing. If you still need the work, write to us.")
        return {"title": _("This cost notice has expired"), "text": text % {"day": amounts.last_day(page.offer)}}
    if page.answer is not None:
        return {"title": _answered(page, page.answer), "text": _ANSWERED[page.answer.kind]()}
    text = _("We have withdrawn it because something has changed. It costs nothing. The request says what is next.")
    return {"title": _("This cost notice has been withdrawn"), "text": text}


def _answered(page: DecisionPage, answer: CustomerDecision) -> str:
    name = page.names.get(answer.contact.user_id) or _("Erased person")
    cap = amounts.cap_text(page.offer, amounts.caps_in_force(page.offer, answer.chosen))
    sentences = {
        "accept": _("%(name)s has commissioned the work, at most %(cap)s (%(when)s)"),
        "decline": _("%(name)s has not commissioned the work (%(when)s)"),
        "counter": _("%(name)s has proposed something else (%(when)s)"),
        "other_form": _("%(name)s has chosen another form (%(when)s)"),
    }
    return sentences[answer.kind] % {"name": name, "cap": cap, "when": moment(answer.at, page.now)}


_ANSWERED = {
    "accept": lambda: _("The full text went to the people involved by e-mail. You can stop the work at any time."),
    "decline": lambda: _("It costs nothing. The history stays, and you can reopen the request."),
    "counter": lambda: _("Nothing is commissioned. We look at the proposal and send a new cost notice."),
    "other_form": lambda: _("It costs nothing in support."),
}


def summary_of(page: DecisionPage, form: DecisionForm) -> dict[str, Any]:
    """What would be recorded: shown before it is (input can be corrected, domain.md section 9)."""
    data, offer = form.cleaned_data, page.offer
    caps = amounts.caps_in_force(offer, form.caps)
    cap = amounts.cap_text(offer, caps)
    gross = money(amounts.gross(offer, amounts.cap_amount(offer, caps)), offer.currency)
    accept = data["choice"] == ACCEPT
    labels = {
        ACCEPT: _("Commission, chargeable, at most %(cap)s") % {"cap": cap},
        COUNTER: _("Send the proposal"),
        DECLINE: _("Do not commission"),
    }
    facts = [
        (_("Decides"), _who(page)),
        (_("Answer"), _answer_words(form)),
        (_("At most"), _("%(cap)s net, %(gross)s with VAT") % {"cap": cap, "gross": gross} if accept else ""),
        (_("At most, time"), duration(caps.minutes) if accept else ""),
        (_("Belongs to it"), _("Cost notice %(number)s of %(when)s with the text below") % _notice(page)),
        (_("Your order number"), data["order_number"] if accept else ""),
        (_("Proposal"), data["proposal"] if data["choice"] == COUNTER else ""),
        (_("Proposed cap, net"), money(data["proposed_cap"]) if data["choice"] == COUNTER else ""),
        (_("Wish"), data["wish"] if form.alternative else ""),
        (
            _("Kept as evidence"),
            _("Name, time and wording, unchangeable in the history, and by e-mail to those involved"),
        ),
    ]
    return {"facts": facts, "label": labels.get(data["choice"], _("Choose this form")), "is_order": accept}


def _notice(page: DecisionPage) -> dict[str, Any]:
    return {"number": page.offer.number, "when": moment(page.offer.sent_at, page.now)}


def _who(page: DecisionPage) -> str:
    name = page.decider.user.name
    if page.right is not None and page.right.limit is not None:
        return _("%(name)s, cost release up to %(limit)s") % {"name": name, "limit": money(page.right.limit)}
    return str(name)


def _answer_words(form: DecisionForm) -> str:
    words = {ACCEPT: _("Commission with a cap"), COUNTER: _("Propose something else"), DECLINE: _("Do not commission")}
    return words.get(form.cleaned_data["choice"]) or _form_words(form.alternative)[0]


def record(page: DecisionPage, form: DecisionForm, request: HttpRequest) -> CustomerDecision:
    """Hands the answer to its action, with the evidence of this request."""
    data, offer, decider = form.cleaned_data, page.offer, page.decider
    how: dict[str, Any] = {
        "channel": decider.channel,
        "proof": decider.proof,
        "evidence": evidence_of(request),
        "actor": decider.user,
        "now": page.now,
    }
    if data["choice"] == ACCEPT:
        how |= {"order_number": data["order_number"], "text_hash": data["text_hash"]}
        return decisions.accept(offer, cap=form.caps, **how)
    if data["choice"] == COUNTER:
        return decisions.counter(offer, text=data["proposal"], cap_net=data["proposed_cap"], **how)
    if data["choice"] == DECLINE:
        return decisions.decline(offer, **how)
    return decisions.choose_other_form(offer, alternative=form.alternative, wish=data["wish"], **how)


def evidence_of(request: HttpRequest) -> dict[str, str]:
    """Where the answer came from, as far as the server can tell."""
    return {
        "address": client_address(request),
        "browser": request.headers.get("User-Agent", "")[:_AGENT],
        "path": request.path if not request.path.startswith("/l/") else "/l/",
    }


def decided_rows(offers: Any) -> list[dict[str, str]]:
    """Answered, expired and withdrawn offers for the list."""
    return [
        {
            "url": reverse("portal:decision", args=[one.number]),
            "number": number_of(one.ticket.number),
            "title": one.concern.title,
            "total": amounts.at_most(one),
            "status": str(one.get_status_display()),
        }
        for one in offers
    ]
