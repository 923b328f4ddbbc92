"""What holds for the concern at which minute, whoever works: free, on hold, stopped, done, and which offers run.

The facts become a few sorted spans of minutes, so the cost grows with the number of facts and never with the length of
time. Where domain.md (section 6) leaves a reading open, the customer's is taken; each such place says so.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from klarfall.billing.engine.facts import (
    Assessment,
    ConcernFacts,
    FactKind,
    FactRef,
    MinuteClass,
    Outcome,
    Reason,
    Why,
)
from klarfall.billing.engine.minutes import BEGINNING, FAR_AWAY, first_full_minute, microseconds, minute_of
from klarfall.billing.engine.offer_runs import OfferRun, done_spans, in_order, offer_runs


@dataclass(frozen=True, slots=True)
class Verdict:
    """A class that does not depend on caps."""

    minute_class: MinuteClass
    reason: Reason


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes [start, end) with one verdict."""

    start: int
    end: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Zone:
    """Minutes [start, end) in which nothing changes for the concern.

    `verdict` is the class of work done in it where no cap is asked; else None, and `running` offers (in the order in
    which their minutes are used) or, without any, `idle` decide.
    """

    start: int
    end: int
    verdict: Verdict | None
    running: tuple[OfferRun, ...]
    idle: Reason


class Timeline:
    """The zones of one concern, from the beginning to the end of time."""

    def __init__(self, facts: ConcernFacts) -> None:
        self.runs = offer_runs(facts)
        self._layers = [
            list(_unassessed(facts)),
            list(_freed(facts)),
            list(_held(facts)),
            list(_stopped(facts, self.runs)),
            list(_done(facts)),
        ]

    def zones(self) -> Iterator[Zone]:
        """Yield all zones in order, without gaps."""
        cuts = self._cuts()
        layers = [_Layer(spans) for spans in self._layers]
        offers = _Running(self.runs)
        for start, end in pairwise(cuts):
            offers.advance(start)
            verdicts = [layer.at(start) for layer in layers]
            verdict = next((found for found in verdicts if found is not None), None)
            yield Zone(start, end, verdict, offers.running, offers.idle)

    def _cuts(self) -> list[int]:
        cuts = {BEGINNING, FAR_AWAY}
        for spans in self._layers:
            cuts.update(edge for span in spans for edge in (span.start, span.end))
        cuts.update(edge for run in self.runs for edge in (run.begins, run.ends))
        return sorted(cuts)


class _Layer:
    """Walks sorted, disjoint spans; asked only for growing minutes."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._next = 0

    def at(self, minute: int) -> Verdict | None:
        while self._next < len(self._spans) and self._spans[self._next].end <= minute:
            self._next += 1
        if self._next == len(self._spans) or self._spans[self._next].start > minute:
            return None
        return self._spans[self._next].verdict


class _Running:
    """The offers that run at a growing minute, and why none does."""

    def __init__(self, runs: Sequence[OfferRun]) -> None:
        self._by_end = sorted(runs, key=lambda run: run.ends)
        self._by_begin = runs  # in order of acceptance, hence of beginning
        self._begun = self._over = 0
        self.running: tuple[OfferRun, ...] = ()
        self.idle = Reason(Why.NO_ACCEPTANCE)

    def advance(self, minute: int) -> None:
        changed = False
        while self._begun < len(self._by_begin) and self._by_begin[self._begun].begins <= minute:
            run = self._by_begin[self._begun]
            self.running = (*self.running, run)
            self._begun += 1
            changed = True
        while self._over < len(self._by_end) and self._by_end[self._over].ends <= minute:
            self.idle = self._by_end[self._over].end_reason
            self._over += 1
            changed = True
        if changed:
            self.running = tuple(run for run in self.running if run.ends > minute)


def _unassessed(facts: ConcernFacts) -> Iterator[Span]:
    """TRIAGE until the first assessment; the minute in which it is published still counts as triage (free)."""
    reason = Reason(Why.NOT_ASSESSED)
    end = FAR_AWAY
    if facts.assessments:
        end = first_full_minute(in_order(facts.assessments)[0].published_at)
    yield Span(BEGINNING, end, Verdict(MinuteClass.TRIAGE, reason))


_FREE = {Outcome.COVERED: MinuteClass.COVERED, Outcome.NOT_OFFERED: MinuteClass.NOT_OFFERED}


def _freed(facts: ConcernFacts) -> Iterator[Span]:
    """Minutes up to the end of each covered or not_offered assessment; the first not over yet gives the class."""
    cursor = BEGINNING
    ordered = in_order(facts.assessments)
    for position, assessment in enumerate(ordered):
        if assessment.outcome not in _FREE:
            continue
        in_force, over = _in_force(ordered, position)
        for start, end, why in ((cursor, in_force, Why.FREED_LATER), (max(cursor, in_force), over, Why.ASSESSED_FREE)):
            if start < end:
                because = (FactRef(FactKind.ASSESSMENT, assessment.id),)
                yield Span(start, end, Verdict(_FREE[assessment.outcome], Reason(why, because)))
        cursor = max(cursor, over)


def _in_force(ordered: Sequence[Assessment], position: int) -> tuple[int, int]:
    """Minutes in which an assessment is in force at any instant, the one of its publication always (in favour)."""
    first = minute_of(ordered[position].published_at)
    if position + 1 == len(ordered):
        return first, FAR_AWAY
    return first, _at_least_one(first, ordered[position + 1].published_at)


def _at_least_one(first: int, end: datetime) -> int:
    return max(first + 1, first_full_minute(end))


def _held(facts: ConcernFacts) -> Iterator[Span]:
    """ON_HOLD in every minute in which an objection is open at any instant, the one of its opening always."""
    cursor = BEGINNING
    for objection in sorted(facts.objections, key=lambda one: (microseconds(one.opened_at), one.seq)):
        first = minute_of(objection.opened_at)
        over = FAR_AWAY if objection.reviewed_at is None else _at_least_one(first, objection.reviewed_at)
        start = max(cursor, first)
        if start < over:
            because = (FactRef(FactKind.OBJECTION, objection.id),)
            yield Span(start, over, Verdict(MinuteClass.ON_HOLD, Reason(Why.OBJECTION_OPEN, because)))
            cursor = over


def _stopped(facts: ConcernFacts, runs: Sequence[OfferRun]) -> Iterator[Span]:
    """AFTER_STOP from the minute of a stop up to the first full minute after the next effective acceptance."""
    accepted = sorted((microseconds(run.accepted_at), first_full_minute(run.accepted_at)) for run in runs)
    cursor = BEGINNING
    for stop in sorted(facts.stops, key=lambda one: (microseconds(one.at), one.seq)):
        position = bisect_right(accepted, (microseconds(stop.at), FAR_AWAY))
        over = accepted[position][1] if position < len(accepted) else FAR_AWAY
        start = max(cursor, minute_of(stop.at))
        if start < over:
            because = (FactRef(FactKind.STOP, stop.id),)
            yield Span(start, over, Verdict(MinuteClass.AFTER_STOP, Reason(Why.STOPPED, because)))
            cursor = over


def _done(facts: ConcernFacts) -> Iterator[Span]:
    """No minute is billable while the concern is done at any instant in it, whatever is accepted within that minute."""
    cursor = BEGINNING
    for span in done_spans(facts):
        first = minute_of(span.done.at)
        over = FAR_AWAY if span.reopened is None else _at_least_one(first, span.reopened.at)
        start = max(cursor, first)
        if start < over:
            because = (FactRef(FactKind.DONE, span.done.id),)
            yield Span(start, over, Verdict(MinuteClass.PRE_DECISION, Reason(Why.DONE, because)))
            cursor = over
