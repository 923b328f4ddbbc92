"""A second, slow and obvious billing engine: it replays the facts and asks every single minute; only tests use it.

It shares with the real one the facts and the cap arithmetic (which has tables of its own), and no other line.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from klarfall.billing.engine import (
    CapRefused,
    Caps,
    ConcernFacts,
    Ending,
    Locked,
    MinuteClass,
    Offer,
    TimeEntry,
    choose_cap,
    effective_minutes,
)

MINUTE = timedelta(minutes=1)
Classed = dict[tuple[int, datetime], tuple[MinuteClass, int | None]]


@dataclass
class Stretch:
    """Something is so from `begin` to `end` (None: still)."""

    begin: datetime
    end: datetime | None = None
    what: object = None

    def touches(self, minute: datetime) -> bool:
        """True if it is so at any instant of the minute, be it only at the one at which it begins."""
        if self.begin >= minute + MINUTE:
            return False
        return self.end is None or self.end > minute or self.begin >= minute

    def fills(self, minute: datetime) -> bool:
        """True if it is so from the first to the last instant of the minute."""
        return self.begin <= minute and (self.end is None or self.end >= minute + MINUTE)


@dataclass
class Replay:
    """The concern's life told fact by fact."""

    facts: ConcernFacts
    in_force: list[Stretch] = field(default_factory=list)
    stopped: list[Stretch] = field(default_factory=list)
    done: list[Stretch] = field(default_factory=list)
    running: dict[int, Stretch] = field(default_factory=dict)
    caps: dict[int, Caps] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    stop_ended: set[int] = field(default_factory=set)

    def tell(self) -> "Replay":
        events = [(one.published_at, one.seq, self.assessed, one) for one in self.facts.assessments]
        events += [(one.at, one.seq, self.stop, one) for one in self.facts.stops]
        events += [(one.at, one.seq, self.finish, one) for one in self.facts.done]
        events += [(one.at, one.seq, self.reopen, one) for one in self.facts.reopened]
        for offer in self.facts.offers:
            if offer.accepted:
                events.append((offer.accepted.at, offer.accepted.seq, self.accept, offer))
            if offer.ended:
                events.append((offer.ended.at, offer.ended.seq, self.end, offer))
        for at, _, tell, fact in sorted(events, key=lambda event: event[:2]):
            tell(at, fact)
        return self

    def assessed(self, at, assessment):
        before = self.in_force[-1].what if self.in_force else None
        if self.in_force:
            self.in_force[-1].end = at
        self.in_force.append(Stretch(at, None, assessment))
        if before is None or (before.outcome, before.item) != (assessment.outcome, assessment.item):
            self.end_all(at)

    def accept(self, at, offer):
        if not self.in_force or self.in_force[-1].what.outcome != "chargeable":
            return
        if self.is_open(self.done) or offer.id in self.ended:
            return
        if any(stop.at == at for stop in self.facts.stops):
            return
        try:
            self.caps[offer.id] = choose_cap(offer.caps, offer.accepted.chosen, offer.rate)
        except CapRefused:
            return
        self.running[offer.id] = Stretch(at, None, offer)
        if self.is_open(self.stopped):
            self.stopped[-1].end = at

    def stop(self, at, stop):
        self.stop_ended |= {number for number, run in self.running.items() if run.end is None}
        self.end_all(at)
        if not self.is_open(self.stopped):
            self.stopped.append(Stretch(at))

    def finish(self, at, done):
        self.end_all(at)
        if not self.is_open(self.done):
            self.done.append(Stretch(at))

    def reopen(self, at, reopened):
        if self.is_open(self.done):
            self.done[-1].end = at

    def end(self, at, offer):
        self.ended.add(offer.id)
        if offer.id in self.running and self.running[offer.id].end is None:
            self.running[offer.id].end = at
            if offer.ended.kind is Ending.STOPPED:
                self.stop_ended.add(offer.id)

    def end_all(self, at):
        for run in self.running.values():
            run.end = at if run.end is None else run.end

    @staticmethod
    def is_open(stretches: list[Stretch]) -> bool:
        return bool(stretches) and stretches[-1].end is None


class SlowEngine:
    """Asks every minute of every entry, in clock order, the questions of domain.md, section 6, one after the other."""

    def __init__(self, facts: ConcernFacts) -> None:
        self.facts = facts
        self.replay = Replay(facts).tell()
        offers = {offer.id: offer for offer in facts.offers}
        self.left = {
            number: effective_minutes(caps.minutes, caps.net, offers[number].rate)
            for number, caps in self.replay.caps.items()
        }

    def classify(self, until: datetime | None = None) -> Classed:
        whole = {entry.id: minutes_of(entry, until) for entry in self.facts.entries}
        asked = sorted(
            (minute, whole[entry.id][0], entry.id, entry) for entry in self.facts.entries for minute in whole[entry.id]
        )
        locked = {lock.entry_id for lock in self.facts.locked}
        for entry in self.facts.entries:
            for minute in minutes_of(entry, None) if entry.id in locked else ():  # also those after `until`
                offer = self.locked_offer(entry, minute)
                if offer is not None:
                    self.left[offer] -= 1
        return {(entry.id, minute): self.one(entry, minute) for minute, _, _, entry in asked}

    def one(self, entry: TimeEntry, minute: datetime) -> tuple[MinuteClass, int | None]:
        fixed = self.without_offers(entry, minute)
        if fixed is not None:
            return fixed, None
        kept = self.locked_offer(entry, minute)
        if kept is not None:
            return MinuteClass.BILLABLE, kept
        running = self.running_at(minute)
        lock = self.lock(entry, minute)
        if lock is None or lock.offer_id is not None:
            for offer in running:
                if self.left[offer.id] > 0 and not self.waits(offer, running):
                    self.left[offer.id] -= 1
                    return MinuteClass.BILLABLE, offer.id
        return (MinuteClass.OVER_CAP if running else MinuteClass.PRE_DECISION), None

    def without_offers(self, entry: TimeEntry, minute: datetime) -> MinuteClass | None:
        in_force = self.replay.in_force
        if entry.purpose == "triage" or not in_force or in_force[0].begin > minute:
            return MinuteClass.TRIAGE
        for assessed in in_force:
            if assessed.what.outcome != "chargeable" and (assessed.touches(minute) or assessed.begin > minute):
                return MinuteClass(assessed.what.outcome.upper())
        if any(Stretch(one.opened_at, one.reviewed_at).touches(minute) for one in self.facts.objections):
            return MinuteClass.ON_HOLD
        if any(stopped.touches(minute) for stopped in self.replay.stopped):
            return MinuteClass.AFTER_STOP
        if any(done.touches(minute) for done in self.replay.done):
            return MinuteClass.PRE_DECISION
        return None

    def running_at(self, minute: datetime) -> list[Offer]:
        found = [(run.begin, run.what.number, run.what) for run in self.replay.running.values() if run.fills(minute)]
        return [offer for _, _, offer in sorted(found, key=lambda row: row[:2])]

    def waits(self, offer: Offer, running: list[Offer]) -> bool:
        return any(other.id == offer.extends and self.left[other.id] > 0 for other in running)

    def lock(self, entry: TimeEntry, minute: datetime) -> Locked | None:
        for lock in self.facts.locked:
            if lock.entry_id == entry.id and lock.start <= minute < lock.end:
                return lock
        return None

    def locked_offer(self, entry: TimeEntry, minute: datetime) -> int | None:
        lock = self.lock(entry, minute)
        if lock is None or self.without_offers(entry, minute) is not None:
            return None
        return lock.offer_id if any(offer.id == lock.offer_id for offer in self.running_at(minute)) else None


def minutes_of(entry: TimeEntry, until: datetime | None) -> list[datetime]:
    """The whole clock minutes within an entry, one by one."""
    end = entry.ended_at or until
    if end is None:
        return []
    if until is not None:
        end = min(end, until)
    minute = entry.started_at.astimezone(UTC).replace(second=0, microsecond=0)
    if minute < entry.started_at:
        minute += MINUTE
    found = []
    while minute + MINUTE <= end:
        found.append(minute)
        minute += MINUTE
    return found


def slow_classify(facts: ConcernFacts, until: datetime | None = None) -> Classed:
    """Class and offer of each minute of each entry."""
    return SlowEngine(facts).classify(until)


def slow_crossings(facts: ConcernFacts, until: datetime) -> dict[int, dict[int, datetime]]:
    """For each offer when its n-th minute was over, for every n, with all timers running until `until`."""
    crossings: dict[int, dict[int, datetime]] = {}
    numbers: dict[int, count] = {}
    for (_, minute), (_, offer) in slow_classify(facts, until).items():
        if offer is not None:
            number = next(numbers.setdefault(offer, count(1)))
            crossings.setdefault(offer, {})[number] = minute + MINUTE
    return crossings
