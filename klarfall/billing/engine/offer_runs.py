"""From which to which minute an accepted offer runs, and with which caps (domain.md, section 6, rules 1, 2, 9)."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from klarfall.billing.engine.caps import CapRefused, Caps, choose_cap, effective_minutes
from klarfall.billing.engine.facts import (
    Acceptance,
    Assessment,
    ConcernFacts,
    Done,
    Ending,
    FactKind,
    FactRef,
    Offer,
    Outcome,
    Reason,
    Reopened,
    Stop,
    Why,
)
from klarfall.billing.engine.minutes import FAR_AWAY, first_full_minute, microseconds, minute_of

Moment = tuple[int, int]
"""An instant in microseconds and the sequence number: the order of facts."""

_ENDING_REASONS = {
    Ending.COMPLETED: Why.OFFER_COMPLETED,
    Ending.STOPPED: Why.STOPPED,
    Ending.WITHDRAWN: Why.OFFER_WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class OfferRun:
    """An effectively accepted offer: billable in the minutes [begins, ends), as far as `minutes` of its caps go."""

    offer: Offer
    caps: Caps
    minutes: int
    accepted_at: datetime
    begins: int
    ended_at: datetime | None
    ends: int
    reason: Reason
    end_reason: Reason

    @property
    def order(self) -> tuple[int, int]:
        """Minutes are allotted to offers in the order of acceptance, then number.

        An extension is accepted after its predecessor, so this order alone uses it when the predecessor is used up or
        has ended.
        """
        return microseconds(self.accepted_at), self.offer.number


@dataclass(frozen=True, slots=True)
class DoneSpan:
    """The concern was done from here until it was reopened (None: still)."""

    done: Done
    reopened: Reopened | None


@dataclass(frozen=True, slots=True)
class _End:
    moment: Moment
    at: datetime
    reason: Reason


def offer_runs(facts: ConcernFacts) -> list[OfferRun]:
    """The effective acceptances in the order in which their minutes are used. One has no effect (INV-1, INV-5)

    - at the very instant of a stop (rule 1) or once the offer has ended,
    - unless the assessment in force is chargeable: one from before a covered assessment never comes back (INV-13),
    - while the concern is done (customer's reading of section 5: it must be reopened and re-assessed first),
    - with a cap that rule 2 refuses.
    """
    history = _History(facts)
    found = [_run(offer, offer.accepted, history) for offer in facts.offers if offer.accepted is not None]
    return sorted((run for run in found if run is not None), key=lambda run: run.order)


def binding_terms(facts: ConcernFacts) -> tuple[int, int] | None:
    """Increment and minimum in minutes that every later offer must have: those of the first accepted one (rule 3)."""
    runs = offer_runs(facts)
    return (runs[0].offer.increment, runs[0].offer.minimum) if runs else None


def in_order(assessments: Sequence[Assessment]) -> list[Assessment]:
    """Assessments in the order in which they were published."""
    return sorted(assessments, key=_published)


def done_spans(facts: ConcernFacts) -> list[DoneSpan]:
    """Pair every done with the reopening that followed it; a second done without reopening changes nothing."""
    events: list[Done | Reopened] = [*facts.done, *facts.reopened]
    spans: list[DoneSpan] = []
    for event in sorted(events, key=lambda one: (microseconds(one.at), one.seq)):
        is_done = bool(spans) and spans[-1].reopened is None
        if isinstance(event, Done) and not is_done:
            spans.append(DoneSpan(event, None))
        elif isinstance(event, Reopened) and is_done:
            spans[-1] = DoneSpan(spans[-1].done, event)
    return spans


def _run(offer: Offer, acceptance: Acceptance, history: "_History") -> OfferRun | None:
    moment = (microseconds(acceptance.at), acceptance.seq)
    if not history.may_accept(moment) or _ended_before(offer, moment):
        return None
    try:
        caps = choose_cap(offer.caps, acceptance.chosen, offer.rate)
    except CapRefused:
        return None
    end = history.end_after(moment, offer)
    because = (FactRef(FactKind.OFFER, offer.id), FactRef(FactKind.DECISION, acceptance.id))
    return OfferRun(
        offer=offer,
        caps=caps,
        minutes=effective_minutes(caps.minutes, caps.net, offer.rate),
        accepted_at=acceptance.at,
        begins=first_full_minute(acceptance.at),
        ended_at=end.at if end else None,
        ends=minute_of(end.at) if end else FAR_AWAY,
        reason=Reason(Why.ACCEPTED if offer.extends is None else Why.EXTENSION_ACCEPTED, because),
        end_reason=end.reason if end else Reason(Why.NO_ACCEPTANCE),
    )


def _ended_before(offer: Offer, moment: Moment) -> bool:
    return offer.ended is not None and (microseconds(offer.ended.at), offer.ended.seq) < moment


class _History:
    """Sorted facts that decide about acceptances, searched by bisection."""

    def __init__(self, facts: ConcernFacts) -> None:
        self.assessments = in_order(facts.assessments)
        self._published = [_published(one) for one in self.assessments]
        self._next_other = _next_other(self.assessments)
        self.stops: list[Stop] = sorted(facts.stops, key=lambda one: (microseconds(one.at), one.seq))
        self._stopped = [microseconds(one.at) for one in self.stops]
        self.done = done_spans(facts)
        self._done = [(microseconds(span.done.at), span.done.seq) for span in self.done]

    def may_accept(self, moment: Moment) -> bool:
        """True if nothing about the concern makes an acceptance at this moment ineffective."""
        position = bisect_right(self._published, moment) - 1
        if position < 0 or self.assessments[position].outcome != Outcome.CHARGEABLE:
            return False
        stop = bisect_left(self._stopped, moment[0])
        if stop < len(self._stopped) and self._stopped[stop] == moment[0]:
            return False
        return not self._is_done(moment)

    def _is_done(self, moment: Moment) -> bool:
        position = bisect_right(self._done, moment) - 1
        if position < 0:
            return False
        reopened = self.done[position].reopened
        return reopened is None or moment < (microseconds(reopened.at), reopened.seq)

    def end_after(self, moment: Moment, offer: Offer) -> _End | None:
        """The first thing after an acceptance that ends the offer, None while it runs."""
        ends = (self._stop(moment), self._reassessed(moment), self._completed(moment), _recorded(offer))
        return min((end for end in ends if end is not None), key=lambda end: end.moment, default=None)

    def _stop(self, moment: Moment) -> _End | None:
        position = bisect_right(self._stopped, moment[0])
        if position == len(self.stops):
            return None
        stop = self.stops[position]
        return _End((microseconds(stop.at), stop.seq), stop.at, _because(Why.STOPPED, FactKind.STOP, stop.id))

    def _reassessed(self, moment: Moment) -> _End | None:
        """Rule 9: another item completes the offer; covered or not_offered withdraws it (section 5)."""
        position = self._next_other[bisect_right(self._published, moment) - 1]
        if position is None:
            return None
        found = self.assessments[position]
        why = Why.ITEM_CHANGED if found.outcome == Outcome.CHARGEABLE else Why.OFFER_WITHDRAWN
        return _End(self._published[position], found.published_at, _because(why, FactKind.ASSESSMENT, found.id))

    def _completed(self, moment: Moment) -> _End | None:
        position = bisect_right(self._done, moment)
        if position == len(self.done):
            return None
        done = self.done[position].done
        return _End(self._done[position], done.at, _because(Why.DONE, FactKind.DONE, done.id))


def _published(assessment: Assessment) -> Moment:
    return microseconds(assessment.published_at), assessment.seq


def _next_other(assessments: Sequence[Assessment]) -> list[int | None]:
    """For each assessment the position of the next one with another outcome or item."""
    following: list[int | None] = [None] * len(assessments)
    for position in range(len(assessments) - 2, -1, -1):
        here, after = assessments[position], assessments[position + 1]
        same = (here.outcome, here.item) == (after.outcome, after.item)
        following[position] = following[position + 1] if same else position + 1
    return following


def _recorded(offer: Offer) -> _End | None:
    if offer.ended is None:
        return None
    why = _ENDING_REASONS[offer.ended.kind]
    moment = (microseconds(offer.ended.at), offer.ended.seq)
    return _End(moment, offer.ended.at, _because(why, FactKind.OFFER, offer.id))


def _because(why: Why, kind: FactKind, row: int) -> Reason:
    return Reason(why, (FactRef(kind, row),))
