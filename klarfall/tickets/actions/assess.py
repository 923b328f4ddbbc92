"""Publish an assessment: a step of billing's actions, which withdraw or send offers in the same transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models import CatalogueItem, Outcome
from klarfall.core.action import Refused, action
from klarfall.tickets import conversation, fixed_texts, progress, sla, text, workflow
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import next_fact
from klarfall.tickets.models import (
    Assessment,
    AssessmentBasis,
    Attachment,
    Cause,
    Concern,
    Message,
    Objection,
    Ticket,
    Training,
)
from klarfall.tickets.models.assessment import Trigger
from klarfall.tickets.status import UNASSESSED, ConcernStatus, TicketStatus

#: Only these causes make such work chargeable (section 4, step 4); by the beginning of the code.
_CAUSES = {"CHG-DATA": Cause.IMPROPER_USE, "CHG-INFRA": Cause.INFRASTRUCTURE}
#: Characters below which a reason for "other chargeable work" explains nothing.
_REAL_REASON = 20


class NotAssessable(Refused):
    """The assessment cannot be published like this; `field` says where."""

    code = "not_assessable"


class AlreadyAssessed(Refused):
    """Somebody else was faster, or the button was pressed twice."""

    code = "already_assessed"


@dataclass(frozen=True)
class Finding:
    """What a person found out about a concern, as given to `publish_assessment`.

    `basis_*`: None takes every message and file that the customer sees.
    """

    item: CatalogueItem
    reason: str
    cause: str = Cause.NOT_RELEVANT
    training: str = Training.UNKNOWN
    basis_messages: Iterable[Message] | None = None
    basis_files: Iterable[Attachment] | None = None
    trigger: str = Trigger.INITIAL
    by_call: bool = False
    call_note: str = ""
    next_step: str = ""


@dataclass(frozen=True)
class _Basis:
    messages: Sequence[Message]
    files: Sequence[Attachment]


@action
def publish_assessment(concern: Concern, *, ticket: Ticket, actor: Any, now: datetime, **finding: Any) -> Assessment:
    """Publish an assessment of a concern whose ticket the caller has locked; returns it.

    The other keywords are the fields of `Finding`. Begins the review by itself and moves the concern
    to the item's outcome; the caller sees to offers and settles. Raises NotAllowed, NotAssessable,
    AlreadyAssessed or UnusableText.
    """
    permissions.require("assessment.publish", actor)
    found = Finding(**finding)
    found = replace(found, trigger=_trigger(concern, ticket, found.trigger))
    _check_finding(found)
    _check_item(ticket, found)
    words = _words(ticket, found)
    basis = _basis(ticket, found)
    _begin(concern, ticket, actor, now)
    assessment = _store(concern, ticket, found, words, actor, now)
    _store_basis(assessment, basis)
    _announce(assessment, basis, ticket=ticket, actor=actor, now=now)
    _conclude(concern, assessment, ticket=ticket, actor=actor, now=now)
    return assessment


def _store(
    concern: Concern, ticket: Ticket, found: Finding, words: dict[str, str], actor: Any, now: datetime
) -> Assessment:
    return Assessment.objects.create(
        customer_id=ticket.customer_id,
        ticket=ticket,
        concern=concern,
        sequence=Assessment.objects.filter(concern=concern).count() + 1,
        fact=next_fact(concern),
        outcome=found.item.outcome,
        item=found.item,
        cause=found.cause,
        training=found.training,
        trigger=found.trigger,
        by_call=found.by_call,
        sealed=seal(ticket, words.pop("reason"), words),
        assessor=actor,
        published_at=now,
    )


def _trigger(concern: Concern, ticket: Ticket, trigger: str) -> str:
    """The trigger under which it is published: after an earlier assessment none is the first."""
    if trigger not in Trigger.values:
        raise NotAssessable(_("This reason for an assessment is unknown."), field="trigger")
    if concern.ticket_id != ticket.pk:
        raise NotAssessable(_("This concern belongs to another request."))
    if ticket.status == TicketStatus.CANCELLED:
        raise NotAssessable(_("The customer has withdrawn this request."))
    if trigger == Trigger.INITIAL and concern.current_assessment_id:
        if concern.status not in UNASSESSED:
            raise AlreadyAssessed(_("This concern has been assessed meanwhile. Please reload the page."))
        trigger = Trigger.NEW_INFORMATION
    ended = ticket.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)
    if ended and trigger not in (Trigger.DEFECT, Trigger.OBJECTION):
        raise NotAssessable(_("This request is finished. Only a defect found later can change its assessment."))
    reviewing = trigger in (Trigger.OBJECTION, Trigger.DEFECT)
    if not reviewing and Objection.objects.filter(concern=concern, reviewed_at__isnull=True).exists():
        raise NotAssessable(_("The customer sees this differently. Please decide the second review first."))
    return trigger


def _check_finding(found: Finding) -> None:
    """Cause and training are answered (section 4, steps 4 and 5)."""
    if found.cause not in Cause.values:
        raise NotAssessable(_("Please choose a cause."), field="cause")
    if found.training not in Training.values:
        raise NotAssessable(_("Please say whether the person was trained; “not known” is an answer."), field="training")
    if Cause.DEFECT in (found.cause, found.trigger) and found.item.outcome != Outcome.COVERED:
        raise NotAssessable(_("A defect of the product is always covered by the contract."), field="cause")


def _check_item(ticket: Ticket, found: Finding) -> None:
    """The item belongs to the ticket's terms and product, and its cause is established."""
    item = found.item
    if item.terms_id != ticket.terms_id:
        raise NotAssessable(_("This service is not part of the terms of this request."), field="item")
    products = {product.pk for product in item.products.all()}
    if products and not products & {ticket.product_id, ticket.partner_product_id}:
        raise NotAssessable(_("This service does not exist for the product of this request."), field="item")
    wanted = next((cause for code, cause in _CAUSES.items() if item.code.startswith(code)), None)
    if wanted is not None and found.cause != wanted:
        raise NotAssessable(
            _("This service needs the established cause “%(cause)s”. Finding the cause is covered by the contract.")
            % {"cause": wanted.label},
            field="cause",
        )
    if item.needs_cause and found.cause in (Cause.UNKNOWN, Cause.NOT_RELEVANT):
        raise NotAssessable(_("This service needs an established cause."), field="cause")


def _words(ticket: Ticket, found: Finding) -> dict[str, str]:
    """The texts of the assessment; legal and tax questions get the vendor's fixed one (R55)."""
    item = found.item
    reason = fixed_texts.legal_notice(ticket.contact.user.language) if item.is_legal else found.reason
    reason = text.required(reason, field="reason", limit=4_000)
    if item.code == "CHG-OTHER" and (len(reason) < _REAL_REASON or reason in _templates(item)):
        raise NotAssessable(_("Please explain in a sentence why this work is charged."), field="reason")
    words = {"reason": reason, "next_step": text.optional(found.next_step, field="next_step", limit=500)}
    if found.by_call:  # R39: what was said on the phone can be read later
        words["call_note"] = text.required(found.call_note, field="call_note", limit=4_000)
    return words


def _templates(item: CatalogueItem) -> set[str]:
    """The reasons that the catalogue brings along: words of nobody about no case."""
    return {item.reason_template.strip(), item.reason_template_en.strip()}


def _basis(ticket: Ticket, found: Finding) -> _Basis:
    """What the assessment rests on: at least one message or file of this very ticket (R37, INV-10)."""
    seen = {"ticket": ticket, "internal": False}
    messages = Message.objects.filter(**seen) if found.basis_messages is None else found.basis_messages
    files = Attachment.objects.filter(**seen) if found.basis_files is None else found.basis_files
    basis = _Basis(list(messages), list(files))
    ids = {*(row.ticket_id for row in basis.messages), *(row.ticket_id for row in basis.files)}
    if ids - {ticket.pk}:
        raise NotAssessable(_("The basis contains something that does not belong to this request."), field="basis")
    if not basis.messages and not basis.files:
        raise NotAssessable(_("Please choose at least one message or file as the basis."), field="basis")
    return basis


def _begin(concern: Concern, ticket: Ticket, actor: Any, now: datetime) -> None:
    """Whoever assesses has looked: ticket and concern are in review."""
    if ticket.is_live:
        progress.begin_review(ticket, actor=actor, now=now)
        concern.refresh_from_db(fields=["status"])
    if concern.status != ConcernStatus.IN_REVIEW:
        workflow.apply_concern(concern, "reassess", ticket=ticket, actor=actor, now=now)


def _store_basis(assessment: Assessment, basis: _Basis) -> None:
    common = {
        "customer_id": assessment.customer_id,
        "ticket_id": assessment.ticket_id,
        "assessment": assessment,
    }
    AssessmentBasis.objects.bulk_create(
        [AssessmentBasis(**common, message=message) for message in basis.messages]
        + [AssessmentBasis(**common, attachment=file) for file in basis.files]
    )


def _announce(assessment: Assessment, basis: _Basis, *, ticket: Ticket, actor: Any, now: datetime) -> None:
    data = assessment.codes() | {
        "messages": [message.pk for message in basis.messages],
        "files": [file.pk for file in basis.files],
    }
    record(ticket, "assessment.published", actor=actor, now=now, data=data, sealed=assessment.sealed, public=True)


def _conclude(concern: Concern, assessment: Assessment, *, ticket: Ticket, actor: Any, now: datetime) -> None:
    """Move the concern, and let the clock know that support has answered."""
    workflow.apply_concern(
        concern,
        f"publish_{assessment.outcome}",
        ticket=ticket,
        actor=actor,
        now=now,
        current_assessment=assessment,
        wish_open=False,
        extension_open=False,
    )
    fields = {} if not ticket.is_live else sla.after_answer(ticket, now)
    if not Concern.objects.filter(ticket=ticket, status__in=UNASSESSED).exists():
        fields["coverage_asked_at"] = None
    conversation.save(ticket, fields, now=now)
