"""Take a customer's decision: who decides, about what is still open, with which proof; steps of several actions."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.billing import wording, workflow
from klarfall.billing.authority import Authority, authority
from klarfall.billing.capping import watch
from klarfall.billing.endings import mark_extension, withdraw_sent
from klarfall.billing.engine import CapProblem, CapRefused, Caps, choose_cap
from klarfall.billing.models import (
    CostOffer,
    CustomerDecision,
    DecisionChannel,
    DecisionCode,
    DecisionKind,
    PersonalLink,
    Stop,
)
from klarfall.billing.models.decision import PROOF_MINUTES, CodePurpose
from klarfall.billing.pricing import listed_caps
from klarfall.billing.refusals import DecisionRefused
from klarfall.billing.status import OfferStatus
from klarfall.contracts.queries import local_day
from klarfall.customers.models import Contact, contact_of
from klarfall.tickets import text
from klarfall.tickets.acting import sees
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import locked_concern, next_fact
from klarfall.tickets.models import Concern, SealedText, Ticket
from klarfall.tickets.progress import settle
from klarfall.tickets.status import ConcernStatus as C
from klarfall.tickets.workflow import apply_concern
from klarfall.ui.formats import moment

_MOST_EVIDENCE = 500  # characters per piece: browsers may claim to be anything


@dataclass(frozen=True, kw_only=True)
class Case:
    """One offer under the lock of its ticket, the person who decides, and how they prove it."""

    offer: CostOffer
    concern: Concern
    ticket: Ticket
    contact: Contact
    channel: str
    proof: DecisionCode | None
    actor: Any
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is decided and said with it."""

    kind: DecisionKind
    chosen: Caps | None = None
    comment: str = ""
    order_number: str = ""
    alternative: str = ""
    with_article: bool = False
    role: str = ""
    limit: Any = None
    evidence: dict[str, Any] | None = None


def open_case(
    offer: CostOffer, *, channel: str, proof: DecisionCode | None, actor: Any, now: datetime, by: Contact | None = None
) -> Case:
    """Lock everything and make sure that the person may answer and the offer still waits; raises DecisionRefused.

    `by` is the contact whose code an agent types in; else the actor is the contact (INV-6).
    """
    concern, ticket = locked_concern(Concern(pk=offer.concern_id, ticket_id=offer.ticket_id))
    fresh = CostOffer.objects.get(pk=offer.pk)
    contact = _decider(ticket, actor, channel) if by is None else by
    case = Case(
        offer=fresh, concern=concern, ticket=ticket, contact=contact, channel=channel, proof=proof, actor=actor, now=now
    )
    _check_proof(case)
    _check_waits(case)
    return case


def _decider(ticket: Ticket, actor: Any, channel: str) -> Contact:
    if not actor.is_contact:
        raise DecisionRefused("staff", _("Only the customer decides about a cost notice."))
    contact = contact_of(actor, ticket.customer_id)
    if contact is None:
        raise DecisionRefused("foreign", _("You may not decide about this cost notice."))
    if not actor.is_active:
        raise DecisionRefused("inactive", _("Your access has been deactivated."))
    if channel not in (DecisionChannel.PORTAL, DecisionChannel.PERSONAL_LINK):
        raise DecisionRefused("no_proof", _("Please sign in or use your personal link."))
    return contact


def _check_proof(case: Case) -> None:
    """A personal link counts for an hour after its code was typed, and for its own person and offer only."""
    if case.channel != DecisionChannel.PERSONAL_LINK:
        return
    proof = DecisionCode.objects.filter(pk=case.proof.pk).first() if case.proof else None
    fits = (
        proof is not None
        and proof.purpose == CodePurpose.LINK
        and (proof.offer_id, proof.contact_id) == (case.offer.pk, case.contact.pk)
        and proof.used_at is not None
        and proof.used_at > case.now - timedelta(minutes=PROOF_MINUTES)
    )
    if not fits:
        raise DecisionRefused("no_proof", _("Please have a new code sent to you and type it in."))


def _check_waits(case: Case) -> None:
    offer = case.offer
    if offer.status == OfferStatus.EXPIRED:
        raise _late(offer)
    decided = CustomerDecision.objects.filter(offer=offer).select_related("contact__user").first()
    if decided is not None:
        raise _decided(decided)
    if offer.status != OfferStatus.SENT or case.concern.status not in (C.OFFERED, C.ACCEPTED, C.CAP_REACHED):
        raise DecisionRefused("withdrawn", _("This cost notice was withdrawn. It can no longer be decided."))
    if not case.ticket.is_live:
        raise DecisionRefused("finished", _("This request is finished. It has to be reopened first."))


def _late(offer: CostOffer) -> DecisionRefused:
    values = {"day": wording.day_text(offer.valid_until)}
    return DecisionRefused(
        "late", _("This cost notice was valid until %(day)s. Please ask us for a new one; nothing is charged.") % values
    )


def _decided(decision: CustomerDecision) -> DecisionRefused:
    values = {
        "name": decision.contact.user.name,
        "when": moment(decision.at),
        "what": decision.get_kind_display(),
    }
    message = _("This was decided already by %(name)s on %(when)s: %(what)s.") % values
    return DecisionRefused("decided", message, decision=decision.pk)


def require(case: Case, permission: str) -> None:
    """Raise DecisionRefused unless the contact holds the permission and sees the ticket."""
    if not permissions.may(permission, case.contact.user, case.contact):
        raise DecisionRefused("no_role", _("You do not have the right to do this."))
    if not sees(case.contact, case.ticket, case.now):
        raise DecisionRefused("not_visible", _("You may not decide about this cost notice."))


def accept(case: Case, *, cap: Caps | None, text_hash: str, answer: Answer) -> CustomerDecision:
    """Make an acceptance effective after its text, time, cap and authority were tested, in this order."""
    _check_text(case, text_hash)
    _check_time(case)
    chosen = _check_cap(case.offer, cap)
    allowed = authority(case.offer, case.contact, chosen, case.now)
    if not allowed.allowed:
        raise _without_authority(allowed)
    answer = Answer(**{**vars(answer), "chosen": chosen, "role": allowed.role, "limit": allowed.limit})
    decision = store(case, answer)
    workflow.apply(case.offer, "accept", ticket=case.ticket, actor=case.actor, now=case.now, decided_at=case.now)
    _commission(case)
    return conclude(case, decision)


def _check_text(case: Case, given: str) -> None:
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), case.offer.text_hash.encode()):
        raise DecisionRefused(
            "wrong_text", _("The cost notice on your page is not the one in force. Please reload the page and read it.")
        )


def _check_time(case: Case) -> None:
    """The last day counts to its end in the vendor's zone; at the instant of a stop the stop wins (rule 1)."""
    if case.offer.is_late(local_day(case.now)):
        raise _late(case.offer)
    if Stop.objects.filter(concern=case.concern, at=case.now).exists():
        raise DecisionRefused("stopped", _("The work was stopped at this very moment. Please decide again."))


def _check_cap(offer: CostOffer, cap: Caps | None) -> Caps | None:
    """The chosen cap: None or the offered one is the offer as it stands; else it must be listed and lower (rule 2)."""
    offered = Caps(minutes=offer.cap_minutes, net=offer.cap_net)
    if cap is None or cap == offered:
        return None
    try:
        in_force = choose_cap(offered, cap, offer.rate)
    except CapRefused as problem:
        code = "cap_not_lower" if problem.problem is CapProblem.NOT_LOWER else "cap_not_listed"
        raise DecisionRefused(code, _not_listed(), field="cap") from None
    if in_force == offered:
        return None
    if cap not in listed_caps(offer):
        raise DecisionRefused("cap_not_listed", _not_listed(), field="cap")
    return cap


def _not_listed() -> str:
    return _("Please choose the cap or one of the lower caps listed. Anything else you can propose to us.")


def _without_authority(answer: Authority) -> DecisionRefused:
    data = {"limit": None if answer.limit is None else str(answer.limit), "exposure": str(answer.exposure)}
    return DecisionRefused(answer.reason, answer.message, **data)


def store(case: Case, answer: Answer) -> CustomerDecision:
    """Write the decision with its evidence: role, limit, text and time as they are now (INV-27)."""
    chosen, offer = answer.chosen, case.offer
    decision = CustomerDecision(
        customer_id=offer.customer_id,
        ticket=case.ticket,
        concern=case.concern,
        offer=offer,
        contact=case.contact,
        kind=answer.kind,
        fact=next_fact(case.concern),
        at=case.now,
        channel=case.channel,
        code=case.proof,
        chosen_cap_minutes=chosen.minutes if chosen else None,
        chosen_cap_net=chosen.net if chosen else None,
        alternative=answer.alternative,
        with_article=answer.with_article,
        role_then=answer.role or ",".join(sorted(case.contact.role_codes))[:40],
        limit_then=answer.limit,
        text_hash=offer.text_hash,
    )
    decision.sealed = _evidence(case, answer, decision)
    decision.save(force_insert=True)
    return decision


def _evidence(case: Case, answer: Answer, decision: CustomerDecision) -> SealedText:
    person = case.contact.user
    case.offer.ticket, case.offer.concern = case.ticket, case.concern
    data = {
        "name": person.name,
        "email": person.email,
        "order_number": text.optional_line(answer.order_number, field="order_number", limit=60),
        "shown": wording.decision_text(decision, case.offer, person.name),
        "evidence": {
            str(key)[:40]: str(value)[:_MOST_EVIDENCE] for key, value in list((answer.evidence or {}).items())[:20]
        },
    }
    comment = text.optional(answer.comment, field="comment", limit=4_000)
    return seal(case.ticket, comment, data, person=person)


def _commission(case: Case) -> None:
    """What an acceptance does to the concern and to the offers beside it (rule 3)."""
    common: dict[str, Any] = {"ticket": case.ticket, "actor": case.actor, "now": case.now}
    if case.concern.status == C.OFFERED:
        apply_concern(case.concern, "accept_offer", **common)
    elif case.concern.status == C.CAP_REACHED:
        apply_concern(case.concern, "extend", **common)
    withdraw_sent(case.concern, unlike=case.offer, **common)
    mark_extension(case.concern)


def conclude(case: Case, decision: CustomerDecision) -> CustomerDecision:
    """What follows every effective decision: history, used-up links, caps, the ticket's state."""
    caps = decision.chosen
    data = {
        "decision": decision.pk,
        "offer": case.offer.pk,
        "concern": case.concern.pk,
        "kind": decision.kind,
        "contact": case.contact.pk,
        "channel": decision.channel,
        "fact": decision.fact,
        "cap": None if caps is None else {"minutes": caps.minutes, "net": None if caps.net is None else str(caps.net)},
        "role": decision.role_then,
        "limit": None if decision.limit_then is None else str(decision.limit_then),
        "text_hash": decision.text_hash,
    }
    record(case.ticket, "decision.made", actor=case.actor, now=case.now, data=data, sealed=decision.sealed, public=True)
    PersonalLink.objects.filter(offer=case.offer, used_at__isnull=True).update(used_at=case.now)
    watch(case.concern, ticket=case.ticket, actor=case.actor, now=case.now)
    settle(case.ticket, actor=case.actor, now=case.now)
    return decision
