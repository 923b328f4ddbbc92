"""Import of contracts: found again by their number, their lines by the product under them.

A contract of three products has three lines in the table; what the first one says of the contract, the others may
repeat or leave out.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from klarfall.contracts.actions.contracts import ContractData, channels_of, checked
from klarfall.contracts.models import Contract, ContractLine, Product
from klarfall.contracts.models.product import ChannelKind
from klarfall.core.action import Refused
from klarfall.service_levels.models import ServiceCalendar
from klarfall.transfer.imports.cells import Wrong
from klarfall.transfer.imports.importer import Importer, Outcome, Plan, required
from klarfall.transfer.imports.known import Products, customers_of
from klarfall.transfer.imports.known import customer as customer_of
from klarfall.transfer.imports.rows import Row
from klarfall.transfer.models import ImportKind

_FIELDS = ("kind", "title", "starts_on", "ends_on", "terminated")
_OF_LINE = ("calendar", "channels")


@dataclass(slots=True)
class _Agreed:
    """A contract and perhaps one of its lines, each with the names of what changed (None = it is new)."""

    contract: Contract
    changed: list[str] | None
    line: ContractLine | None = None
    line_changed: list[str] | None = None


class ContractImporter(Importer):
    """Rows of contracts and their lines."""

    kind: ClassVar[str] = ImportKind.CONTRACTS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._products = Products()
        self._told: dict[str, dict[str, tuple[Any, int]]] = {}

    def key(self, row: Row) -> tuple[str, ...]:
        return row.values["number"], self._products.key(row.values.get("product", ""))

    def note(self, row: Row) -> None:
        """Lines of one contract do not contradict each other."""
        super().note(row)
        if row.wrong is not None:
            return
        told = self._told.setdefault(row.values["number"], {})
        for name in ("customer", *_FIELDS):
            if name in row.values:
                value, line = told.setdefault(name, (row.values[name], row.line))
                if value != row.values[name]:
                    row.wrong = Wrong(_("Line %(line)s says something else of this contract.") % {"line": line}, name)

    def look_up(self, rows: list[Row]) -> None:
        numbers = {row.values["number"] for row in rows}
        self._contracts = {one.number: one for one in self.rows(Contract.objects.filter(number__in=numbers))}
        self._customers = customers_of(self._of_contract(row).get("customer", "") for row in rows)
        lines = ContractLine.objects.filter(contract__in=self._contracts.values())
        self._lines_of = {(one.contract_id, one.product_id): one for one in self.rows(lines)}
        self._calendars = {one.name.casefold(): one for one in ServiceCalendar.objects.all()}
        self._new: dict[str, Contract] = {}

    def _of_contract(self, row: Row) -> dict[str, Any]:
        return {name: value for name, (value, _line) in self._told.get(row.values["number"], {}).items()}

    def judge(self, row: Row) -> Plan:
        said = self._of_contract(row)
        known = self._contracts.get(row.values["number"]) or self._new.get(row.values["number"])
        # Everything that may be wrong is looked at before anything is changed: a line that is skipped changes nothing.
        before, wanted = self._wanted(row, known)
        contract, changed = self._contract(row, said, known)
        line, line_changed = _line(before, wanted)
        self._new.setdefault(contract.number, contract)
        is_new = changed is None or line_changed is None
        outcome = Outcome.ADDED if is_new else Outcome.CHANGED if changed or line_changed else Outcome.UNCHANGED
        return Plan(row, outcome, _Agreed(contract, changed, line, line_changed))

    def _contract(self, row: Row, said: dict[str, Any], known: Contract | None) -> tuple[Contract, list[str] | None]:
        if known is None:
            for name in ("customer", "kind", "starts_on"):
                if name not in said:
                    required(row, name)
        customer = self._customer(said, known)
        values = {name: getattr(known, name) for name in _FIELDS} if known else {}
        values |= {name: said[name] for name in _FIELDS if name in said}
        try:
            values = checked(ContractData(number=row.values["number"], **values))
        except Refused as problem:
            raise Wrong(problem.message, problem.field or "") from None
        if known is None:
            return Contract(customer_id=customer, **values), None
        changed = [name for name in _FIELDS if getattr(known, name) != values[name]]
        for name in changed:
            setattr(known, name, values[name])
        return known, changed

    def _customer(self, said: dict[str, Any], known: Contract | None) -> int:
        if "customer" not in said and known is not None:
            return known.customer_id
        customer = customer_of(self._customers, said["customer"])
        if known is not None and known.customer_id != customer.pk:
            raise Wrong(_("The contract of this number belongs to another customer."), "customer")
        return customer.pk

    def _wanted(self, row: Row, contract: Contract | None) -> tuple[ContractLine | None, dict[str, Any]]:
        """The line of the row's product as it is, and as it is wanted; nothing where the row names no product."""
        if not row.values.get("product"):
            for name in _OF_LINE:
                if name in row.values:
                    raise Wrong(_("For which product? This column belongs to a product."), name)
            return None, {}
        product = self._products.find(row.values["product"])
        known = self._lines_of.get((contract.pk, product.pk)) if contract and contract.pk else None
        if known is None and not product.active:
            raise Wrong(_("This product is no longer offered."), "product")
        channels = channels_of(row.values.get("channels", known.channels if known else ChannelKind.values))
        return known, {"product": product, "calendar_id": self._calendar(row, known, product), "channels": channels}

    def _calendar(self, row: Row, known: ContractLine | None, product: Product) -> int:
        """The service hours that the row names, else those of the line, of the product, or the only ones there are."""
        name = row.values.get("calendar")
        if not name and known is not None:
            return known.calendar_id
        if not name and product.calendar_id is not None:
            return product.calendar_id
        if not name and len(self._calendars) == 1:
            return next(iter(self._calendars.values())).pk
        found = self._calendars.get((name or "").casefold())
        if found is None:
            names = ", ".join(one.name for one in self._calendars.values())
            raise Wrong(_("Which service hours? There are: %(names)s.") % {"names": names}, "calendar")
        return found.pk

    def write(self, plans: list[Plan]) -> None:
        agreed: list[_Agreed] = [one.thing for one in plans if one.outcome in (Outcome.ADDED, Outcome.CHANGED)]
        Contract.objects.bulk_create([one.contract for one in agreed if one.changed is None])
        changed = {one.contract.pk: one.contract for one in agreed if one.changed}
        Contract.objects.bulk_update(changed.values(), _FIELDS)
        new = [(one.contract, one.line) for one in agreed if one.line is not None and one.line_changed is None]
        for contract, line in new:
            line.contract, line.customer_id = contract, contract.customer_id
        ContractLine.objects.bulk_create([line for _contract, line in new])
        lines = [one.line for one in agreed if one.line is not None and one.line_changed]
        ContractLine.objects.bulk_update(lines, ["calendar_id", "channels"])


def _line(known: ContractLine | None, wanted: dict[str, Any]) -> tuple[ContractLine | None, list[str] | None]:
    """The line as wanted, with the names of what changed; None = it is new, nothing = no line is meant."""
    if not wanted:
        return None, []
    if known is None:
        return ContractLine(**wanted), None
    changed = [name for name in ("calendar_id", "channels") if getattr(known, name) != wanted[name]]
    for name in changed:
        setattr(known, name, wanted[name])
    return known, changed
