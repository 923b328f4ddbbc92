"""Import of customers: found again by their number, whatever its case."""

from dataclasses import replace
from typing import Any, ClassVar

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from klarfall.core.action import Refused
from klarfall.customers.actions.customers import CustomerData, checked
from klarfall.customers.mail_domains import is_public
from klarfall.customers.models import Customer
from klarfall.transfer.imports.cells import Wrong
from klarfall.transfer.imports.columns import COLUMNS
from klarfall.transfer.imports.importer import Importer, Outcome, Plan, required
from klarfall.transfer.imports.rows import Row
from klarfall.transfer.models import ImportKind

_GERMAN_POSTAL_CODE = 5
_FIELDS = [column.name for column in COLUMNS[ImportKind.CUSTOMERS] if column.name != "number"]


class CustomerImporter(Importer):
    """Rows of customers."""

    kind: ClassVar[str] = ImportKind.CUSTOMERS

    def key(self, row: Row) -> tuple[str, ...]:
        return (row.values["number"].lower(),)

    def look_up(self, rows: list[Row]) -> None:
        numbers = [row.values["number"].lower() for row in rows]
        found = Customer.objects.annotate(small=Lower("number")).filter(small__in=numbers)
        self._known: dict[str, Customer] = {one.number.lower(): one for one in self.rows(found)}

    def judge(self, row: Row) -> Plan:
        known = self._known.get(row.values["number"].lower())
        if known is None:
            required(row, "name")
        values = self._checked(row, known)
        if known is None:
            return Plan(row, Outcome.ADDED, Customer(**values))
        changed = [name for name in _FIELDS if getattr(known, name) != values[name]]
        for name in changed:
            setattr(known, name, values[name])
        return Plan(row, Outcome.CHANGED if changed else Outcome.UNCHANGED, known)

    def _checked(self, row: Row, known: Customer | None) -> dict[str, Any]:
        """The values after the row, by the rules of the page of a customer."""
        start = {name: getattr(known, name) for name in _FIELDS} if known else {}
        said = start | row.values
        said["number"] = known.number if known else row.values["number"]
        said["mail_domains"] = tuple(said.get("mail_domains", ()))
        data = CustomerData(**said, public_domains=True)
        try:
            values = checked(_with_postal_code(data))
        except Refused as problem:
            raise Wrong(problem.message, problem.field or "") from None
        new = set(values["mail_domains"]) - set(known.mail_domains if known else ())
        if any(is_public(one) for one in new):
            words = _("Anybody gets an address at this domain. Leave it out here, or enter it on the customer's page.")
            raise Wrong(words, "mail_domains")
        return values

    def write(self, plans: list[Plan]) -> None:
        Customer.objects.bulk_create([one.thing for one in plans if one.outcome is Outcome.ADDED])
        Customer.objects.bulk_update([one.thing for one in plans if one.outcome is Outcome.CHANGED], _FIELDS)


def _with_postal_code(data: CustomerData) -> CustomerData:
    """Spreadsheets take `04109` for a number and forget its zero; in Germany all have five digits."""
    code = data.postal_code
    if data.country.upper() == "DE" and code.isdecimal() and len(code) == _GERMAN_POSTAL_CODE - 1:
        return replace(data, postal_code=code.zfill(_GERMAN_POSTAL_CODE))
    return data
