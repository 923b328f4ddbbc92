"""Customers, contacts, contracts and versions as tables of the form that imports read: out, changed, and in again."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from klarfall.contracts.models import Contract, ContractLine, InstalledVersion
from klarfall.core.spreadsheets import csv_bytes
from klarfall.customers.models import Contact, Customer
from klarfall.transfer.imports.cells import EMPTY_IT
from klarfall.transfer.imports.columns import COLUMNS, Column
from klarfall.transfer.models import ImportKind

_AT_ONCE = 2_000
Values = dict[str, Any]


def as_csv(kind: str, language: str) -> bytes:
    """The table of a kind with headings and words in a language."""
    columns = COLUMNS[kind]
    rows = ([_cell(values[one.name], one, language) for one in columns] for values in _ROWS[kind]())
    return csv_bytes([one.heading(language) for one in columns], rows)


def _cell(value: Any, column: Column, language: str) -> Any:
    words = dict(zip(column.words.values(), column.choices(language), strict=False)) if column.words else {}
    match value:
        case bool():
            return {"de": ("nein", "ja")}.get(language, ("no", "yes"))[value]
        case list() | tuple():
            return ", ".join(str(words.get(one, one)) for one in value)
        case Decimal():
            return value
        case str() if value == EMPTY_IT:
            return ""  # would empty the field when it comes back
    return words.get(value, value) if isinstance(value, str) else value


def _customers() -> Iterator[Values]:
    names = [one.name for one in COLUMNS[ImportKind.CUSTOMERS]]
    yield from Customer.objects.order_by("number").values(*names).iterator(chunk_size=_AT_ONCE)


def _contacts() -> Iterator[Values]:
    """Open contacts; closed ones and erased people are no part of the list."""
    found = Contact.objects.filter(is_active=True).select_related("user", "customer").order_by("customer__number", "id")
    for one in found.iterator(chunk_size=_AT_ONCE):
        own = ("phone", "roles", "release_limit", "release_from", "release_to", "visibility")
        yield {
            "customer": one.customer.number,
            "email": one.user.email,
            "name": one.user.name,
            "language": one.user.language,
            **{name: getattr(one, name) for name in own},
        }


def _contracts() -> Iterator[Values]:
    """A row for each line; a contract without lines has one, too."""
    lines: dict[int, list[ContractLine]] = {}
    for line in ContractLine.objects.select_related("product", "calendar").order_by("id"):
        lines.setdefault(line.contract_id, []).append(line)
    own = ("number", "kind", "title", "starts_on", "ends_on", "terminated")
    for contract in Contract.objects.select_related("customer").order_by("number").iterator(chunk_size=_AT_ONCE):
        said = {name: getattr(contract, name) for name in own} | {"customer": contract.customer.number}
        for agreed in lines.get(contract.pk, [None]):
            yield said | {
                "product": agreed.product.code if agreed else "",
                "calendar": agreed.calendar.name if agreed else "",
                "channels": agreed.channels if agreed else "",
            }


def _versions() -> Iterator[Values]:
    found = InstalledVersion.objects.select_related("customer", "product", "version").order_by("customer__number", "id")
    for one in found.iterator(chunk_size=_AT_ONCE):
        yield {
            "customer": one.customer.number,
            "product": one.product.code,
            "version": one.version.name,
            "since": one.since,
        }


_ROWS: dict[str, Callable[[], Iterator[Values]]] = {
    ImportKind.CUSTOMERS: _customers,
    ImportKind.CONTACTS: _contacts,
    ImportKind.CONTRACTS: _contracts,
    ImportKind.VERSIONS: _versions,
}
