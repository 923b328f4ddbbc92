"""The frozen lines of a run and customer, with what an invoice needs to name them."""

from typing import Any

from klarfall.billing.invoicing.content import Billed, Earlier
from klarfall.billing.models import BillingBatch, BillingLine, CustomerDecision, Invoice
from klarfall.billing.models.decision import DecisionKind
from klarfall.core import vendor
from klarfall.customers.models import Customer


def billed_lines(batch: BillingBatch, customer: Customer) -> list[Billed]:
    """The lines of one customer; three queries. Requests are named by number, never by their title.

    Those who see the costs of a company need not see its requests, and a title may be confidential.
    """
    rows = BillingLine.objects.filter(batch=batch, customer=customer).select_related(
        "ticket", "concern", "offer__assessment__item", "corrects__batch"
    )
    lines = list(rows.order_by("id"))
    orders, earlier = _order_numbers(lines), _earlier(customer)
    prefix = vendor.current().number_prefix
    return [
        Billed(
            **{name: getattr(line, name) for name in _AS_THEY_ARE},
            request=f"{prefix}-{line.ticket.number}",
            position=line.concern.position,
            title=line.offer.assessment.item.title,
            offer=line.offer.number,
            order_number=orders.get(line.offer_id, ""),
            run=line.corrects.batch.number if line.corrects else None,
            corrects=earlier.get(line.corrects.batch_id) if line.corrects else None,
        )
        for line in lines
    ]


_AS_THEY_ARE = (
    "id", "kind", "minutes", "rate", "net", "currency", "category", "percent", "service_from", "service_to", "reason",
)  # fmt: skip


def _order_numbers(lines: list[BillingLine]) -> dict[int, str]:
    """The customer's order number by offer, where one was given with the acceptance and its person is not erased."""
    offers = {line.offer_id for line in lines}
    accepted = CustomerDecision.objects.filter(offer__in=offers, kind=DecisionKind.ACCEPT).select_related("sealed")
    return {one.offer_id: one.sealed.data.get("order_number", "") for one in accepted}


def _earlier(customer: Customer) -> dict[Any, Earlier]:
    """The invoices of a customer by run."""
    rows = Invoice.objects.filter(customer=customer).values_list("batch_id", "number", "issued_on")
    return {batch_id: Earlier(number, issued_on) for batch_id, number, issued_on in rows}
