"""Resolve and close a ticket: steps of billing's actions, which stop timers and end offers in the same transaction."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.core.action import Refused, action
from klarfall.tickets import progress, text, workflow
from klarfall.tickets.models import Concern, Objection, ResolutionKind, Ticket
from klarfall.tickets.status import REOPEN_DAYS, UNASSESSED, ConcernStatus, TicketStatus

_FINISHABLE = (
    ConcernStatus.ACCEPTED,
    ConcernStatus.CAP_REACHED,
    ConcernStatus.COVERED,
    ConcernStatus.NOT_OFFERED,
)


class NotResolvable(Refused):
    """Something is still open that must not be closed over."""

    code = "not_resolvable"


@action
def resolve_ticket(ticket: Ticket, *, solution: str, resolution_kind: str, actor: Any, now: datetime) -> Ticket:
    """Resolve a locked ticket with a solution the customer reads (R10); finishes its concerns. Returns it.

    Every concern must be assessed (INV-10) and none may wait for a decision or a second review;
    only a withdrawn request may stay unassessed. Begins the review of a new ticket by itself.
    """
    permissions.require("ticket.resolve", actor)
    solution = text.required(solution, field="solution", limit=text.LONG)
    if resolution_kind not in ResolutionKind.values or resolution_kind == ResolutionKind.NO_WORK:
        raise NotResolvable(_("Please choose how the request was solved."), field="resolution_kind")
    concerns = list(Concern.objects.filter(ticket=ticket).order_by("position"))
    _check(ticket, concerns, withdrawn=resolution_kind == ResolutionKind.WITHDRAWN)
    if ticket.status == TicketStatus.NEW:
        progress.begin_review(ticket, actor=actor, now=now)
    for concern in concerns:
        if concern.status in _FINISHABLE:
            workflow.apply_concern(
                concern, "finish", ticket=ticket, actor=actor, now=now, wish_open=False, extension_open=False
            )
    progress.resolve(ticket, "resolve", solution=solution, kind=resolution_kind, actor=actor, now=now)
    return ticket


def _check(ticket: Ticket, concerns: list[Concern], *, withdrawn: bool) -> None:
    statuses = {concern.status for concern in concerns}
    if Objection.objects.filter(ticket=ticket, reviewed_at__isnull=True).exists():
        raise NotResolvable(_("The customer sees this differently. Please decide the second review first."))
    if ConcernStatus.OFFERED in statuses:
        raise NotResolvable(_("A cost notice still waits for the customer's decision."))
    if ConcernStatus.CHARGEABLE in statuses:
        raise NotResolvable(_("A chargeable concern has no cost notice yet."))
    if not withdrawn and statuses & set(UNASSESSED):
        raise NotResolvable(_("Please assess every concern first."))


@action
def close_ticket(ticket: Ticket, *, actor: Any, now: datetime) -> Ticket:
    """Close a locked ticket that was resolved more than 14 days ago; only the system does this. Returns it."""
    due = ticket.resolved_at is not None and ticket.resolved_at + timedelta(days=REOPEN_DAYS) < now
    if not due and ticket.status == TicketStatus.RESOLVED:
        raise NotResolvable(_("The 14 days in which the customer may reopen it are not over."))
    workflow.apply(ticket, "close", actor=actor, now=now)
    return ticket
