"""Tell those who wait for it of a workaround or a fix: once each, whose version is affected, whatever breaks meanwhile.

Bounded parts, each in a transaction with the place it reached: a worker that dies loses one part, which is done anew.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from klarfall.channels import notices
from klarfall.contracts.models import ProductVersion
from klarfall.contracts.queries import local_day
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from klarfall.knowledge.actions.problems import TELL
from klarfall.knowledge.installed import installed_versions
from klarfall.knowledge.models import KnownProblem, ProblemReport, ProblemStep, ProblemTicket
from klarfall.knowledge.sight import reads
from klarfall.knowledge.versions import Affected, affects, release_of
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Ticket
from klarfall.tickets.status import LIVE

__all__ = ["TELL", "forget_to_check", "tell", "waiting"]

_AT_ONCE = 50
_VERSIONS = ("affected_from", "affected_to", "fixed_in")


def tell(step_id: int, *, now: datetime) -> None:
    """Tell everybody whom the step concerns; called outside of any scope."""
    going_on = True
    while going_on:
        with viewing_as(SYSTEM, fresh=True):
            going_on = _tell_some(step_id, now)


def forget_to_check() -> None:
    """Take finished requests off the list of those to be looked at."""
    finished = ProblemTicket.objects.filter(to_check=True).exclude(ticket__status__in=LIVE)
    ProblemTicket.objects.filter(pk__in=finished.values("pk")).update(to_check=False)


def waiting(problem: KnownProblem) -> QuerySet[Contact]:
    """Contacts who said that the problem affects them, or whose request hangs on it."""
    said = ProblemReport.objects.filter(problem=problem).values("contact")
    asked = ProblemTicket.objects.filter(problem=problem).values("ticket__contact")
    rows: QuerySet[Contact] = Contact.objects.filter(Q(pk__in=said) | Q(pk__in=asked))
    return rows.filter(is_active=True, user__is_active=True).select_related("user").order_by("pk")


def _tell_some(step_id: int, now: datetime) -> bool:
    """One part; returns whether there may be more."""
    rows = ProblemStep.objects.select_for_update(of=("self",), no_key=True)
    step = rows.select_related("problem__product", *(f"problem__{name}" for name in _VERSIONS)).get(pk=step_id)
    problem = step.problem
    if step.finished_at is not None or not problem.live:  # publishing it asks for this job again
        return False
    overtaken = ProblemStep.objects.filter(problem=problem, pk__gt=step.pk).exists()
    people = [] if overtaken else list(waiting(problem).filter(pk__gt=step.reached)[:_AT_ONCE])
    versions = installed_versions(problem.product_id, [one.customer_id for one in people], local_day(now))
    for contact in people:
        _tell_one(step, contact, versions.get(contact.customer_id), now)
        step.reached = contact.pk
    if len(people) < _AT_ONCE:
        step.finished_at = now
    step.save(update_fields=["reached", "told", "spared", "finished_at"])
    return step.finished_at is None


def _tell_one(step: ProblemStep, contact: Contact, version: ProductVersion | None, now: datetime) -> None:
    problem = step.problem
    if affects(problem, release_of(version)) is Affected.NO or not reads(contact, problem):
        step.spared += 1
        return
    notices.tell(
        contact.user,
        kind=f"problem_{step.state}",
        key=f"problem:{step.pk}:{contact.pk}",
        customer_id=contact.customer_id,
        data={"problem": problem.pk, "contact": contact.pk},
        now=now,
    )
    step.told += 1
    ProblemReport.objects.filter(problem=problem, contact=contact).update(told_at=now)
    hanging = ProblemTicket.objects.filter(problem=problem, ticket__contact=contact)
    for ticket_id in hanging.values_list("ticket_id", flat=True).order_by("ticket_id"):
        _note(step, locked(Ticket(pk=ticket_id)), version, now)
    ProblemTicket.objects.filter(problem=problem, ticket__contact=contact).update(told_at=now)


def _note(step: ProblemStep, ticket: Ticket, version: ProductVersion | None, now: datetime) -> None:
    """A line in the history of an open request, for both sides; it solves nothing by itself."""
    if not ticket.is_live:
        return
    data: dict[str, Any] = {"problem": step.problem_id, "installed": version.name if version else ""}
    if step.version is not None:
        data["version"] = step.version.name
    sealed = seal(ticket, step.problem.title)
    record(ticket, f"problem.{step.state}", actor=step.actor, now=now, data=data, sealed=sealed, public=True)
