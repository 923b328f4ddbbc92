"""Who has a known problem: *this affects me too* of contacts, and the requests that hang on it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.customers.models import Contact, contact_of
from klarfall.knowledge.models import KnownProblem, ProblemReport, ProblemTicket
from klarfall.knowledge.sight import reads
from klarfall.knowledge.status import TROUBLING, ProblemStatus
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Ticket


class NotYourProblem(Refused):
    """The contact, or the request, cannot belong to this problem."""

    code = "not_your_problem"


@action
def report_affected(problem: KnownProblem, *, contact: Contact, actor: Any, now: datetime) -> ProblemReport:
    """Say for a contact that the problem affects them too; saying it again changes nothing.

    Raises NotYourProblem where the contact's own company does not read the problem, or nothing is left to wait for.
    """
    permissions.require("problem.report", actor, contact_of(actor, contact.customer_id))
    _check_own(contact, actor)
    if problem.status not in TROUBLING:
        raise NotYourProblem(_("This problem is finished: there is nothing left to wait for."))
    if not reads(contact, problem):
        raise NotYourProblem(_("This problem is about a product that your company does not have."))
    report, made = ProblemReport.objects.get_or_create(
        customer_id=contact.customer_id, problem=problem, contact=contact, defaults={"created_at": now}
    )
    if made:
        audit.record("problem.reported", problem, actor=actor, now=now, data={"contact": contact.pk})
    return report


@action
def take_report_back(report: ProblemReport, *, actor: Any, now: datetime) -> None:
    """It does not affect them after all: nothing about it is told to them any more."""
    contact = Contact.objects.get(pk=report.contact_id)
    permissions.require("problem.report", actor, contact_of(actor, contact.customer_id))
    _check_own(contact, actor)
    problem = KnownProblem.objects.get(pk=report.problem_id)
    if ProblemReport.objects.filter(pk=report.pk).delete()[0]:
        audit.record("problem.report_taken_back", problem, actor=actor, now=now, data={"contact": contact.pk})


@action
def attach_ticket(problem: KnownProblem, *, ticket: Ticket, actor: Any, now: datetime) -> ProblemTicket:
    """Let a request hang on a problem: whoever sent it is told of a workaround and of the fix.

    Specialists do it, and whoever of the company sees the request and recognises the problem, such as its sender. A
    second time changes nothing.
    Raises NotYourProblem.
    """
    ticket = locked(ticket)
    _check_may_attach(problem, ticket, actor)
    link, made = ProblemTicket.objects.get_or_create(
        customer_id=ticket.customer_id,
        problem=problem,
        ticket=ticket,
        defaults={
            "created_by": actor,
            "created_at": now,
            "to_check": problem.status == ProblemStatus.FIXED and ticket.is_live,
        },
    )
    if made:
        _note(ticket, "problem.attached", problem, actor, now)
    return link


@action
def detach_ticket(link: ProblemTicket, *, actor: Any, now: datetime) -> None:
    """The request is about something else."""
    permissions.require("problem.manage", actor)
    ticket = locked(Ticket(pk=link.ticket_id))
    if ProblemTicket.objects.filter(pk=link.pk).delete()[0]:
        _note(ticket, "problem.detached", KnownProblem.objects.get(pk=link.problem_id), actor, now)


@action
def mark_checked(link: ProblemTicket, *, actor: Any, now: datetime) -> None:
    """A specialist has looked whether the fix solves the request; what follows is their decision."""
    permissions.require("problem.manage", actor)
    ticket = locked(Ticket(pk=link.ticket_id))
    if ProblemTicket.objects.filter(pk=link.pk, to_check=True).update(to_check=False):
        record(ticket, "problem.checked", actor=actor, now=now, data={"problem": link.problem_id})


def _note(ticket: Ticket, kind: str, problem: KnownProblem, actor: Any, now: datetime) -> None:
    """A line of the request's history with the title of today; the customer's as well where they read the problem."""
    public = reads(Contact.objects.get(pk=ticket.contact_id), problem)
    sealed = seal(ticket, problem.title, internal=not public)
    record(ticket, kind, actor=actor, now=now, data={"problem": problem.pk}, sealed=sealed, public=public)


def _check_own(contact: Contact, actor: Any) -> None:
    if contact.user_id != actor.pk or not contact.is_active:
        raise NotYourProblem(_("Everybody says for themselves what affects them."))


def _check_may_attach(problem: KnownProblem, ticket: Ticket, actor: Any) -> None:
    contact = contact_of(actor, ticket.customer_id)
    permissions.require("article.attach", actor, contact)
    if contact is not None and not reads(contact, problem):
        raise NotYourProblem(_("This problem does not fit your request."))
