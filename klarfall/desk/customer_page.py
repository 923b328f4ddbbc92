"""Everything that the desk knows of one customer, read for its page."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from klarfall.accounts import permissions
from klarfall.contracts.agreements import agreements, installed
from klarfall.contracts.models import TrainingRecord
from klarfall.contracts.queries import local_day
from klarfall.customers.colleagues import MOST, colleagues
from klarfall.customers.models import Customer
from klarfall.customers.named import nobody_decides, what_it_means

_MOST_TRAININGS = 100
_RIGHTS = {
    "may_set_up": "billing.set_up",
    "may_customer": "customer.change",
    "may_contact": "contact.change",
    "may_contract": "contract.change",
}


def customer_page(request: HttpRequest, customer: Customer, now: datetime) -> dict[str, Any]:
    """The sections of the page; seven queries, whatever the size of the customer."""
    today = local_day(now)
    query = request.GET.get("contact", "").strip()[:80]
    people = colleagues(customer.pk, query=query)
    return {
        "customer": customer,
        "contact_query": query,
        "people": people[:MOST],
        "more_people": len(people) > MOST or bool(query),
        "contracts": agreements([customer.pk], today),
        "installed": installed([customer.pk]),
        "trainings": _trainings(customer.pk),
        "nobody_decides": what_it_means() if nobody_decides(customer, today) else "",
        **{name: permissions.may(permission, request.user) for name, permission in _RIGHTS.items()},
    }


def _trainings(customer_id: int) -> list[dict[str, Any]]:
    rows = TrainingRecord.objects.filter(customer_id=customer_id).select_related("product", "contact__user")
    return [
        {"name": one.contact.user.name, "product": one.product.name, "topic": one.topic, "on": one.on}
        for one in rows.order_by("-on", "-pk")[:_MOST_TRAININGS]
    ]
