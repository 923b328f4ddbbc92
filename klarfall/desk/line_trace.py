"""What stands behind the lines of one concern: minutes with agent and reason, decisions, offers, goodwill."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from klarfall.billing import amounts
from klarfall.billing.engine import Caps, MinuteClass, Segment, classify, finished
from klarfall.billing.facts import explain, facts_of
from klarfall.billing.line_words import explain_grant
from klarfall.billing.minute_words import words
from klarfall.billing.models import BillingBatch, CustomerDecision, DecisionKind, Goodwill, TimeEntry, TimeLock
from klarfall.tickets.models import Concern

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Minutes:
    """Consecutive minutes of one entry with one class and one reason, as far as one run or record holds them.

    `run` is the number of the run that billed or settled them, None where none has.
    """

    entry: TimeEntry
    start: datetime
    end: datetime
    billable: bool
    kind: str
    why: str
    run: int | None
    in_record: bool

    @property
    def minutes(self) -> int:
        return (self.end - self.start) // _MINUTE


@dataclass(frozen=True, slots=True)
class Commission:
    """An accepted offer with the decision that made it effective."""

    decision: CustomerDecision

    @property
    def offer(self) -> Any:
        return self.decision.offer

    @property
    def cap(self) -> str:
        """The most that was accepted, net."""
        found = self.decision
        chosen = None
        if found.chosen_cap_minutes is not None or found.chosen_cap_net is not None:
            chosen = Caps(minutes=found.chosen_cap_minutes, net=found.chosen_cap_net)
        return amounts.cap_text(self.offer, amounts.caps_in_force(self.offer, chosen))


def minutes_behind(concern: Concern, run: BillingBatch) -> list[Minutes]:
    """Every minute up to the end of the run's period, as it is classed today; running timers are left out."""
    facts = finished(facts_of([concern])[concern.pk])
    rows = TimeEntry.objects.filter(concern=concern, end__isnull=False).select_related("agent")
    entries = {one.pk: one for one in rows}
    locks: dict[int, list[TimeLock]] = {}
    for lock in TimeLock.objects.filter(concern=concern).select_related("batch").order_by("start"):
        locks.setdefault(lock.entry_id, []).append(lock)
    segments = classify(facts, until=run.until)
    found = [
        _minutes(segment, entries[segment.entry_id], start, end, lock)
        for segment in segments
        for start, end, lock in _cut(segment, locks.get(segment.entry_id, ()))
    ]
    return sorted(found, key=lambda one: (one.start, one.entry.pk))


def _cut(segment: Segment, locks: Iterable[TimeLock]) -> Iterator[tuple[datetime, datetime, TimeLock | None]]:
    """A segment in pieces, each with the lock that holds it, or None."""
    start = segment.start
    for lock in locks:
        if lock.end <= start or lock.start >= segment.end:
            continue
        if lock.start > start:
            yield start, lock.start, None
            start = lock.start
        end = min(lock.end, segment.end)
        yield start, end, lock
        start = end
    if start < segment.end:
        yield start, segment.end, None


def _minutes(segment: Segment, entry: TimeEntry, start: datetime, end: datetime, lock: TimeLock | None) -> Minutes:
    return Minutes(
        entry=entry,
        start=start,
        end=end,
        billable=segment.minute_class is MinuteClass.BILLABLE,
        kind=words(segment.minute_class),
        why=explain(segment),
        run=lock.batch.number if lock and lock.batch else None,
        in_record=bool(lock and lock.record_id),
    )


def commissions(concern: Concern) -> list[Commission]:
    """Every acceptance of an offer of this concern, in order."""
    rows = CustomerDecision.objects.filter(concern=concern, kind=DecisionKind.ACCEPT)
    rows = rows.select_related("offer", "contact__user", "sealed").order_by("at", "pk")
    return [Commission(one) for one in rows]


def grants(concern: Concern) -> list[tuple[Goodwill, str]]:
    """Goodwill on the concern with its words, oldest first (INV-23)."""
    rows = Goodwill.objects.filter(concern=concern).select_related("granted_by")
    return [(one, explain_grant(one, one.granted_by.name)) for one in rows]
