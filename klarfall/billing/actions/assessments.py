"""Publish assessments: covered, chargeable (with its cost notice), not offered; second reviews and found defects."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.billing import sending
from klarfall.billing.capping import watch
from klarfall.billing.endings import withdraw_sent
from klarfall.billing.finishing import end_work
from klarfall.billing.models import CostOffer
from klarfall.billing.pricing import OfferImpossible, OfferTerms
from klarfall.billing.publishing import Verdict, put_in_force
from klarfall.contracts.models import CatalogueItem, Outcome
from klarfall.core.action import action
from klarfall.tickets import conversation, text
from klarfall.tickets import files as stored_files
from klarfall.tickets.actions.assess import NotAssessable
from klarfall.tickets.actions.close import resolve_ticket
from klarfall.tickets.actions.handover import request_consulting
from klarfall.tickets.actions.object import record_review
from klarfall.tickets.locking import locked, locked_concern
from klarfall.tickets.models import Assessment, Concern, ConsultantRequest, Objection, Ticket
from klarfall.tickets.models.assessment import Cause, Trigger
from klarfall.tickets.models.objection import ReviewResult
from klarfall.tickets.progress import settle
from klarfall.tickets.workflow import apply_concern

__all__ = [
    "NotAssessable", "Verdict", "answer_covered", "publish", "refer", "report_defect", "review_objection",
    "send_cost_notice",
]  # fmt: skip

_DEFECT = "COV-DEFECT"


@action
def publish(concern: Concern, *, verdict: Verdict, actor: Any, now: datetime) -> Assessment:
    """Publish a verdict; covered and not offered withdraw every open or effective offer at once (INV-8).

    Raises NotAssessable, AlreadyAssessed or UnusableText, with the field that is wrong.
    """
    concern, ticket = locked_concern(concern)
    assessment = put_in_force(concern, ticket, verdict, actor=actor, now=now)
    settle(ticket, actor=actor, now=now)
    return assessment


@action
def send_cost_notice(concern: Concern, *, verdict: Verdict, offer: OfferTerms, actor: Any, now: datetime) -> CostOffer:
    """Publish a chargeable verdict and send its offer in one step; an offer that still waits is replaced.

    Raises what `publish` and `send_offer` raise; nothing is published then.
    """
    if verdict.item.outcome != Outcome.CHARGEABLE:
        raise OfferImpossible(_("A cost notice is only possible where the work is chargeable."), field="item")
    concern, ticket = locked_concern(concern)
    put_in_force(concern, ticket, verdict, actor=actor, now=now)
    withdraw_sent(concern, ticket=ticket, actor=actor, now=now)
    sent = sending.send(concern, ticket, offer, actor=actor, now=now)
    settle(ticket, actor=actor, now=now)
    return sent


@action
def answer_covered(
    ticket: Ticket,
    *,
    verdict: Verdict,
    answer: str,
    resolution_kind: str,
    files: Sequence[Any] = (),
    actor: Any,
    now: datetime,
) -> Ticket:
    """The one button: answer, covered, solved. For tickets with one concern; begins the review by itself.

    The answer is a message with its files and the solution at once. Returns the ticket.
    """
    words = text.required(answer, field="answer")
    if verdict.item.outcome != Outcome.COVERED:
        raise NotAssessable(_("This button is for what the contract covers."), field="item")
    ticket = locked(ticket)
    permissions.require("ticket.resolve", actor)
    concern, *others = (
        Concern.objects.filter(ticket=ticket).select_related("current_assessment__item").order_by("position")
    )
    if others:
        raise NotAssessable(_("This request has several concerns. Please assess each of them."))
    with stored_files.stored(files, now=now) as contents:
        put_in_force(concern, ticket, verdict, actor=actor, now=now)
        message, attachments = conversation.write(
            ticket, text=words, contents=contents, from_customer=False, actor=actor, now=now
        )
        conversation.note(message, attachments, ticket=ticket, actor=actor, now=now)
        end_work(ticket, actor=actor, now=now)
        return resolve_ticket(ticket, solution=words, resolution_kind=resolution_kind, actor=actor, now=now)


@action
def refer(
    concern: Concern,
    *,
    verdict: Verdict,
    wish: str,
    place: str = "",
    preferred_dates: str = "",
    actor: Any,
    now: datetime,
) -> ConsultantRequest:
    """Publish *not offered* and hand the wish over to the consultants for the ticket's contact (R54)."""
    if verdict.item.outcome != Outcome.NOT_OFFERED:
        raise NotAssessable(_("Only what support does not offer is referred to the consultants."), field="item")
    concern, ticket = locked_concern(concern)
    put_in_force(concern, ticket, verdict, actor=actor, now=now)
    request = request_consulting(
        ticket.contact,
        product=ticket.product,
        wish=wish,
        place=place,
        preferred_dates=preferred_dates,
        concern=concern,
        ticket=ticket,
        actor=actor,
        now=now,
    )
    settle(ticket, actor=actor, now=now)
    return request


@action
def review_objection(
    objection: Objection, *, result: str, text: str, verdict: Verdict | None = None, actor: Any, now: datetime
) -> Objection:
    """Decide the second review; not by the assessor, except in the customer's favour (INV-14).

    `verdict` is the new assessment: needed when something changes, not allowed when all is confirmed.
    """
    concern, ticket = locked_concern(Concern(pk=objection.concern_id, ticket_id=objection.ticket_id))
    if (result == ReviewResult.CONFIRMED) != (verdict is None):
        raise NotAssessable(_("A changed result needs a new assessment, a confirmed one has none."), field="result")
    in_favour = result == ReviewResult.CHANGED and verdict is not None and verdict.item.outcome == Outcome.COVERED
    objection = record_review(
        objection, ticket=ticket, concern=concern, result=result, text=text, in_favour=in_favour, actor=actor, now=now
    )
    if verdict is not None:
        put_in_force(concern, ticket, replace(verdict, trigger=Trigger.OBJECTION), actor=actor, now=now)
    watch(concern, ticket=ticket, actor=actor, now=now)
    settle(ticket, actor=actor, now=now)
    return objection


@action
def report_defect(concern: Concern, *, reason: str, actor: Any, now: datetime) -> Assessment:
    """A product defect was found: covered from the beginning (INV-13), also on a closed ticket, which stays closed.

    What was billed is credited by the next run. Raises NotAssessable, also when it is recorded as a defect already.
    """
    concern, ticket = locked_concern(concern)
    permissions.require("assessment.publish", actor)
    current = concern.current_assessment
    if current is not None and current.item.code == _DEFECT and not concern.is_unassessed:
        raise NotAssessable(_("This has been recorded as a defect already."))
    item = CatalogueItem.objects.filter(terms_id=ticket.terms_id, code=_DEFECT).first()
    if item is None:
        raise NotAssessable(_("The terms of this request name no service for product defects."))
    verdict = Verdict(item=item, reason=reason, cause=Cause.DEFECT, trigger=Trigger.DEFECT)
    assessment = put_in_force(concern, ticket, verdict, actor=actor, now=now)
    if not ticket.is_live:
        apply_concern(concern, "finish", ticket=ticket, actor=actor, now=now)
    settle(ticket, actor=actor, now=now)
    return assessment
