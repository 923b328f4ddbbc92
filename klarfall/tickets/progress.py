"""The state of a ticket follows from its concerns and from an open question: derived here and nowhere else.

domain.md, section 5. `derive` is pure; `settle` applies its answer to a locked ticket.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from klarfall.contracts.models import Outcome
from klarfall.tickets import fixed_texts, workflow
from klarfall.tickets.events import seal
from klarfall.tickets.models import Concern, Objection, ResolutionKind, Ticket
from klarfall.tickets.status import FINISHED
from klarfall.tickets.status import ConcernStatus as C
from klarfall.tickets.status import TicketStatus as T


class Stand(Enum):
    """Whose turn it is with one concern."""

    REVIEW = "we assess, or review an objection"
    DECISION = "the customer decides about costs"
    WORK = "we work"
    OFFER_DUE = "we owe a cost offer"
    FREE = "finished without work"
    WORKED = "finished, and somebody worked"


_STANDS = {
    C.OPEN: Stand.REVIEW,
    C.IN_REVIEW: Stand.REVIEW,
    C.COVERED: Stand.WORK,
    C.CHARGEABLE: Stand.OFFER_DUE,
    C.NOT_OFFERED: Stand.WORK,
    C.OFFERED: Stand.DECISION,
    C.ACCEPTED: Stand.WORK,
    C.CAP_REACHED: Stand.WORK,
    C.DONE: Stand.WORKED,
    C.STOPPED: Stand.WORKED,
    C.DECLINED: Stand.FREE,
    C.EXPIRED: Stand.FREE,
    C.OTHER_FORM: Stand.FREE,
    C.REFERRED: Stand.FREE,
}
_FINISHED = {Stand.FREE, Stand.WORKED}


def stand_of(
    status: str,
    *,
    outcome: str = "",
    objection_open: bool = False,
    wish_open: bool = False,
    extension_open: bool = False,
) -> Stand:
    """Where one concern stands; `outcome` is that of its current assessment, empty without one."""
    stand = _STANDS[C(status)]
    if objection_open:
        return Stand.REVIEW
    if status == C.CAP_REACHED and extension_open:
        return Stand.DECISION
    if stand in _FINISHED and wish_open:
        return Stand.OFFER_DUE
    if status == C.DONE and outcome == Outcome.NOT_OFFERED:
        return Stand.FREE  # answered by the text of its assessment
    return stand


def derive(stands: Sequence[Stand], *, question_open: bool) -> T:
    """The state of a live, reviewed ticket whose concerns stand like this."""
    unfinished = [stand for stand in stands if stand not in _FINISHED]
    if all(stand is Stand.FREE for stand in stands):
        return T.RESOLVED
    if unfinished and all(stand is Stand.DECISION for stand in unfinished):
        return T.WAITING_FOR_DECISION
    if question_open:
        return T.WAITING_FOR_CUSTOMER
    if Stand.REVIEW in unfinished and Stand.WORK not in unfinished:
        return T.IN_REVIEW
    return T.IN_PROGRESS


_STEPS = {
    T.IN_REVIEW: "review_again",
    T.IN_PROGRESS: "work",
    T.WAITING_FOR_CUSTOMER: "wait_for_customer",
    T.WAITING_FOR_DECISION: "wait_for_decision",
}


def settle(ticket: Ticket, *, actor: Any, now: datetime) -> None:
    """Bring a locked ticket into the state that follows from its concerns; often there is nothing to do.

    A concern that is not offered is done once its assessment is published: the notice answers it.
    (Who refers it to the consultants does so before settling.) New and ended tickets stay.
    """
    if ticket.status not in _STEPS:
        return
    concerns = list(Concern.objects.filter(ticket=ticket).select_related("current_assessment").order_by("position"))
    for concern in concerns:
        if concern.status == C.NOT_OFFERED:
            workflow.apply_concern(concern, "finish", ticket=ticket, actor=actor, now=now)
    target = derive(_stands(ticket, concerns), question_open=ticket.question_at is not None)
    if target == T.RESOLVED:
        _resolve_by_itself(ticket, concerns, actor=actor, now=now)
    elif target != ticket.status:
        workflow.apply(ticket, _STEPS[target], actor=actor, now=now)


def begin_review(ticket: Ticket, *, actor: Any, now: datetime) -> None:
    """Somebody of us looks at a locked ticket: it and its open concerns are in review from now on."""
    if ticket.status == T.NEW:
        workflow.apply(ticket, "begin_review", actor=actor, now=now)
    for concern in Concern.objects.filter(ticket=ticket, status=C.OPEN).order_by("position"):
        workflow.apply_concern(concern, "begin_review", ticket=ticket, actor=actor, now=now)


def reopen(ticket: Ticket, *, actor: Any, now: datetime) -> None:
    """Reopen a locked, solved ticket: what was done is in review again; the caller stores the message and settles.

    Where nothing was done (all declined, referred …) the customer wants something else: a wish that
    keeps the ticket from being finished at once by itself.
    """
    workflow.apply(ticket, "reopen", actor=actor, now=now, resolved_at=None, restored_at=None, workaround="")
    concerns = list(Concern.objects.filter(ticket=ticket).order_by("position"))
    done = [concern for concern in concerns if concern.status == C.DONE]
    for concern in done:
        workflow.apply_concern(concern, "reassess", ticket=ticket, actor=actor, now=now)
    if not done:
        Concern.objects.filter(ticket=ticket, status__in=FINISHED).update(wish_open=True)


def _stands(ticket: Ticket, concerns: Sequence[Concern]) -> list[Stand]:
    objected = set(
        Objection.objects.filter(ticket=ticket, reviewed_at__isnull=True).values_list("concern_id", flat=True)
    )
    return [
        stand_of(
            concern.status,
            outcome=concern.current_assessment.outcome if concern.current_assessment else "",
            objection_open=concern.pk in objected,
            wish_open=concern.wish_open,
            extension_open=concern.extension_open,
        )
        for concern in concerns
    ]


def _resolve_by_itself(ticket: Ticket, concerns: Sequence[Concern], *, actor: Any, now: datetime) -> None:
    """Resolve with the fixed text, in the language of the person who asked."""
    referred = all(concern.status == C.REFERRED for concern in concerns)
    solution = fixed_texts.no_work(ticket.contact.user.language)
    kind = ResolutionKind.HANDED_OVER if referred else ResolutionKind.NO_WORK
    resolve(ticket, "resolve_by_itself", solution=solution, kind=kind, actor=actor, now=now)


def resolve(ticket: Ticket, step: str, *, solution: str, kind: str, actor: Any, now: datetime) -> None:
    """Move a locked ticket to *resolved* by `step`; the solution is sealed for its history, open questions end."""
    workflow.apply(
        ticket,
        step,
        actor=actor,
        now=now,
        sealed=seal(ticket, solution),
        solution=solution,
        resolution_kind=kind,
        resolved_at=now,
        question_at=None,
        coverage_asked_at=None,
    )
