"""What proves the history of a ticket: every assessment with its basis, offers and decisions with their hashes."""

from typing import Any

from django.db.models import F

from klarfall.accounts.permissions import ContactRole
from klarfall.billing.models import CostOffer, CustomerDecision, DecisionAttempt
from klarfall.billing.story import Story
from klarfall.tickets.events import broken_events
from klarfall.tickets.models import Assessment, AssessmentBasis, Ticket


def assessments(story: Story) -> list[dict[str, Any]]:
    """All versions of all assessments, newest first, with what each rests on."""
    rows = Assessment.objects.filter(ticket=story.ticket).select_related("item", "sealed", "assessor", "concern")
    basis = _basis(story.ticket)
    return [
        {"assessment": one, "basis": basis.get(one.pk, []), "current": one.pk == one.concern.current_assessment_id}
        for one in rows.order_by("-published_at", "-pk")
    ]


def _basis(ticket: Ticket) -> dict[int, list[tuple[str, Any]]]:
    """Messages and files by assessment; files by name, messages by their time."""
    found: dict[int, list[tuple[str, Any]]] = {}
    rows = AssessmentBasis.objects.filter(ticket=ticket).order_by("pk")
    for pk, written, name in rows.values_list("assessment_id", "message__created_at", "attachment__name"):
        found.setdefault(pk, []).append(("file", name) if name else ("message", written))
    return found


def offers(story: Story) -> list[dict[str, Any]]:
    """Every offer with its text and hash, its decision with the evidence kept, and the attempts refused."""
    decisions = CustomerDecision.objects.filter(ticket=story.ticket).select_related("contact__user", "sealed")
    by_offer = {one.offer_id: one for one in decisions}
    attempts: dict[int, list[Any]] = {}
    for one in DecisionAttempt.objects.filter(ticket=story.ticket).annotate(name=F("actor__name")).order_by("at"):
        attempts.setdefault(one.offer_id, []).append(one)
    rows = CostOffer.objects.filter(ticket=story.ticket).order_by("number")
    return [
        {
            "offer": one,
            "decision": by_offer.get(one.pk),
            "role": _role_names(by_offer.get(one.pk)),
            "attempts": attempts.get(one.pk, []),
        }
        for one in rows
    ]


def _role_names(decision: CustomerDecision | None) -> str:
    """The roles a person had when deciding, as words; codes nobody knows any more stay as they are."""
    names = dict(ContactRole.choices)
    return ", ".join(str(names.get(code, code)) for code in (decision.role_then if decision else "").split(",") if code)


def chain(story: Story) -> dict[str, Any]:
    """The head of the ticket's chain, its length, and where it does not verify (INV-29)."""
    ticket = story.ticket
    return {"head": ticket.chain_head, "length": ticket.chain_length, "broken": broken_events(ticket)}
