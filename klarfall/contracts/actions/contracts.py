"""Add and change contracts and their lines: what is supported from when to when, in which hours, by which ways."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models import Contract, ContractLine, Product
from klarfall.contracts.models.contract import ContractKind
from klarfall.contracts.models.product import ChannelKind
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.changes import change
from klarfall.core.master_rows import line as one_line
from klarfall.customers.models import Customer
from klarfall.service_levels.models import ServiceCalendar

_MOST_NUMBER, _MOST_TITLE = 40, 80  # signs, as the columns hold them


class ContractRefused(Refused):
    """Something about a contract cannot be right; `field` names it."""

    code = "contract_refused"


@dataclass(frozen=True, kw_only=True)
class ContractData:
    """A contract without its lines. `title`: its own name, empty = that of its kind; both days are inclusive.

    `terminated`: not in force any more, whatever the days say.
    """

    kind: str
    number: str
    starts_on: date
    ends_on: date | None = None
    title: str = ""
    terminated: bool = False


@dataclass(frozen=True, kw_only=True)
class LineData:
    """A product under a contract with the service hours and the ways of contact agreed for it."""

    product: Product
    calendar: ServiceCalendar
    channels: tuple[str, ...] = tuple(ChannelKind.values)


@action
def add_contract(customer: Customer, *, data: ContractData, actor: Any, now: datetime) -> Contract:
    """Add a contract of the customer, still without lines. Raises ContractRefused (with `field`)."""
    permissions.require("contract.change", actor)
    values = checked(data)
    _check_free(values["number"], None)
    try:
        with transaction.atomic():
            contract = Contract.objects.create(customer=customer, **values)
    except IntegrityError:  # somebody else has just taken the number
        raise ContractRefused(_("Another contract has this number."), field="number") from None
    audit.record("contract.added", contract, actor=actor, now=now, data={"customer": customer.pk, "kind": data.kind})
    return contract


@action
def change_contract(contract: Contract, *, data: ContractData, actor: Any, now: datetime) -> Contract:
    """Change a contract; requests keep the line that was in force when they came in (INV-11)."""
    permissions.require("contract.change", actor)
    contract = Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
    values = checked(data)
    _check_free(values["number"], contract)
    if changed := change(contract, values):
        audit.record("contract.changed", contract, actor=actor, now=now, data={"fields": changed})
    return contract


@action
def add_line(contract: Contract, *, data: LineData, actor: Any, now: datetime) -> ContractLine:
    """Put a product under the contract, once. Raises ContractRefused (with `field`)."""
    permissions.require("contract.change", actor)
    contract = Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
    if not data.product.active:
        raise ContractRefused(_("This product is no longer offered."), field="product")
    if ContractLine.objects.filter(contract=contract, product=data.product).exists():
        raise ContractRefused(_("This product is under the contract already."), field="product")
    line = ContractLine.objects.create(
        customer_id=contract.customer_id,
        contract=contract,
        product=data.product,
        calendar=data.calendar,
        channels=channels_of(data.channels),
    )
    what = {"contract": contract.pk, "product": data.product.pk, "channels": line.channels}
    audit.record("contract_line.added", line, actor=actor, now=now, data=what)
    return line


@action
def change_line(line: ContractLine, *, data: LineData, actor: Any, now: datetime) -> ContractLine:
    """Change service hours and ways of contact of a line; its product stays. Raises ContractRefused."""
    permissions.require("contract.change", actor)
    line = ContractLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if data.product.pk != line.product_id:
        raise ContractRefused(_("The product of a line stays. Add another line instead."), field="product")
    if changed := change(line, {"calendar_id": data.calendar.pk, "channels": channels_of(data.channels)}):
        what = {"fields": changed, "channels": line.channels}
        audit.record("contract_line.changed", line, actor=actor, now=now, data=what)
    return line


@action
def remove_line(line: ContractLine, *, actor: Any, now: datetime) -> None:
    """Remove a line that was never used; one to which requests refer stays, the contract can end instead."""
    permissions.require("contract.change", actor)
    line = ContractLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    pk, what = line.pk, {"contract": line.contract_id, "product": line.product_id}
    try:
        line.delete()
    except ProtectedError:
        raise ContractRefused(_("Requests refer to this line. Let the contract end instead.")) from None
    line.pk = pk
    audit.record("contract_line.removed", line, actor=actor, now=now, data=what)


def checked(data: ContractData) -> dict[str, Any]:
    """The values as they are kept, or ContractRefused. Not an action: imports check thousands of rows with it."""
    values = asdict(data) | {
        "number": one_line(data.number, field="number", most=_MOST_NUMBER),
        "title": one_line(data.title, field="title", most=_MOST_TITLE, needed=False),
    }
    if data.kind not in ContractKind.values:
        raise ContractRefused(_("Please choose one of the possibilities."), field="kind")
    if data.ends_on is not None and data.ends_on < data.starts_on:
        raise ContractRefused(_("The end lies before the beginning."), field="ends_on")
    return values


def _check_free(number: str, contract: Contract | None) -> None:
    others = Contract.objects.filter(number=number)
    if others.exclude(pk=contract.pk if contract else None).exists():
        raise ContractRefused(_("Another contract has this number."), field="number")


def channels_of(chosen: Iterable[str]) -> list[str]:
    """The agreed ways in their usual order, the portal always among them: asking there is never barred (R6).

    Not an action: it only computes.
    """
    wanted = set(chosen)
    unknown = wanted - set(ChannelKind.values)
    if unknown:
        raise ContractRefused(_("Please choose one of the possibilities."), field="channels")
    return [kind for kind in ChannelKind.values if kind in wanted or kind == ChannelKind.PORTAL]
