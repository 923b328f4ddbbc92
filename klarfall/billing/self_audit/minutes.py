"""INV-19: each billable minute is in exactly one run, or waits for the next; the files of a run are as they left."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from klarfall.billing import vat
from klarfall.billing.engine import (
    ConcernFacts,
    Frozen,
    LineKind,
    MinuteClass,
    VatPeriod,
    bill,
    classify,
    due,
    finished,
)
from klarfall.billing.facts import facts_of
from klarfall.billing.models import BillingBatch, BillingLine, CustomerDecision, DecisionKind, Unbilled
from klarfall.billing.self_audit.files import is_intact
from klarfall.billing.self_audit.tally import Tally
from klarfall.billing.status import BatchStatus
from klarfall.customers.models import Customer
from klarfall.tickets.models import Concern

_CHUNK = 250
_MINUTE = 60

_UNFROZEN = """
    SELECT b.id FROM billing_billingbatch b WHERE b.status IN ('open')
       AND (EXISTS (SELECT FROM billing_billingline WHERE batch_id = b.id)
         OR EXISTS (SELECT FROM billing_timelock WHERE batch_id = b.id)) ORDER BY b.id
"""
_TWICE = """
    SELECT id FROM (SELECT id, start, lag("end") OVER (PARTITION BY entry_id ORDER BY start) AS before
                      FROM billing_timelock) l
     WHERE before > start ORDER BY id
"""
# What has locks is locked itself, and every lock lies within its entry.
_STATES = """
    SELECT DISTINCT e.id FROM billing_timelock l JOIN billing_timeentry e ON e.id = l.entry_id
     WHERE e.status NOT IN ('locked', 'exported') OR e.purpose <> 'work' OR l.concern_id <> e.concern_id
        OR l.start < e.start OR l."end" > e."end"
     ORDER BY e.id
"""
_SUMS = """
    SELECT b.id FROM billing_billingbatch b
      LEFT JOIN (SELECT batch_id, count(*) AS lines, sum(minutes) AS minutes, sum(net) AS net
                   FROM billing_billingline GROUP BY batch_id) l ON l.batch_id = b.id
     WHERE b.status <> 'open'
       AND (b.lines, b.minutes, b.net) <> (coalesce(l.lines, 0), coalesce(l.minutes, 0), coalesce(l.net, 0))
     ORDER BY b.id
"""


def check_minutes(tally: Tally) -> None:
    """Every lock and line, every concern with an acceptance computed again, every exported file."""
    tally.count("SELECT count(*) FROM billing_timelock")
    tally.report_all("lines_without_batch", "batch", _UNFROZEN)
    tally.report_all("locked_twice", "lock", _TWICE)
    tally.report_all("locks_and_state", "entry", _STATES)
    tally.report_all("other_sum", "batch", _SUMS)
    for concerns in _concerns():
        _check_concerns(tally, concerns)
    for batch in BillingBatch.objects.filter(status=BatchStatus.EXPORTED).order_by("pk"):
        tally.look()
        files = ((batch.csv_key, batch.csv_sha256), (batch.json_key, batch.json_sha256))
        if not all(is_intact(key, sha256) for key, sha256 in files):
            tally.report("file_changed", "batch", batch.pk)


def _concerns() -> Iterator[list[Concern]]:
    """Every concern with an acceptance, in chunks: no other can have a billable minute (INV-1)."""
    last = 0
    accepted = CustomerDecision.objects.filter(kind=DecisionKind.ACCEPT).order_by("concern_id")
    while rows := list(
        accepted.filter(concern_id__gt=last).values_list("concern_id", "ticket_id", "customer_id").distinct()[:_CHUNK]
    ):
        yield [Concern(pk=pk, ticket_id=ticket, customer_id=customer) for pk, ticket, customer in rows]
        last = rows[-1][0]


def _check_concerns(tally: Tally, concerns: Sequence[Concern]) -> None:
    facts, frozen = facts_of(concerns), _frozen(concerns)
    waiting = set(
        Unbilled.objects.filter(concern__in=[one.pk for one in concerns]).values_list("concern_id", flat=True)
    )
    customers = Customer.objects.in_bulk({one.customer_id for one in concerns})
    periods: dict[str, tuple[VatPeriod, ...]] = {}
    for concern in concerns:
        tally.look()
        if concern.pk in waiting:
            continue
        customer, billed = customers[concern.customer_id], frozen[concern.pk]
        category = billed[0].category if billed else vat.category_of(customer)
        if category not in periods:
            periods[category] = vat.periods(customer, category=category)
        counted = finished(facts[concern.pk])
        if due(bill(counted, periods[category]), billed):
            tally.report("not_waiting", "concern", concern.pk)
        if _unlocked(counted):
            tally.report("unlocked_minutes", "concern", concern.pk)


def _frozen(concerns: Iterable[Concern]) -> dict[int, list[Frozen]]:
    """Frozen lines by concern, oldest first."""
    found: dict[int, list[Frozen]] = defaultdict(list)
    names = ("offer_id", "category", "percent", "counts_for", "minutes", "net", "rate", "begins", "ends", "corrects_id")
    lines = BillingLine.objects.filter(concern__in=[one.pk for one in concerns]).order_by("pk")
    for concern, pk, offer, category, percent, kind, *rest in lines.values_list("concern_id", "pk", *names):
        found[concern].append(Frozen(pk, offer, category, percent, LineKind(kind), *rest))
    return found


def _unlocked(facts: ConcernFacts) -> bool:
    """Are there billable minutes of an entry and offer that no lock of that entry and offer holds?"""
    billable: Counter[tuple[int, int | None]] = Counter()
    for one in classify(facts):
        if one.minute_class is MinuteClass.BILLABLE:
            billable[one.entry_id, one.offer_id] += one.minutes
    for lock in facts.locked:
        billable[lock.entry_id, lock.offer_id] -= int((lock.end - lock.start).total_seconds()) // _MINUTE
    return any(minutes > 0 for minutes in billable.values())
