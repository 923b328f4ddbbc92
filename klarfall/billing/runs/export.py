"""Write the files of a frozen run to the private store: the same bytes however often it is begun (INV-19)."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from io import TextIOWrapper
from itertools import groupby
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from klarfall.accounts.models import User
from klarfall.billing import workflow
from klarfall.billing.engine import VatTotal, vat_totals
from klarfall.billing.models import BillingBatch, TimeEntry, TimeLock
from klarfall.billing.runs.columns import COLUMNS, Row, json_line, json_value, rows_of
from klarfall.billing.runs.preview import progress_key
from klarfall.billing.status import BatchStatus
from klarfall.core import vendor
from klarfall.core.audit import record
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.progress import Reporter
from klarfall.core.spreadsheets import MARK, writer, written

EXPORTING = "exporting"
_TOLD_EVERY = 5_000  # lines
_CUSTOMER = ("customer_number", "customer_name", "customer_vat_id", "buyer_reference", "customer_id")


@dataclass(slots=True)
class Totals:
    """What lines add up to; VAT once per category and rate of one customer (rule 8), summed over customers."""

    lines: int = 0
    minutes: int = 0
    net: Decimal = Decimal("0.00")
    vat: dict[tuple[str, Decimal], VatTotal] = field(default_factory=dict)

    def add(self, other: "Totals") -> None:
        self.lines += other.lines
        self.minutes += other.minutes
        self.net += other.net
        for key, one in other.vat.items():
            before = self.vat.get(key)
            net, tax = (before.net + one.net, before.vat + one.vat) if before else (one.net, one.vat)
            self.vat[key] = VatTotal(*key, net, tax)

    def as_json(self) -> dict[str, Any]:
        rates = sorted(self.vat.values(), key=lambda one: (-one.percent, one.category))
        return {
            "lines": self.lines,
            "minutes": self.minutes,
            "net": json_value(self.net),
            "vat": [
                {name: json_value(getattr(one, name)) for name in ("category", "percent", "net", "vat", "gross")}
                for one in rates
            ],
        }


def export(batch_id: int, *, now: datetime) -> None:
    """Write CSV and JSON of a run whose stage says so, then call it exported; opens its own transactions.

    The names of the files were settled when the export was asked for: begun again after a dead worker they are
    written anew, and nothing else is left behind. An exported run is left alone.
    """
    with viewing_as(SYSTEM):
        batch = BillingBatch.objects.filter(pk=batch_id, stage=EXPORTING, status=BatchStatus.FROZEN).first()
        if batch is None:
            return
        with _files() as (table, document), Reporter(progress_key(batch), batch.lines) as reporter:
            _write(batch, table, document, reporter)
            csv_sha256, json_sha256 = _stored(batch.csv_key, table), _stored(batch.json_key, document)
    with viewing_as(SYSTEM):
        batch = BillingBatch.objects.select_for_update().get(pk=batch_id)
        if batch.status == BatchStatus.FROZEN:
            locks = TimeLock.objects.filter(batch=batch)
            workflow.apply_entries(TimeEntry.objects.filter(pk__in=locks.values("entry_id")), "export")
            hashes = {"csv_sha256": csv_sha256, "json_sha256": json_sha256}
            workflow.apply_batch(batch, "export", stage="", exported_at=now, **hashes)
            data = {"number": batch.number, **hashes}
            record("batch.exported", batch, actor=User.objects.system(), now=now, data=data)


@contextmanager
def _files() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    with TemporaryFile() as table, TemporaryFile() as document:
        yield table, document


def _write(batch: BillingBatch, table: IO[bytes], document: IO[bytes], reporter: Reporter) -> None:
    """Write both files side by side while the lines stream past; amounts and days as German Excel reads them."""
    cells = TextIOWrapper(table, "utf-8", newline="")
    text = TextIOWrapper(document, "utf-8", newline="")
    cells.write(MARK)
    rows = writer(cells)
    rows.writerow([column.heading for column in COLUMNS])
    whole = Totals()
    text.write(f'{{"run": {_json(_run(batch))},\n"customers": [')
    with timezone.override(vendor.zone()):
        for number, (_key, lines) in enumerate(groupby(rows_of(batch), key=lambda row: row["customer_id"])):
            text.write(",\n" if number else "\n")
            whole.add(_write_customer(lines, rows, text, lambda done: reporter.report(whole.lines + done)))
    text.write(f'\n],\n"totals": {_json(whole.as_json())}}}\n')
    for wrapper in (cells, text):
        wrapper.flush()
        wrapper.detach()


def _write_customer(lines: Iterator[Row], rows: Any, text: IO[str], tell: Any) -> Totals:
    """Write the lines of one customer; returns what they add up to."""
    totals = Totals()
    nets: dict[tuple[str, Decimal], Decimal] = {}
    for row in lines:
        if totals.lines == 0:
            head = {name: json_value(row[name]) for name in _CUSTOMER}
            text.write(f'{_json(head)[:-1]}, "lines": [\n')
        else:
            text.write(",\n")
        rows.writerow([written(column.value(row)) for column in COLUMNS])
        text.write(_json(json_line(row)))
        totals.lines += 1
        totals.minutes += row["minutes"]
        totals.net += row["net"]
        rate = row["category"], row["percent"]
        nets[rate] = nets.get(rate, Decimal("0.00")) + row["net"]
        if totals.lines % _TOLD_EVERY == 0:
            tell(totals.lines)
    totals.vat = {(one.category, one.percent): one for one in vat_totals((*rate, net) for rate, net in nets.items())}
    text.write(f'\n], "totals": {_json(totals.as_json())}}}')
    tell(totals.lines)
    return totals


def _run(batch: BillingBatch) -> dict[str, Any]:
    profile = vendor.current()
    return {
        "number": batch.number,
        "period_from": json_value(batch.starts_on),
        "period_to": json_value(batch.ends_on),
        "frozen_at": json_value(batch.frozen_at),
        "content_hash": batch.content_hash,
        "vendor": profile.legal_name or profile.name,
        "currency": profile.currency,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _stored(key: str, content: IO[bytes]) -> str:
    """Put a file into the store under its name, instead of what a dead worker may have left; returns its SHA-256."""
    content.seek(0)
    digest = hashlib.sha256()
    while part := content.read(1 << 20):
        digest.update(part)
    default_storage.delete(key)
    content.seek(0)
    default_storage.save(key, File(content))
    return digest.hexdigest()
