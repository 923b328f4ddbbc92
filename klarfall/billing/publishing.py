"""Put a verdict in force: the assessment, and what it does to offers in the same transaction (INV-8, rule 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from klarfall.billing.capping import watch
from klarfall.billing.endings import end_running, mark_extension, withdraw_everything
from klarfall.billing.facts import facts_of
from klarfall.billing.models import BillingLine
from klarfall.billing.waiving import NOTHING, net_of_concern
from klarfall.contracts.models import CatalogueItem, Outcome
from klarfall.tickets.actions.assess import publish_assessment
from klarfall.tickets.events import record
from klarfall.tickets.models import Assessment, Attachment, Concern, Message, Ticket
from klarfall.tickets.status import ConcernStatus as C
from klarfall.tickets.workflow import apply_concern

#: Where a concern goes on after the same item was published again.
_KEPT = {C.OFFERED: "send_offer", C.ACCEPTED: "keep_accepted", C.CAP_REACHED: "keep_cap_reached"}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a person says about a concern. `messages` and `files` are the basis; None means all of the ticket."""

    item: CatalogueItem
    reason: str
    cause: str = "not_relevant"
    training: str = "unknown"
    messages: Sequence[Message] | None = None
    files: Sequence[Attachment] | None = None
    trigger: str = "initial"
    by_call: bool = False
    call_note: str = ""
    next_step: str = ""


def put_in_force(concern: Concern, ticket: Ticket, verdict: Verdict, *, actor: Any, now: datetime) -> Assessment:
    """Publish a verdict on a concern of a locked ticket; the caller settles the ticket.

    Covered and not offered withdraw every open or effective offer. Another chargeable item completes the running
    offer and withdraws those still sent; the same item leaves offers and the concern where they were.
    """
    before, previous = C(concern.status), concern.current_assessment
    owed = _owed(concern, ticket, now) if previous is not None and previous.outcome == Outcome.CHARGEABLE else None
    assessment = publish_assessment(concern, ticket=ticket, **_arguments(verdict), actor=actor, now=now)
    if assessment.outcome != Outcome.CHARGEABLE:
        withdraw_everything(concern, ticket=ticket, actor=actor, now=now)
        _tell_dropped(assessment, owed, ticket=ticket, actor=actor, now=now)
    elif previous is not None and previous.item.code != assessment.item.code:
        end_running(concern, "complete", ticket=ticket, actor=actor, now=now)
    elif before in _KEPT:
        apply_concern(concern, _KEPT[before], ticket=ticket, actor=actor, now=now)
        mark_extension(concern)
    watch(concern, ticket=ticket, actor=actor, now=now)
    return assessment


def _owed(concern: Concern, ticket: Ticket, now: datetime) -> tuple[Decimal, Decimal]:
    """Net of a concern as it would be billed now, and what of it was billed already."""
    if ticket.offered_at is None:
        return NOTHING, NOTHING
    billed = BillingLine.objects.filter(concern=concern).aggregate(net=Sum("net"))["net"] or NOTHING
    return net_of_concern(facts_of([concern])[concern.pk], now), billed


def _tell_dropped(
    assessment: Assessment, owed: tuple[Decimal, Decimal] | None, *, ticket: Ticket, actor: Any, now: datetime
) -> None:
    """Write down what the customer need not pay any more (INV-13); the next run credits what was billed."""
    if owed is None or not any(owed):
        return
    before, credited = owed
    data = {
        "concern": assessment.concern_id,
        "assessment": assessment.pk,
        "before": str(before),
        "credited": str(credited),
    }
    record(ticket, "costs.dropped", actor=actor, now=now, data=data, public=True)


def _arguments(verdict: Verdict) -> dict[str, Any]:
    return {
        "item": verdict.item,
        "reason": verdict.reason,
        "cause": verdict.cause,
        "training": verdict.training,
        "basis_messages": verdict.messages,
        "basis_files": verdict.files,
        "trigger": verdict.trigger,
        "by_call": verdict.by_call,
        "call_note": verdict.call_note,
        "next_step": verdict.next_step,
    }
