"""*I see it differently*: open an objection, withdraw it, and write down how the second review ended."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.core.action import Refused, action
from klarfall.tickets import acting, conversation, progress, sla, text, workflow
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import locked_concern, next_fact
from klarfall.tickets.models import Assessment, Concern, Objection, Ticket
from klarfall.tickets.models.objection import ReviewResult
from klarfall.tickets.status import TicketStatus


class NotObjectable(Refused):
    """This assessment cannot be objected to, or the objection cannot be decided like this."""

    code = "not_objectable"


@action
def open_objection(assessment: Assessment, *, text: str, actor: Any, now: datetime) -> Objection:
    """Open the second review of the current assessment (free, once at a time); returns the objection.

    From now on no minute of the concern is billable (INV-14). A solved request is reopened by it.
    """
    words = _required(text, "text")
    concern, ticket = locked_concern(assessment.concern)
    contact = acting.require("objection.open", actor, ticket, now)
    _check_current(concern, ticket, assessment, now)
    sealed = seal(ticket, words, person=actor)
    objection = Objection.objects.create(
        customer_id=ticket.customer_id,
        ticket=ticket,
        concern=concern,
        assessment=assessment,
        contact=contact,
        sealed=sealed,
        opened_at=now,
        opened_fact=next_fact(concern),
    )
    data = {"objection": objection.pk, "concern": concern.pk, "assessment": assessment.pk}
    record(ticket, "objection.opened", actor=actor, now=now, data=data, sealed=sealed, public=True)
    if ticket.status == TicketStatus.RESOLVED:
        workflow.apply(ticket, "reopen", actor=actor, now=now, resolved_at=None)
    conversation.save(ticket, sla.after_question(ticket, now), now=now)
    progress.settle(ticket, actor=actor, now=now)
    return objection


def _check_current(concern: Concern, ticket: Ticket, assessment: Assessment, now: datetime) -> None:
    if concern.current_assessment_id != assessment.pk:
        raise NotObjectable(_("This assessment has been replaced meanwhile. Please reload the page."))
    if Objection.objects.filter(concern=concern, reviewed_at__isnull=True).exists():
        raise NotObjectable(_("A second review of this assessment is already on its way."))
    if not ticket.is_live and not ticket.can_reopen(now):
        raise NotObjectable(_("This request is closed. Please write to us: your message opens a new request."))


@action
def withdraw_objection(objection: Objection, *, actor: Any, now: datetime) -> Objection:
    """The customer takes the objection back; an existing acceptance goes on. Returns the objection."""
    concern, ticket = locked_concern(objection.concern)
    acting.require("objection.withdraw", actor, ticket, now)
    objection = Objection.objects.get(pk=objection.pk)
    _withdraw(objection, ticket, concern, actor=actor, now=now)
    progress.settle(ticket, actor=actor, now=now)
    return objection


def withdraw_open(ticket: Ticket, *, actor: Any, now: datetime) -> None:
    """End the open objections of a locked ticket that the customer withdraws. Not an action: a step of `cancel`."""
    for objection in Objection.objects.filter(ticket=ticket, reviewed_at__isnull=True).select_related("concern"):
        _withdraw(objection, ticket, objection.concern, actor=actor, now=now)


def _withdraw(objection: Objection, ticket: Ticket, concern: Concern, *, actor: Any, now: datetime) -> None:
    _end(objection, concern, ReviewResult.WITHDRAWN, now=now)
    data = {"objection": objection.pk, "concern": concern.pk}
    record(ticket, "objection.withdrawn", actor=actor, now=now, data=data, public=True)


@action
def record_review(
    objection: Objection,
    *,
    ticket: Ticket,
    concern: Concern,
    result: str,
    text: str,
    in_favour: bool,
    actor: Any,
    now: datetime,
) -> Objection:
    """Write down the result of the second review; a step of billing's `review_objection`.

    The caller holds the lock of the ticket, publishes a changed assessment itself and settles.
    The assessor may only decide in the customer's favour (`in_favour`, INV-14). Returns the objection.
    """
    permissions.require("objection.review", actor)
    words = _required(text, "text")
    if result not in ReviewResult.values or result == ReviewResult.WITHDRAWN:
        raise NotObjectable(_("Please choose how the second review ended."), field="result")
    objection = Objection.objects.select_related("assessment").get(pk=objection.pk)
    if objection.assessment.assessor_id == actor.pk and not in_favour:
        raise NotObjectable(
            _("You made this assessment: you may only decide in the customer's favour, else somebody else must.")
        )
    objection.reviewer = actor
    objection.review_sealed = seal(ticket, words)
    _end(objection, concern, result, now=now)
    data = {"objection": objection.pk, "concern": concern.pk, "result": result}
    record(ticket, "objection.reviewed", actor=actor, now=now, data=data, sealed=objection.review_sealed, public=True)
    conversation.save(ticket, sla.after_answer(ticket, now) if ticket.is_live else {}, now=now)
    return objection


def _end(objection: Objection, concern: Concern, result: str, *, now: datetime) -> None:
    if not objection.is_open:
        raise NotObjectable(_("This second review is already decided."))
    objection.result = result
    objection.reviewed_at = now
    objection.reviewed_fact = next_fact(concern)
    objection.save()


def _required(value: str, field: str) -> str:
    return text.required(value, field=field, limit=4_000)
