"""The life of one concern in memory: what people do becomes facts, frozen lines and locks, as the actions do it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from zoneinfo import ZoneInfo

from klarfall.billing.engine import (
    Acceptance,
    Assessment,
    CapRefused,
    Caps,
    ConcernFacts,
    Done,
    Due,
    Ending,
    Frozen,
    Goodwill,
    Line,
    Locked,
    Objection,
    Offer,
    OfferEnd,
    Outcome,
    Purpose,
    Reopened,
    Segment,
    Stop,
    TimeEntry,
    VatPeriod,
    bill,
    choose_cap,
    classify,
    due,
    finished,
)

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
NOT_AT_ALL = timedelta(0)


@dataclass(frozen=True)
class Card:
    """What a version of the terms says about one kind of work."""

    rate: Decimal
    increment: int
    minimum: int


@dataclass(frozen=True)
class Record:
    """An issued service record: its inputs and what it said."""

    facts: ConcernFacts
    until: datetime
    lines: tuple[Line, ...]


@dataclass
class Life:
    """One concern; `now` only grows. Offers keep the card of the day on which the concern was submitted (INV-12)."""

    card: Card
    vat: tuple[VatPeriod, ...]
    now: datetime
    assessments: list[Assessment] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)
    offers: dict[int, Offer] = field(default_factory=dict)
    sent: set[int] = field(default_factory=set)
    stops: list[Stop] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    reopened: list[Reopened] = field(default_factory=list)
    entries: dict[int, TimeEntry] = field(default_factory=dict)
    locked: list[Locked] = field(default_factory=list)
    goodwill: list[Goodwill] = field(default_factory=list)
    frozen: list[Frozen] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    frozen_until: datetime | None = None
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def facts(self) -> ConcernFacts:
        return ConcernFacts(
            tuple(self.assessments),
            tuple(self.objections),
            tuple(self.offers.values()),
            tuple(self.stops),
            tuple(self.done),
            tuple(self.reopened),
            tuple(self.entries.values()),
            tuple(self.locked),
            tuple(self.goodwill),
        )

    # -- what holds ------------------------------------------------------------------------------------------------

    @property
    def outcome(self) -> Outcome | None:
        return self.assessments[-1].outcome if self.assessments else None

    @property
    def is_done(self) -> bool:
        return len(self.done) > len(self.reopened)

    @property
    def is_held(self) -> bool:
        return bool(self.objections) and self.objections[-1].reviewed_at is None

    @property
    def running(self) -> list[Offer]:
        return [one for one in self.offers.values() if one.accepted and not one.ended]

    def timer(self, agent: int) -> TimeEntry | None:
        return next((one for one in self.entries.values() if one.agent_id == agent and one.ended_at is None), None)

    def is_free(self, agent: int, start: datetime, end: datetime) -> bool:
        """INV-22: nobody works twice at once."""
        own = [one for one in self.entries.values() if one.agent_id == agent]
        return all((one.ended_at or self.now) <= start or end <= one.started_at for one in own)

    @property
    def changeable(self) -> list[TimeEntry]:
        """Finished entries of which no minute is locked."""
        locked = {lock.entry_id for lock in self.locked}
        return [one for one in self.entries.values() if one.ended_at and one.id not in locked]

    # -- assessing -------------------------------------------------------------------------------------------------

    def assess(self, outcome: Outcome, item: str) -> None:
        if self.is_done:
            self.reopen()
        changed = (self.outcome, self.assessments[-1].item) != (outcome, item) if self.assessments else False
        self.assessments.append(Assessment(next(self.numbers), next(self.numbers), self.now, outcome, item))
        if changed:
            self._end_offers(Ending.COMPLETED if outcome is Outcome.CHARGEABLE else Ending.WITHDRAWN)

    def object(self) -> None:
        self.objections.append(Objection(next(self.numbers), next(self.numbers), self.now))

    def review(self) -> None:
        self.objections[-1] = replace(self.objections[-1], reviewed_at=self.now)

    # -- offers ----------------------------------------------------------------------------------------------------

    def send(self, caps: Caps, *, as_extension: bool) -> None:
        number = next(self.numbers)
        extends = self.running[-1].id if as_extension and self.running else None
        card = self.card
        self.offers[number] = Offer(number, number, card.rate, card.increment, card.minimum, caps, extends)
        self.sent.add(number)

    def accept(self, number: int, chosen: Caps | None) -> bool:
        """False where the action would refuse and only log it (rule 2, INV-5)."""
        offer = self.offers[number]
        try:
            choose_cap(offer.caps, chosen, offer.rate)
        except CapRefused:
            return False
        acceptance = Acceptance(next(self.numbers), next(self.numbers), self.now, chosen)
        self.offers[number] = replace(offer, accepted=acceptance)
        self.sent.discard(number)
        return True

    def _end_offers(self, kind: Ending) -> None:
        """What is accepted ends like this, what is only sent is withdrawn."""
        for offer in self.running:
            self.offers[offer.id] = replace(offer, ended=OfferEnd(next(self.numbers), self.now, kind))
        self.sent.clear()

    def stop(self, *, is_recorded_with_offers: bool) -> None:
        """The engine derives the ends of offers as well, so a missing row must not matter."""
        self.stops.append(Stop(next(self.numbers), next(self.numbers), self.now))
        if is_recorded_with_offers:
            self._end_offers(Ending.STOPPED)
        self.sent.clear()

    def finish(self) -> None:
        self.done.append(Done(next(self.numbers), next(self.numbers), self.now))
        self._end_offers(Ending.COMPLETED)

    def reopen(self) -> None:
        self.reopened.append(Reopened(next(self.numbers), next(self.numbers), self.now))

    # -- time ------------------------------------------------------------------------------------------------------

    def work(
        self, agent: int, length: timedelta, ago: timedelta = timedelta(0), purpose: Purpose = Purpose.WORK
    ) -> bool:
        end = self.now - ago
        start = end - length
        if not self.is_free(agent, start, end):
            return False
        number = next(self.numbers)
        self.entries[number] = TimeEntry(number, agent, purpose, start.astimezone(BERLIN), end.astimezone(BERLIN))
        return True

    def start_timer(self, agent: int) -> None:
        number = next(self.numbers)
        self.entries[number] = TimeEntry(number, agent, Purpose.WORK, self.now)

    def stop_timer(self, agent: int) -> None:
        running = self.timer(agent)
        if running is not None:
            self.entries[running.id] = replace(running, ended_at=self.now)

    def shorten(self, entry: TimeEntry, length: timedelta) -> None:
        start, end = entry.started_at.astimezone(UTC), entry.ended_at.astimezone(UTC)
        self.entries[entry.id] = replace(entry, ended_at=min(end, start + length))

    # -- money -----------------------------------------------------------------------------------------------------

    def grant(self, minutes: int, net: Decimal) -> None:
        self.goodwill.append(Goodwill(next(self.numbers), minutes, net))

    def issue(self) -> None:
        """An issued record stores its inputs and locks all minutes it shows."""
        counted = finished(self.facts())
        self.records.append(Record(counted, self.now, bill(counted, self.vat, self.now)))
        self._lock(classify(counted, self.now))

    def due(self, until: datetime | None = None) -> tuple[Due, ...]:
        return due(bill(finished(self.facts()), self.vat, until), self.frozen)

    def freeze(self, until: datetime) -> tuple[Due, ...]:
        """What a batch of a period that ends at `until` does; returns its lines."""
        found = self.due(until)
        self._lock(classify(finished(self.facts()), until))
        self.frozen += frozen_lines(found, self.numbers)
        self.frozen_until = until
        return found

    def freeze_if_due(self, until: datetime) -> tuple[Due, ...]:
        """A batch without any line is not frozen, and locks nothing."""
        return self.freeze(until) if self.due(until) else ()

    def _lock(self, segments: Iterator[Segment]) -> None:
        for segment in segments:
            for start, end in self._unlocked(segment):
                self.locked.append(Locked(segment.entry_id, start, end, segment.offer_id))

    def _unlocked(self, segment: Segment) -> Iterator[tuple[datetime, datetime]]:
        start = segment.start
        own = [lock for lock in self.locked if lock.entry_id == segment.entry_id]
        for lock in sorted(own, key=lambda one: one.start):
            if start < lock.end and lock.start < segment.end:
                if start < lock.start:
                    yield start, lock.start
                start = lock.end
        if start < segment.end:
            yield start, segment.end


def frozen_lines(found: Iterable[Due], numbers: Iterator[int]) -> list[Frozen]:
    """Lines that were due, as a batch keeps them."""
    return [
        Frozen(
            next(numbers), one.line.offer_id, one.line.category, one.line.percent, one.counts_for, one.line.minutes,
            one.line.net, one.line.rate, one.line.begins, one.line.ends, one.corrects,
        )
        for one in found
    ]  # fmt: skip
