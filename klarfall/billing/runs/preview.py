"""What a billing run would freeze, computed in chunks of concerns with one transaction each (section 6, rule 7)."""

import json
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from klarfall.billing import vat
from klarfall.billing.engine import ConcernFacts, Frozen, LineKind, VatPeriod, bill, classify, due, finished
from klarfall.billing.facts import facts_of
from klarfall.billing.models import BatchConcern, BillingBatch, BillingLine, Unbilled, VatRate
from klarfall.billing.runs.content import store_line, store_locks
from klarfall.billing.runs.shown import with_unbilled
from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.progress import Reporter
from klarfall.core.seals import digest
from klarfall.customers.models import Customer
from klarfall.tickets.models import Concern

#: Concerns per transaction: few enough for flat memory and for a short loss when a worker dies.
CHUNK = 250
COMPUTING = "computing"
# One document for the whole chunk: a parameter for each row costs several times as much.
_STORE = """
    INSERT INTO billing_batchconcern (batch_id, customer_id, ticket_id, concern_id, version, minutes, net, lines, locks)
    SELECT %s, customer_id, ticket_id, concern_id, version, minutes, net, lines, locks
      FROM jsonb_to_recordset(%s::jsonb) AS item (customer_id bigint, ticket_id bigint, concern_id bigint,
           version bigint, minutes int, net numeric, lines jsonb, locks jsonb)
"""


def progress_key(batch: BillingBatch) -> str:
    """The key under which the jobs of a run report how far they are (`core/progress.py`)."""
    return f"batch:{batch.pk}"


def waiting(batch: BillingBatch) -> QuerySet[Any]:
    """What the run has to look at: concerns with something unbilled of before its end. Runs as SYSTEM."""
    return Unbilled.objects.filter(since__lt=batch.until)


def basis() -> str:
    """A hash of what every line depends on beside its concern: zone, country and VAT rates."""
    profile = vendor.current()
    rates = [(day.isoformat(), str(percent)) for day, percent in VatRate.objects.values_list("valid_from", "percent")]
    return digest([profile.time_zone, profile.country, str(Decimal(profile.vat_percent)), rates])


def compute_preview(batch_id: int) -> None:
    """Compute what is not computed yet, chunk by chunk, from the cursor on; opens its own transactions.

    Begun again after a dead worker it goes on where the last whole chunk ended. A run that was discarded, frozen or
    begun anew meanwhile is left alone.
    """
    with viewing_as(SYSTEM):
        batch = BillingBatch.objects.filter(pk=batch_id, stage=COMPUTING).first()
        if batch is None:
            return
        done, total = batch.items.count(), waiting(batch).count()
    with Reporter(progress_key(batch), total) as reporter:
        while (computed := _next_chunk(batch_id)) is not None:
            done += computed
            reporter.report(min(done, total))


def _next_chunk(batch_id: int) -> int | None:
    """Compute one chunk and move the cursor, in one transaction; returns its size, None when nothing is left."""
    with viewing_as(SYSTEM):
        batch = BillingBatch.objects.select_for_update().filter(pk=batch_id, stage=COMPUTING).first()
        if batch is None:
            return None
        rows = list(waiting(batch).filter(concern_id__gt=batch.cursor).order_by("concern_id")[:CHUNK])
        if rows:
            _count(batch, store(batch, rows))
            batch.cursor = rows[-1].concern_id
        else:
            batch.stage, batch.computed_at = "", timezone.now()
        batch.save(update_fields=["stage", "computed_at", "cursor", "concerns", "lines", "minutes", "net"])
        return len(rows) or None


def _count(batch: BillingBatch, items: Sequence[BatchConcern]) -> None:
    batch.concerns += sum(1 for item in items if item.lines)
    batch.lines += sum(len(item.lines) for item in items)
    batch.minutes += sum(item.minutes for item in items)
    batch.net += sum((item.net for item in items), Decimal("0.00"))


def store(batch: BillingBatch, rows: Sequence[Unbilled]) -> list[BatchConcern]:
    """Compute and store what these concerns add to an open run; also of those that add nothing, for their version."""
    concerns = [Concern(pk=row.concern_id, ticket_id=row.ticket_id) for row in rows]
    facts, billed = with_unbilled(facts_of(concerns)), _frozen(concerns)
    rates = _Rates({row.customer_id for row in rows})
    items = [_item(batch, row, facts[row.concern_id], billed[row.concern_id], rates) for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [batch.pk, json.dumps([_stored(item) for item in items])])
    return items


def _stored(item: BatchConcern) -> dict[str, Any]:
    names = ("customer_id", "ticket_id", "concern_id", "version", "minutes", "lines", "locks")
    return {"net": str(item.net), **{name: getattr(item, name) for name in names}}


def _item(
    batch: BillingBatch, row: Unbilled, facts: ConcernFacts, billed: Sequence[Frozen], rates: "_Rates"
) -> BatchConcern:
    counted = finished(facts)
    lines = due(bill(counted, rates.of(row.customer_id, billed), batch.until), billed)
    return BatchConcern(
        batch=batch,
        customer_id=row.customer_id,
        ticket_id=row.ticket_id,
        concern_id=row.concern_id,
        version=row.version,
        minutes=sum(one.line.minutes for one in lines),
        net=sum((one.line.net for one in lines), Decimal("0.00")),
        lines=[store_line(one, rates.zone) for one in lines],
        locks=store_locks(counted, classify(counted, batch.until)),
    )


def _frozen(concerns: Sequence[Concern]) -> dict[int, list[Frozen]]:
    """Frozen lines by concern, oldest first."""
    found: dict[int, list[Frozen]] = defaultdict(list)
    rows = BillingLine.objects.filter(concern__in=[concern.pk for concern in concerns]).defer("reason").order_by("id")
    for line in rows:
        found[line.concern_id].append(
            Frozen(
                line.pk,
                line.offer_id,
                line.category,
                line.percent,
                LineKind(line.counts_for),
                line.minutes,
                line.net,
                line.rate,
                line.begins,
                line.ends,
                line.corrects_id,
            )
        )
    return found


class _Rates:
    """VAT periods of the customers of one chunk; what was billed once keeps its category."""

    def __init__(self, customers: set[int]) -> None:
        self._customers = Customer.objects.in_bulk(customers)
        self._of_category: dict[str, tuple[VatPeriod, ...]] = {}

    @cached_property
    def zone(self) -> ZoneInfo:
        return vendor.zone()

    def of(self, customer_id: int, billed: Sequence[Frozen]) -> tuple[VatPeriod, ...]:
        customer = self._customers[customer_id]
        category = billed[0].category if billed else vat.category_of(customer)
        if category not in self._of_category:
            self._of_category[category] = vat.periods(customer, category=category)
        return self._of_category[category]
