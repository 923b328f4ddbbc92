"""Lines and locks of a preview as they are stored in `BatchConcern`, and how to read them back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from klarfall.billing.engine import ConcernFacts, Due, Locked, MinuteClass, Purpose, Segment

_MINUTE = timedelta(minutes=1)
#: (entry, offer or None, start, end)
Span = tuple[int, int | None, datetime, datetime]


@dataclass(frozen=True, slots=True)
class StoredLine:
    """One line of a preview, with the names and types of `BillingLine`; `reason` is {"code", "figures", "because"}."""

    offer_id: int
    kind: str
    counts_for: str
    corrects_id: int | None
    category: str
    percent: Decimal
    minutes: int
    rate: Decimal
    net: Decimal
    begins: datetime
    ends: datetime
    service_from: date
    service_to: date
    reason: dict[str, Any]


def store_line(one: Due, zone: ZoneInfo) -> dict[str, Any]:
    """A line that is due as JSON: amounts as text, instants in UTC, service days as the vendor's calendar shows them.

    The last service day is that on which the last minute begins (section 2, BillingLine).
    """
    line = one.line
    return {
        "offer": line.offer_id,
        "kind": line.kind.value,
        "counts_for": one.counts_for.value,
        "corrects": one.corrects,
        "category": line.category,
        "percent": str(line.percent),
        "minutes": line.minutes,
        "rate": str(line.rate),
        "net": str(line.net),
        "begins": line.begins.isoformat(),
        "ends": line.ends.isoformat(),
        "service_from": line.begins.astimezone(zone).date().isoformat(),
        "service_to": (line.ends - _MINUTE).astimezone(zone).date().isoformat(),
        "reason": {
            "code": line.reason.code.value,
            "figures": {name: _figure(value) for name, value in line.reason.figures.items()},
            "because": [[ref.kind.value, ref.id] for ref in line.reason.because],
        },
    }


def _figure(value: int | Decimal) -> int | str:
    return value if isinstance(value, int) else str(value)


def read_line(stored: dict[str, Any]) -> StoredLine:
    """The stored line again, typed."""
    return StoredLine(
        offer_id=stored["offer"],
        kind=stored["kind"],
        counts_for=stored["counts_for"],
        corrects_id=stored["corrects"],
        category=stored["category"],
        percent=Decimal(stored["percent"]),
        minutes=stored["minutes"],
        rate=Decimal(stored["rate"]),
        net=Decimal(stored["net"]),
        begins=datetime.fromisoformat(stored["begins"]),
        ends=datetime.fromisoformat(stored["ends"]),
        service_from=date.fromisoformat(stored["service_from"]),
        service_to=date.fromisoformat(stored["service_to"]),
        reason=stored["reason"],
    )


def store_locks(facts: ConcernFacts, segments: Iterable[Segment]) -> list[dict[str, Any]]:
    """The minutes of work that a run settles and nothing has locked yet, as JSON, joined per entry and offer.

    `offer` is None for minutes that cost nothing: they stay free whatever is recorded later (rule 2).
    """
    return [
        {"entry": entry, "offer": offer, "start": start.isoformat(), "end": end.isoformat()}
        for entry, offer, start, end in _joined(_unlocked(facts, segments))
    ]


def _unlocked(facts: ConcernFacts, segments: Iterable[Segment]) -> Iterator[Span]:
    working = {entry.id for entry in facts.entries if entry.purpose == Purpose.WORK}
    locks: dict[int, list[Locked]] = {}
    for lock in facts.locked:
        locks.setdefault(lock.entry_id, []).append(lock)
    for one in segments:
        if one.entry_id not in working:
            continue
        offer = one.offer_id if one.minute_class is MinuteClass.BILLABLE else None
        for start, end in _without(one.start, one.end, locks.get(one.entry_id, ())):
            yield one.entry_id, offer, start, end


def _without(start: datetime, end: datetime, locks: Iterable[Locked]) -> Iterator[tuple[datetime, datetime]]:
    """What is left of [start, end) beside the locks."""
    for lock in sorted(locks, key=lambda one: one.start):
        if lock.end <= start or lock.start >= end:
            continue
        if lock.start > start:
            yield start, lock.start
        start = max(start, lock.end)
    if start < end:
        yield start, end


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: (one[0], one[2])):
        before = found[-1] if found else None
        if before and before[:2] == span[:2] and before[3] == span[2]:
            found[-1] = (*before[:3], span[3])
        else:
            found.append(span)
    return found
