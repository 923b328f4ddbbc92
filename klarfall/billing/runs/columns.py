"""The columns of an exported run: what each says in the CSV (German headings) and under which name in the JSON.

`docs/billing-export.md` describes them; a test compares the two.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import override

from klarfall.billing.models import BillingBatch, BillingLine
from klarfall.billing.models.batch import LineKinds
from klarfall.core import vendor
from klarfall.core.spreadsheets import Cell

Row = dict[str, Any]
_CHUNK = 2_000


@dataclass(frozen=True)
class Column:
    """A column: its heading in the CSV, its name in the JSON, and its value."""

    heading: str
    name: str
    value: Callable[[Row], Cell]


def _of(heading: str, name: str, key: str = "") -> Column:
    key = key or name
    return Column(heading, name, lambda row: row[key])


COLUMNS: tuple[Column, ...] = (
    _of("Lauf", "run"),
    _of("Zeitraum von", "period_from"),
    _of("Zeitraum bis", "period_to"),
    _of("Zeile", "line", "id"),
    _of("Kundennummer", "customer_number"),
    _of("Kunde", "customer_name"),
    _of("USt-IdNr.", "customer_vat_id"),
    _of("Käuferreferenz", "buyer_reference"),
    Column("Anfrage", "ticket", lambda row: f"{row['prefix']}-{row['ticket_number']}"),
    _of("Anliegen", "concern", "position"),
    _of("Bezeichnung", "concern_title"),
    _of("Kostenhinweis", "offer", "offer_number"),
    _of("Art", "kind"),
    Column("Arttext", "kind_text", lambda row: row["words"][row["kind"]]),
    _of("Zählt als", "counts_for"),
    _of("Korrigiert Zeile", "corrects_line", "corrects_id"),
    _of("Korrigiert Lauf", "corrects_run"),
    _of("Leistung von", "service_from"),
    _of("Leistung bis", "service_to"),
    _of("Minuten", "minutes"),
    _of("Stundensatz", "rate"),
    _of("Netto", "net"),
    _of("Währung", "currency"),
    _of("USt-Kategorie", "vat_category", "category"),
    _of("USt-Satz", "vat_percent", "percent"),
    _of("Bestellnummer", "order_number"),
    _of("Entscheidung am", "decided_at"),
    _of("Kunden-ID", "customer_id"),
    _of("Anfrage-ID", "ticket_id"),
    _of("Anliegen-ID", "concern_id"),
    _of("Kostenhinweis-ID", "offer_id"),
    _of("Entscheidungs-ID", "decision_id"),
)


def rows_of(batch: BillingBatch) -> Iterator[Row]:
    """Every line of a frozen run with what the columns need, by customer number and line; streamed. As SYSTEM."""
    common = {
        "run": batch.number,
        "period_from": batch.starts_on,
        "period_to": batch.ends_on,
        "prefix": vendor.current().number_prefix,
        "words": _words(),
    }
    for row in _lines(batch).iterator(chunk_size=_CHUNK):
        yield row | common


def _lines(batch: BillingBatch) -> QuerySet[Any, Row]:
    # The acceptance is the offer's only decision (unique key), so the join adds no rows.
    lines = BillingLine.objects.filter(batch=batch).order_by("customer__number", "id")
    return lines.values(
        "id", "kind", "counts_for", "corrects_id", "service_from", "service_to", "minutes", "rate", "net", "currency",
        "category", "percent", "reason", "customer_id", "ticket_id", "concern_id", "offer_id",
        customer_number=F("customer__number"),
        customer_name=F("customer__name"),
        customer_vat_id=F("customer__vat_id"),
        buyer_reference=F("customer__buyer_reference"),
        ticket_number=F("ticket__number"),
        position=F("concern__position"),
        concern_title=F("concern__title"),
        offer_number=F("offer__number"),
        corrects_run=F("corrects__batch__number"),
        decision_id=F("offer__decisions__id"),
        decided_at=F("offer__decisions__at"),
        order_number=KeyTextTransform("order_number", "offer__decisions__sealed__data"),
    )  # fmt: skip


def _words() -> dict[str, str]:
    """The kinds of lines in German: the file is for the vendor's accounts, whoever starts the export."""
    with override("de"):
        return {kind.value: str(kind.label) for kind in LineKinds}


def json_line(row: Row) -> dict[str, Any]:
    """A line for the JSON: the same columns, then the figures it was made of. Money as text, days and instants ISO."""
    line: dict[str, Any] = {column.name: json_value(column.value(row)) for column in COLUMNS}
    return line | {"reason": row["reason"]}


def json_value(value: Cell) -> str | int | None:
    """A cell for the JSON."""
    match value:
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
    return value
