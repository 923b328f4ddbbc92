"""Everything that the desk knows of one customer, read for its page."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models import Contract, ContractLine, InstalledVersion, TrainingRecord
from klarfall.contracts.models.product import ChannelKind
from klarfall.contracts.queries import local_day
from klarfall.customers.colleagues import MOST, colleagues
from klarfall.customers.models import Customer
from klarfall.customers.named import nobody_decides, what_it_means
from klarfall.ui.formats import day

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
        "contracts": contracts_of(customer.pk, today),
        "installed": installed_of(customer.pk),
        "trainings": _trainings(customer.pk, {one.contact.pk: one.name for one in people}),
        "nobody_decides": what_it_means() if nobody_decides(customer, today) else "",
        **{name: permissions.may(permission, request.user) for name, permission in _RIGHTS.items()},
    }


def contracts_of(customer_id: int, today: date) -> list[dict[str, Any]]:
    """The contracts with their term in words and their lines; those in force first."""
    lines: dict[int, list[dict[str, Any]]] = {}
    rows = ContractLine.objects.filter(customer_id=customer_id).select_related("product", "calendar")
    for line in rows.order_by("product__order", "product__name", "pk"):
        ways = ", ".join(str(ChannelKind(kind).label) for kind in line.channels)
        lines.setdefault(line.contract_id, []).append({"line": line, "ways": ways})
    found = Contract.objects.filter(customer_id=customer_id).order_by("-starts_on", "pk")
    shown = [
        {"contract": one, "active": one.is_active(today), "term": term(one, today), "lines": lines.get(one.pk, [])}
        for one in found
    ]
    return sorted(shown, key=lambda one: not one["active"])


def term(contract: Contract, today: date) -> str:
    """From when to when a contract is in force, in words."""
    words = {"start": day(contract.starts_on), "end": day(contract.ends_on)}
    if contract.terminated:
        return _("no longer in force")
    if contract.starts_on > today:
        return _("begins on %(start)s") % words
    if contract.ends_on is None:
        return _("since %(start)s, without an end") % words
    return (_("ended on %(end)s") if contract.ends_on < today else _("runs until %(end)s")) % words


def installed_of(customer_id: int) -> list[InstalledVersion]:
    """What the customer runs and ran, by product, the newest first."""
    rows = InstalledVersion.objects.filter(customer_id=customer_id).select_related("product", "version")
    return list(rows.order_by("product__order", "product__name", "-since")[:_MOST_TRAININGS])


def _trainings(customer_id: int, names: dict[int, str]) -> list[dict[str, Any]]:
    rows = TrainingRecord.objects.filter(customer_id=customer_id).select_related("product").order_by("-on", "-pk")
    return [
        {"name": names.get(one.contact_id, ""), "product": one.product.name, "topic": one.topic, "on": one.on}
        for one in rows[:_MOST_TRAININGS]
    ]
