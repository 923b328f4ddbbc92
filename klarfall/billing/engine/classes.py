"""Every minute of a concern gets its class, its offer and its reason (domain.md, section 6, class table and rules 1-2).

A sweep over the instants at which anything changes: between two of them all minutes are alike, so they are allotted
together. Cost grows with the number of facts, memory with the number of entries open at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from klarfall.billing.engine.facts import (
    ConcernFacts,
    FactKind,
    FactRef,
    Locked,
    MinuteClass,
    Purpose,
    Reason,
    Segment,
    TimeEntry,
    Why,
)
from klarfall.billing.engine.minutes import minute_of, snapped_minutes, start_of
from klarfall.billing.engine.offer_runs import OfferRun
from klarfall.billing.engine.timeline import Timeline, Zone


def classify(facts: ConcernFacts, until: datetime | None = None) -> Iterator[Segment]:
    """Yield the segments of every time entry: chronologically within an entry, overall in the order in which they end.

    With `until` only minutes that are over by then count, and running timers are included up to it. Without, running
    timers are left out: they have no end yet. Facts are taken as given, also those after `until`.
    """
    worked = _worked(facts.entries, facts.locked, until)
    timeline = Timeline(facts)
    used = _reserved(facts, timeline) if facts.locked else {}
    allotment = _Allotment(used)
    segments = _Segments()
    for stretch in _stretches(worked, timeline):
        for piece in allotment.pieces(stretch):
            segments.add(piece)
        yield from segments.closed_before(stretch.end)
    yield from segments.closed_before(None)


def totals(segments: Iterable[Segment]) -> dict[MinuteClass, int]:
    """Minutes per class; every class is a key."""
    minutes = dict.fromkeys(MinuteClass, 0)
    for segment in segments:
        minutes[segment.minute_class] += segment.minutes
    return minutes


@dataclass(frozen=True, slots=True)
class _Work:
    """The whole minutes [start, end) of an entry, and its locked stretches in order."""

    entry: TimeEntry
    start: int
    end: int
    locked: tuple[Locked, ...]

    def lock_at(self, minute: int) -> Locked | None:
        """The lock that holds a minute. An entry has few locks: one per bill it appeared on."""
        return next((lock for lock in self.locked if minute_of(lock.start) <= minute < minute_of(lock.end)), None)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Minutes [start, end) without any change; `active` work in the order in which it takes minutes."""

    start: int
    end: int
    zone: Zone
    active: tuple[_Work, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    work: _Work
    start: int
    end: int
    minute_class: MinuteClass
    run: OfferRun | None
    reason: Reason


def _worked(entries: Iterable[TimeEntry], locked: Iterable[Locked], until: datetime | None) -> list[_Work]:
    """Snapped entries in the order in which they take minutes: start (snapped, as stored), then id."""
    locks: dict[int, list[Locked]] = {}
    for lock in locked:
        locks.setdefault(lock.entry_id, []).append(lock)
    worked = []
    for entry in entries:
        end = until if entry.ended_at is None else entry.ended_at
        if end is None:
            continue
        first, last = snapped_minutes(entry.started_at, end)
        if until is not None:
            last = min(last, minute_of(until))
        if first < last:
            worked.append(_Work(entry, first, last, tuple(locks.get(entry.id, ()))))
    return sorted(worked, key=lambda work: (work.start, work.entry.id))


def _stretches(worked: Sequence[_Work], timeline: Timeline) -> Iterator[_Stretch]:
    """Cut the worked time wherever an entry, a lock or the concern changes."""
    cuts = _cuts(worked)
    zones = timeline.zones()
    zone = next(zones)
    active: list[_Work] = []
    upcoming = 0
    for cut, next_cut in pairwise(cuts):
        active = [work for work in active if work.end > cut]
        while upcoming < len(worked) and worked[upcoming].start <= cut:
            active.append(worked[upcoming])
            upcoming += 1
        start = cut
        while active and start < next_cut:
            while zone.end <= start:
                zone = next(zones)
            end = min(next_cut, zone.end)
            yield _Stretch(start, end, zone, tuple(active))
            start = end


def _cuts(worked: Sequence[_Work]) -> list[int]:
    cuts: set[int] = set()
    for work in worked:
        cuts.update((work.start, work.end))
        for lock in work.locked:
            edges = (minute_of(lock.start), minute_of(lock.end))
            cuts.update(edge for edge in edges if work.start < edge < work.end)
    return sorted(cuts)


def _locked_run(work: _Work, lock: Locked, zone: Zone) -> OfferRun | None:
    """The offer a locked minute keeps; a lock cannot make an offer run that does not run then (INV-1)."""
    if work.entry.purpose == Purpose.TRIAGE or zone.verdict is not None:
        return None
    return next((run for run in zone.running if run.offer.id == lock.offer_id), None)


def _reserved(facts: ConcernFacts, timeline: Timeline) -> dict[int, int]:
    """Minutes of each offer that locked work has taken, whatever else was recorded before it in clock order.

    Also those after the instant up to which minutes are asked for: a record of December leaves no room for a late
    entry of November (rule 2).
    """
    reserved: dict[int, int] = {}
    locked = [work for work in _worked(facts.entries, facts.locked, None) if work.locked]
    for stretch in _stretches(locked, timeline):
        for work in stretch.active:
            lock = work.lock_at(stretch.start)
            run = _locked_run(work, lock, stretch.zone) if lock else None
            if run is not None:
                reserved[run.offer.id] = reserved.get(run.offer.id, 0) + stretch.end - stretch.start
    return reserved


class _Allotment:
    """Gives out the minutes of the caps; remembers how many are used."""

    def __init__(self, used: dict[int, int]) -> None:
        self._used = used

    def pieces(self, stretch: _Stretch) -> Iterator[_Piece]:
        """Yield classed pieces of a stretch, chronologically for each entry."""
        asking = []
        for work in stretch.active:
            settled = self._settled(work, stretch)
            if settled is None:
                asking.append(work)
            else:
                yield settled
        if asking:
            yield from self._shared_out(asking, stretch)

    def _settled(self, work: _Work, stretch: _Stretch) -> _Piece | None:
        """The piece of work whose class no cap decides, or has decided for good; None if it asks for cap minutes."""
        zone = stretch.zone
        if work.entry.purpose == Purpose.TRIAGE:
            because = (FactRef(FactKind.ENTRY, work.entry.id),)
            return _piece(work, stretch, MinuteClass.TRIAGE, Reason(Why.TRIAGE_PURPOSE, because))
        if zone.verdict is not None:
            return _piece(work, stretch, zone.verdict.minute_class, zone.verdict.reason)
        lock = work.lock_at(stretch.start)
        if lock is None:
            return None
        run = _locked_run(work, lock, zone)
        if run is not None:
            return _billable(work, stretch.start, stretch.end, run)
        if lock.offer_id is None:
            return _without_cap(work, stretch.start, stretch.end, zone)
        return None

    def _shared_out(self, asking: Sequence[_Work], stretch: _Stretch) -> Iterator[_Piece]:
        """Whole minutes for everybody while the cap lasts, one minute hand to hand where it runs out, then nothing."""
        start = stretch.start
        while start < stretch.end:
            run = self._next_run(stretch.zone)
            if run is None:
                for work in asking:
                    yield _without_cap(work, start, stretch.end, stretch.zone)
                return
            rounds = min(stretch.end - start, self._left(run) // len(asking))
            if rounds == 0:
                yield from self._last_minute(asking, start, stretch.zone)
                start += 1
                continue
            for work in asking:
                yield self._take(work, start, start + rounds, run)
            start += rounds

    def _last_minute(self, asking: Sequence[_Work], minute: int, zone: Zone) -> Iterator[_Piece]:
        for work in asking:
            run = self._next_run(zone)
            if run is None:
                yield _without_cap(work, minute, minute + 1, zone)
            else:
                yield self._take(work, minute, minute + 1, run)

    def _take(self, work: _Work, start: int, end: int, run: OfferRun) -> _Piece:
        self._used[run.offer.id] = self._used.get(run.offer.id, 0) + end - start
        return _billable(work, start, end, run)

    def _next_run(self, zone: Zone) -> OfferRun | None:
        return next((run for run in zone.running if self._left(run) > 0), None)

    def _left(self, run: OfferRun) -> int:
        return run.minutes - self._used.get(run.offer.id, 0)


def _piece(work: _Work, stretch: _Stretch, minute_class: MinuteClass, reason: Reason) -> _Piece:
    return _Piece(work, stretch.start, stretch.end, minute_class, None, reason)


def _billable(work: _Work, start: int, end: int, run: OfferRun) -> _Piece:
    return _Piece(work, start, end, MinuteClass.BILLABLE, run, run.reason)


def _without_cap(work: _Work, start: int, end: int, zone: Zone) -> _Piece:
    """OVER_CAP where a running offer is used up, PRE_DECISION where none runs."""
    if not zone.running:
        return _Piece(work, start, end, MinuteClass.PRE_DECISION, None, zone.idle)
    because = tuple(FactRef(FactKind.OFFER, run.offer.id) for run in zone.running)
    return _Piece(work, start, end, MinuteClass.OVER_CAP, None, Reason(Why.CAP_USED_UP, because))


class _Segments:
    """Joins pieces of one entry that differ in nothing."""

    def __init__(self) -> None:
        self._open: dict[int, _Piece] = {}
        self._closed: list[_Piece] = []

    def add(self, piece: _Piece) -> None:
        before = self._open.get(piece.work.entry.id)
        if before is not None and _alike(before, piece):
            piece = _Piece(piece.work, before.start, piece.end, piece.minute_class, piece.run, piece.reason)
        elif before is not None:
            self._closed.append(before)
        self._open[piece.work.entry.id] = piece

    def closed_before(self, minute: int | None) -> Iterator[Segment]:
        """Hand out what nothing can be joined to any more; None: everything."""
        over = [piece for piece in self._open.values() if minute is None or piece.work.end <= minute]
        for piece in over:
            del self._open[piece.work.entry.id]
        closed, self._closed = [*self._closed, *over], []
        yield from (_segment(piece) for piece in sorted(closed, key=_end_order))


def _alike(one: _Piece, other: _Piece) -> bool:
    return one.minute_class is other.minute_class and one.run == other.run and one.reason == other.reason


def _end_order(piece: _Piece) -> tuple[int, int, int]:
    return piece.end, piece.work.start, piece.work.entry.id


def _segment(piece: _Piece) -> Segment:
    return Segment(
        entry_id=piece.work.entry.id,
        agent_id=piece.work.entry.agent_id,
        start=start_of(piece.start),
        end=start_of(piece.end),
        minutes=piece.end - piece.start,
        minute_class=piece.minute_class,
        offer_id=piece.run.offer.id if piece.run else None,
        reason=piece.reason,
    )
