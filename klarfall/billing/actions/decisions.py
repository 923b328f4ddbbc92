"""The customer decides: accept, decline, propose something else, another form, pass on, stop."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.billing import deciding, workflow
from klarfall.billing.authority import authority
from klarfall.billing.deciding import Answer, Case, open_case
from klarfall.billing.endings import end_running, leave_offered
from klarfall.billing.engine import Caps
from klarfall.billing.models import CostOffer, CustomerDecision, DecisionCode, DecisionKind, Stop
from klarfall.billing.models.decision import AlternativeForm
from klarfall.billing.refusals import DecisionRefused, logs_refusals
from klarfall.billing.status import OfferStatus
from klarfall.core.action import NotAllowed, Refused, action
from klarfall.customers.models import Contact, contact_of
from klarfall.tickets import text as texts
from klarfall.tickets.acting import sees
from klarfall.tickets.actions.handover import request_consulting, request_training
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import locked_concern, next_fact
from klarfall.tickets.models import Concern, TicketEvent
from klarfall.tickets.progress import settle
from klarfall.tickets.status import ConcernStatus
from klarfall.tickets.workflow import apply_concern

__all__ = ["DecisionRefused", "accept", "choose_other_form", "counter", "decline", "pass_on", "stop"]

_CENT = Decimal("0.01")


class NotStoppable(Refused):
    """Nothing is commissioned on this concern, so there is nothing to stop."""

    code = "not_stoppable"


@logs_refusals(DecisionKind.ACCEPT)
@action
def accept(
    offer: CostOffer,
    *,
    cap: Caps | None,
    order_number: str = "",
    comment: str = "",
    text_hash: str,
    channel: str = "portal",
    proof: DecisionCode | None = None,
    evidence: dict[str, Any] | None = None,
    actor: Any,
    now: datetime,
) -> CustomerDecision:
    """Accept an offer, with `cap` None as it stands or with one of its lower caps; `actor` is the contact's user.

    `text_hash` is that of the text on the page. Through a personal link `proof` is what `check_link_code` gave.
    Raises DecisionRefused (its `code` says why) and logs that; nothing is changed then (INV-1, INV-5, INV-6).
    """
    case = open_case(offer, channel=channel, proof=proof, actor=actor, now=now)
    answer = Answer(kind=DecisionKind.ACCEPT, comment=comment, order_number=order_number, evidence=evidence)
    return deciding.accept(case, cap=cap, text_hash=text_hash, answer=answer)


@logs_refusals(DecisionKind.DECLINE)
@action
def decline(
    offer: CostOffer,
    *,
    comment: str = "",
    channel: str = "portal",
    proof: DecisionCode | None = None,
    evidence: dict[str, Any] | None = None,
    actor: Any,
    now: datetime,
) -> CustomerDecision:
    """Do not commission the work; nothing is charged. Of an extension only the extension is declined."""
    case = open_case(offer, channel=channel, proof=proof, actor=actor, now=now)
    answer = Answer(kind=DecisionKind.DECLINE, comment=comment, evidence=evidence)
    return _turn_down(case, answer, "decline", "decline_offer")


@logs_refusals(DecisionKind.COUNTER)
@action
def counter(
    offer: CostOffer,
    *,
    text: str,
    cap_net: Decimal | None = None,
    channel: str = "portal",
    proof: DecisionCode | None = None,
    evidence: dict[str, Any] | None = None,
    actor: Any,
    now: datetime,
) -> CustomerDecision:
    """Propose something else: a decline plus a wish that waits for a new offer. `cap_net` is the cap wished for."""
    words = texts.optional(text, field="text", limit=4_000)
    if cap_net is not None and not _is_amount(cap_net):
        raise DecisionRefused(
            "cap_not_listed", _("Please enter an amount above zero, for example 150,00."), field="cap_net"
        )
    if not words and cap_net is None:
        raise DecisionRefused("no_wish", _("Please say what you wish instead."), field="text")
    case = open_case(offer, channel=channel, proof=proof, actor=actor, now=now)
    wished = {"wished_cap_net": str(cap_net)} if cap_net is not None else {}
    answer = Answer(kind=DecisionKind.COUNTER, comment=words, evidence={**(evidence or {}), **wished})
    return _turn_down(case, answer, "counter", "decline_offer", wish_open=True)


@logs_refusals(DecisionKind.OTHER_FORM)
@action
def choose_other_form(
    offer: CostOffer,
    *,
    alternative: str,
    with_article: bool = False,
    wish: str = "",
    channel: str = "portal",
    proof: DecisionCode | None = None,
    evidence: dict[str, Any] | None = None,
    actor: Any,
    now: datetime,
) -> CustomerDecision:
    """Take an article, a training or a consultant instead; training and consultant get their hand-over at once.

    `with_article`: the article is taken along with a training or a consultant.
    """
    if alternative not in AlternativeForm.values:
        raise DecisionRefused("unknown_form", _("Please choose a form."), field="alternative")
    case = open_case(offer, channel=channel, proof=proof, actor=actor, now=now)
    answer = Answer(
        kind=DecisionKind.OTHER_FORM,
        comment=wish,
        alternative=alternative,
        with_article=with_article,
        evidence=evidence,
    )
    deciding.require(case, "offer.decline")
    _hand_over(case, alternative, wish)
    return _turn_down(case, answer, "decline", "choose_other_form")


@action
def pass_on(offer: CostOffer, *, to: Contact, comment: str = "", actor: Any, now: datetime) -> TicketEvent:
    """Ask a colleague with authority to decide; the event names both, the notice goes to the colleague."""
    concern, ticket = locked_concern(Concern(pk=offer.concern_id, ticket_id=offer.ticket_id))
    offer = CostOffer.objects.get(pk=offer.pk)
    contact = contact_of(actor, ticket.customer_id)
    permissions.require("offer.pass_on", actor, contact)
    if contact is None or not sees(contact, ticket, now):
        raise NotAllowed(_("You do not have the right to do this."))
    if offer.status != OfferStatus.SENT:
        raise DecisionRefused("decided", _("This cost notice does not wait for a decision any more."))
    if to.pk == contact.pk or not authority(offer, to, None, now).allowed:
        raise DecisionRefused("no_role", _("This person may not decide about this cost notice."), field="to")
    words = texts.optional(comment, field="comment", limit=2_000)
    data = {"offer": offer.pk, "concern": concern.pk, "to": to.user_id, "contact": to.pk}
    sealed = seal(ticket, words, person=actor) if words else None
    return record(ticket, "offer.passed_on", actor=actor, now=now, data=data, sealed=sealed, public=True)


@action
def stop(concern: Concern, *, actor: Any, now: datetime) -> Stop:
    """Stop the work on a concern at once: no later minute is billable without a new acceptance (INV-16).

    Ends accepted and used-up offers and withdraws those still sent; other concerns go on (INV-15).
    """
    concern, ticket = locked_concern(concern)
    contact = contact_of(actor, ticket.customer_id)
    permissions.require("work.stop", actor, contact)
    if contact is None or not sees(contact, ticket, now):
        raise NotAllowed(_("You do not have the right to do this."))
    if concern.status not in (ConcernStatus.ACCEPTED, ConcernStatus.CAP_REACHED):
        raise NotStoppable(_("Nothing is commissioned here, so there is nothing to stop."))
    stopped = Stop.objects.create(
        customer_id=ticket.customer_id, ticket=ticket, concern=concern, contact=contact, at=now, fact=next_fact(concern)
    )
    end_running(concern, "stop", ticket=ticket, actor=actor, now=now)
    apply_concern(concern, "stop", ticket=ticket, actor=actor, now=now, extension_open=False)
    data = {"concern": concern.pk, "stop": stopped.pk, "fact": stopped.fact}
    record(ticket, "work.stopped", actor=actor, now=now, data=data, public=True)
    settle(ticket, actor=actor, now=now)
    return stopped


def _turn_down(case: Case, answer: Answer, step: str, concern_step: str, **fields: Any) -> CustomerDecision:
    """Every answer that commissions nothing: the offer ends, the concern follows unless more is open on it."""
    deciding.require(case, "offer.decline")
    decision = deciding.store(case, answer)
    common: dict[str, Any] = {"ticket": case.ticket, "actor": case.actor, "now": case.now}
    workflow.apply(case.offer, step, **common, decided_at=case.now)
    leave_offered(case.concern, concern_step, **common, **fields)
    return deciding.conclude(case, decision)


def _hand_over(case: Case, alternative: str, wish: str) -> None:
    """Pass the wish on to trainers or consultants; an article needs nobody."""
    words = texts.optional(wish, field="wish", limit=2_000) or case.concern.title
    origin: dict[str, Any] = {"product": case.ticket.product, "concern": case.concern, "ticket": case.ticket}
    if alternative == AlternativeForm.TRAINING:
        request_training(case.contact, wish=words, **origin, actor=case.actor, now=case.now)
    elif alternative == AlternativeForm.CONSULTANT:
        request_consulting(case.contact, wish=words, **origin, actor=case.actor, now=case.now)


def _is_amount(value: Any) -> bool:
    return (
        isinstance(value, Decimal)
        and value.is_finite()
        and 0 < value < Decimal(10**8)
        and value == value.quantize(_CENT)
    )
