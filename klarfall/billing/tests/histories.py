"""Short words for the facts of a concern, so that a test of the engine reads like its scenario; times are UTC.

With a date they are what the clock shows in Berlin: '2026-07-01 00:10', in the autumn night with '+02:00' or '+01:00'.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from zoneinfo import ZoneInfo

from klarfall.billing.engine import (
    Acceptance,
    Assessment,
    Caps,
    ConcernFacts,
    Done,
    Ending,
    Goodwill,
    MinuteClass,
    Objection,
    Offer,
    OfferEnd,
    Outcome,
    Purpose,
    Reopened,
    Stop,
    TimeEntry,
    classify,
)

BERLIN = ZoneInfo("Europe/Berlin")
DAY = datetime(2026, 11, 24, tzinfo=UTC)
SUPPORT = Decimal("132.00")
_numbers = count(1)


def at(clock: str, day: datetime = DAY) -> datetime:
    """'09:10' or '09:10:30' on the day of the story; see above for times with a date."""
    if " " in clock:
        told_at = datetime.fromisoformat(clock)
        return (told_at if told_at.tzinfo else told_at.replace(tzinfo=BERLIN)).astimezone(UTC)
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return day + timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)


def assessed(clock: str, outcome: Outcome = Outcome.CHARGEABLE, item: str = "CHG-CONF", seq: int = 0) -> Assessment:
    return Assessment(next(_numbers), seq or next(_numbers), at(clock), outcome, item)


def objection(opened: str, reviewed: str | None = None) -> Objection:
    return Objection(next(_numbers), next(_numbers), at(opened), at(reviewed) if reviewed else None)


def stop(clock: str, seq: int = 0) -> Stop:
    return Stop(next(_numbers), seq or next(_numbers), at(clock))


def done(clock: str, seq: int = 0) -> Done:
    return Done(next(_numbers), seq or next(_numbers), at(clock))


def reopened(clock: str) -> Reopened:
    return Reopened(next(_numbers), next(_numbers), at(clock))


def ended(clock: str, kind: Ending, seq: int = 0) -> OfferEnd:
    return OfferEnd(seq or next(_numbers), at(clock), kind)


def offer(
    number: int,
    accepted: str | None = None,
    *,
    minutes: int | None = None,
    net: str | None = None,
    rate: Decimal = SUPPORT,
    chosen: Caps | None = None,
    seq: int = 0,
    extends: int | None = None,
    end: OfferEnd | None = None,
    increment: int = 15,
    minimum: int = 15,
) -> Offer:
    """An offer whose id is its number; `accepted` is the clock time of the acceptance."""
    caps = Caps(minutes, Decimal(net) if net else None)
    acceptance = Acceptance(next(_numbers), seq or next(_numbers), at(accepted), chosen) if accepted else None
    return Offer(number, number, rate, increment, minimum, caps, extends, acceptance, end)


def goodwill(minutes: int = 0, net: str = "0.00") -> Goodwill:
    return Goodwill(next(_numbers), minutes, Decimal(net))


def work(start: str, end: str | None = None, *, id: int = 0, agent: int = 1) -> TimeEntry:
    return TimeEntry(id or next(_numbers), agent, Purpose.WORK, at(start), at(end) if end else None)


def triage(start: str, end: str) -> TimeEntry:
    return TimeEntry(next(_numbers), 1, Purpose.TRIAGE, at(start), at(end))


def concern(*facts: object, locked: tuple = ()) -> ConcernFacts:
    """Facts of any kind, in any order."""

    def of(kind: type) -> tuple:
        return tuple(fact for fact in facts if isinstance(fact, kind))

    return ConcernFacts(
        of(Assessment),
        of(Objection),
        of(Offer),
        of(Stop),
        of(Done),
        of(Reopened),
        of(TimeEntry),
        tuple(locked),
        of(Goodwill),
    )


def classed(facts: ConcernFacts, until: str | None = None) -> dict[MinuteClass, int]:
    """Minutes per class, only those that occur."""
    minutes: Counter = Counter()
    for segment in classify(facts, at(until) if until else None):
        minutes[segment.minute_class] += segment.minutes
    return dict(minutes)


def told(facts: ConcernFacts, until: str | None = None) -> list[str]:
    """The segments in the order of their starts as '09:00-09:10 BILLABLE 1' (the number is the offer)."""
    segments = sorted(classify(facts, at(until) if until else None), key=lambda one: (one.start, one.entry_id))
    return [
        f"{one.start:%H:%M}-{one.end:%H:%M} {one.minute_class}" + (f" {one.offer_id}" if one.offer_id else "")
        for one in segments
    ]


def joined(lines: list[str]) -> list[str]:
    """Neighbouring lines of one class and offer as one: segments also differ by their reason."""
    found: list[tuple[str, str, str]] = []
    for line in lines:
        span, rest = line.split(" ", 1)
        start, end = span.split("-")
        if found and found[-1][1:] == (start, rest):
            start = found.pop()[0]
        found.append((start, end, rest))
    return [f"{start}-{end} {rest}" for start, end, rest in found]
