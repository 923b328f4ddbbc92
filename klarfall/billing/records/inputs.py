"""Read what the service record of a ticket is computed from."""

from klarfall.billing import vat
from klarfall.billing.engine import finished
from klarfall.billing.facts import facts_of
from klarfall.billing.models import BillingLine, TimeEntry
from klarfall.billing.records.content import Clause, ConcernInput, Inputs, Mark
from klarfall.customers.models import Customer
from klarfall.tickets.models import Assessment, Concern, Ticket


def inputs_of(ticket: Ticket) -> Inputs:
    """The inputs of every concern of a ticket, running timers left out; eight queries however many concerns."""
    concerns = list(Concern.objects.filter(ticket=ticket.pk).order_by("position"))
    facts, categories = facts_of(concerns), _categories(ticket)
    customer = Customer.objects.get(pk=ticket.customer_id)
    usual = vat.category_of(customer)
    periods = {one: vat.periods(customer, category=one) for one in {usual, *categories.values()}}
    clauses, marks = _clauses(ticket), _marks(ticket)
    return tuple(
        ConcernInput(
            id=concern.pk,
            position=concern.position,
            facts=finished(facts[concern.pk]),
            vat=periods[categories.get(concern.pk, usual)],
            clauses=clauses.get(concern.pk, ()),
            marks=marks.get(concern.pk, ()),
        )
        for concern in concerns
    )


def _categories(ticket: Ticket) -> dict[int, str]:
    """The VAT category of concerns that were billed: that of their first line, whatever became of the customer."""
    rows = BillingLine.objects.filter(ticket=ticket.pk).order_by("-pk").values_list("concern_id", "category")
    return dict(rows)


def _clauses(ticket: Ticket) -> dict[int, tuple[Clause, ...]]:
    found: dict[int, tuple[Clause, ...]] = {}
    rows = Assessment.objects.filter(ticket=ticket.pk).order_by("pk").values_list("concern_id", "pk", "item__clause")
    for concern_id, pk, clause in rows:
        found[concern_id] = (*found.get(concern_id, ()), Clause(pk, clause))
    return found


def _marks(ticket: Ticket) -> dict[int, tuple[Mark, ...]]:
    found: dict[int, tuple[Mark, ...]] = {}
    rows = TimeEntry.objects.filter(ticket=ticket.pk, purpose="work", raw_end__isnull=False).order_by("pk")
    for concern_id, *mark in rows.values_list("concern_id", "pk", "channel", "is_late"):
        found[concern_id] = (*found.get(concern_id, ()), Mark(*mark))
    return found
