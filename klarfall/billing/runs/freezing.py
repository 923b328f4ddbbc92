"""Freezing a run: every line and lock, or none of them, in one transaction (INV-19, INV-20)."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Sum

from klarfall.billing import vat, workflow
from klarfall.billing.invoicing.parties import profile_now
from klarfall.billing.models import BatchConcern, BillingBatch, BillingLine, TimeEntry, TimeLock
from klarfall.billing.runs.preview import CHUNK, basis, progress_key, store, waiting
from klarfall.billing.runs.sealing import content_hash
from klarfall.billing.status import BatchStatus
from klarfall.core.audit import record
from klarfall.core.jobs import enqueue
from klarfall.core.progress import Reporter
from klarfall.customers.models import Customer

FREEZING = "freezing"
#: Writes an invoice for each customer of the run where the vendor wants that.
INVOICES = "billing.write_invoices"
#: Concerns per INSERT.
STEP = 2_000

_KEYS = """
    SELECT conname FROM pg_constraint WHERE contype = 'f' AND condeferrable
       AND conrelid IN ('billing_billingline'::regclass, 'billing_timelock'::regclass)
"""
_DROP_OUTDATED = """
    DELETE FROM billing_batchconcern c WHERE batch_id = %(batch)s AND NOT EXISTS (
        SELECT FROM billing_unbilled u
         WHERE u.concern_id = c.concern_id AND u.version = c.version AND u.since < %(until)s)
"""
_DROP_MOVED = """
    DELETE FROM billing_batchconcern
     WHERE batch_id = %s AND customer_id = ANY (%s) AND lines -> 0 ->> 'category' <> %s
"""
# What is recorded of later minutes waits for the next run.
_KEEP_LATER = """
    UPDATE billing_unbilled u SET since = later.since
      FROM (SELECT e.concern_id, min(greatest(e.start, %(until)s)) AS since
              FROM billing_unbilled w JOIN billing_timeentry e ON e.concern_id = w.concern_id
             WHERE w.since < %(until)s AND e."end" > %(until)s AND e.purpose = 'work' GROUP BY e.concern_id) later
     WHERE u.concern_id = later.concern_id
"""
_CHUNK = "SELECT * FROM billing_batchconcern WHERE batch_id = %s AND concern_id > %s AND concern_id <= %s"
_LINES = f"""
    INSERT INTO billing_billingline (batch_id, customer_id, ticket_id, concern_id, offer_id, kind, counts_for,
           corrects_id, category, percent, minutes, rate, net, currency, begins, ends, service_from, service_to, reason)
    SELECT c.batch_id, c.customer_id, c.ticket_id, c.concern_id, l.offer, l.kind, l.counts_for, l.corrects, l.category,
           l.percent, l.minutes, l.rate, l.net, o.currency, l.begins, l.ends, l.service_from, l.service_to, l.reason
      FROM ({_CHUNK}) c
     CROSS JOIN ROWS FROM (jsonb_to_recordset(c.lines) AS (offer bigint, kind text, counts_for text, corrects bigint,
           category text, percent numeric, minutes int, rate numeric, net numeric, begins timestamptz, ends timestamptz,
           service_from date, service_to date, reason jsonb)) WITH ORDINALITY AS l
           (offer, kind, counts_for, corrects, category, percent, minutes, rate, net, begins, ends, service_from,
            service_to, reason, place)
      JOIN billing_costoffer o ON o.id = l.offer
     ORDER BY c.concern_id, l.place
"""  # noqa: S608
_LOCKS = f"""
    INSERT INTO billing_timelock (batch_id, customer_id, ticket_id, concern_id, entry_id, offer_id, start, "end")
    SELECT c.batch_id, c.customer_id, c.ticket_id, c.concern_id, l.entry, l.offer, l.start, l."end"
      FROM ({_CHUNK}) c
     CROSS JOIN jsonb_to_recordset(c.locks) AS l (entry bigint, offer bigint, start timestamptz, "end" timestamptz)
     ORDER BY l.entry, l.start
"""  # noqa: S608


def freeze(batch_id: int, *, now: datetime) -> None:
    """Freeze a run whose stage says so; called in a transaction as SYSTEM. Does nothing when it is frozen already.

    What changed since the preview is computed again under a lock that lets nobody record meanwhile: recording waits
    and falls into the next run. A run that has no line any more stays open.
    """
    batch = BillingBatch.objects.select_for_update().filter(pk=batch_id, stage=FREEZING).first()
    if batch is None or batch.status != BatchStatus.OPEN:
        return
    _prepare()
    with Reporter(progress_key(batch), waiting(batch).count()) as reporter:
        _refresh(batch)
        if not batch.items.exclude(lines=[]).exists():
            batch.stage, batch.net = "", Decimal("0.00")
            batch.concerns = batch.lines = batch.minutes = 0
            batch.save(update_fields=["stage", "basis", "net", "concerns", "lines", "minutes"])
            return
        for done in _write(batch):
            reporter.report(done)
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_LATER, {"until": batch.until})
        cursor.execute("DELETE FROM billing_unbilled WHERE since < %s", [batch.until])
    _seal(batch, now)


def _prepare() -> None:
    """Let nobody record from here on; plan each step anew; check keys row by row."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE billing_unbilled IN EXCLUSIVE MODE")
        # A plan made while the tables were empty would read them from end to end, step after step.
        cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        # Otherwise the checks of all rows would pile up in memory until the end.
        cursor.execute(_KEYS)
        names = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
        cursor.execute(f"SET CONSTRAINTS {names} IMMEDIATE")


def _refresh(batch: BillingBatch) -> None:
    """Bring the preview up to date: drop what changed, what is gone and what has another VAT category; add what lacks.

    All statements see the same rows, for nobody else writes `billing_unbilled` now.
    """
    if batch.basis != (current := basis()):
        batch.items.all().delete()
        batch.basis = current
    with connection.cursor() as cursor:
        cursor.execute(_DROP_OUTDATED, {"batch": batch.pk, "until": batch.until})
        for category, customers in _customers_by_category().items():
            cursor.execute(_DROP_MOVED, [batch.pk, customers, category])
    computed = BatchConcern.objects.filter(batch=batch, concern=OuterRef("concern"))
    lacking = waiting(batch).filter(~Exists(computed)).order_by("concern_id")
    while rows := list(lacking[:CHUNK]):
        store(batch, rows)


def _customers_by_category() -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for customer in Customer.objects.only("country", "vat_id"):
        found.setdefault(vat.category_of(customer), []).append(customer.pk)
    return found


def _write(batch: BillingBatch) -> Iterator[int]:
    """Write lines and locks from the stored preview, step by step; yields how many concerns are written."""
    last = done = 0
    with connection.cursor() as cursor:
        while step := list(
            batch.items.filter(concern_id__gt=last).order_by("concern_id").values_list("concern_id", flat=True)[:STEP]
        ):
            span = [batch.pk, last, step[-1]]
            cursor.execute(_LINES, span)
            cursor.execute(_LOCKS, span)
            locks = TimeLock.objects.filter(batch=batch, concern_id__gt=last, concern_id__lte=step[-1])
            workflow.apply_entries(TimeEntry.objects.filter(pk__in=locks.values("entry_id")), "lock")
            last, done = step[-1], done + len(step)
            yield done


def _seal(batch: BillingBatch, now: datetime) -> None:
    """Add up the lines, hash them, write the audit entry, and end the preview."""
    totals = BillingLine.objects.filter(batch=batch).aggregate(
        concerns=Count("concern", distinct=True), lines=Count("pk"), minutes=Sum("minutes"), net=Sum("net")
    )
    totals["content_hash"] = content_hash(batch)
    workflow.apply_batch(batch, "freeze", stage="", basis=batch.basis, frozen_at=now, **totals)
    data = {"number": batch.number, **totals, "net": str(totals["net"])}
    record("batch.frozen", batch, actor=batch.frozen_by, now=now, data=data)
    batch.items.all().delete()
    if profile_now().writes_invoices:
        enqueue(INVOICES, key=f"{INVOICES}:{batch.pk}", batch_id=batch.pk)
