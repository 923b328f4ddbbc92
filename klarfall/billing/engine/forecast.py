"""Used and remaining minutes and euros per offer, and when running timers will reach the cap (section 6, rule 2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from klarfall.billing.engine.caps import Caps, exposure, net_of, round2
from klarfall.billing.engine.classes import classify
from klarfall.billing.engine.facts import (
    ConcernFacts,
    MinuteClass,
    Purpose,
    Reason,
    Segment,
    TimeEntry,
)
from klarfall.billing.engine.minutes import END_OF_TIME, first_full_minute, microseconds, minute_of, start_of
from klarfall.billing.engine.offer_runs import OfferRun, offer_runs


@dataclass(frozen=True, slots=True)
class Balance:
    """An accepted offer at one instant. Amounts are net, of exact minutes: rounding (rule 4) comes with the bill.

    `caps` are those in force (the chosen one replaced its unit). `remaining_*` are 0 once the offer has ended.
    """

    offer_id: int
    running: bool
    caps: Caps
    effective_minutes: int
    used_minutes: int
    remaining_minutes: int
    used_net: Decimal
    remaining_net: Decimal
    exposure: Decimal


@dataclass(frozen=True, slots=True)
class Forecast:
    """When an accepted offer reaches 80 % and its cap if the running timers go on; None: not as things stand.

    `warned` and `used_up` say whether that was at or before `now` (a time entry recorded late can put it in the past).
    """

    offer_id: int
    warning_minutes: int
    effective_minutes: int
    warns_at: datetime | None
    used_up_at: datetime | None
    warned: bool
    used_up: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """The class of work begun at one instant: what locks or unlocks *Abrechenbar*, and why."""

    minute_class: MinuteClass
    offer_id: int | None
    reason: Reason


def warning_minutes(effective: int) -> int:
    """80 % of the effective minutes, rounded up to a minute: 120 → 96 (rule 2)."""
    return -(-effective * 4 // 5)


def balances(facts: ConcernFacts, now: datetime) -> tuple[Balance, ...]:
    """Balance of every offer with an effective acceptance up to `now`, in order of acceptance; running timers count."""
    used: dict[int | None, int] = {}
    for segment in classify(facts, until=now):
        used[segment.offer_id] = used.get(segment.offer_id, 0) + segment.minutes
    accepted = (run for run in offer_runs(facts) if microseconds(run.accepted_at) <= microseconds(now))
    return tuple(_balance(run, used.get(run.offer.id, 0), now) for run in accepted)


def predict(facts: ConcernFacts, now: datetime) -> tuple[Forecast, ...]:
    """Forecast of every offer with an effective acceptance, in order of acceptance.

    Running timers are taken to run on (two agents at once use a cap twice as fast); call it again at every start, stop
    and fact, and the answer follows.
    """
    billable: dict[int | None, list[Segment]] = {}
    for segment in classify(facts, until=END_OF_TIME):
        billable.setdefault(segment.offer_id, []).append(segment)
    return tuple(_forecast(run, billable.get(run.offer.id, []), now) for run in offer_runs(facts))


def standing(facts: ConcernFacts, now: datetime) -> Standing:
    """Class, offer and reason of the first full minute of work at or after `now`, begun after everything recorded."""
    minute = first_full_minute(now)
    probe_id = max((entry.id for entry in facts.entries), default=0) + 1
    probe = TimeEntry(probe_id, 0, Purpose.WORK, start_of(minute), start_of(minute + 1))
    probed = replace(facts, entries=(*facts.entries, probe))
    found = next(one for one in classify(probed, until=start_of(minute + 1)) if one.entry_id == probe_id)
    return Standing(found.minute_class, found.offer_id, found.reason)


def _balance(run: OfferRun, used: int, now: datetime) -> Balance:
    running = run.ended_at is None or microseconds(run.ended_at) > microseconds(now)
    limit = exposure(run.caps, run.offer.rate)
    used_net = net_of(used, run.offer.rate)
    return Balance(
        offer_id=run.offer.id,
        running=running,
        caps=run.caps,
        effective_minutes=run.minutes,
        used_minutes=used,
        remaining_minutes=run.minutes - used if running else 0,
        used_net=used_net,
        remaining_net=limit - used_net if running else round2(0),
        exposure=limit,
    )


def _forecast(run: OfferRun, segments: Sequence[Segment], now: datetime) -> Forecast:
    warning = warning_minutes(run.minutes)
    warns_at, used_up_at = (_reached(segments, minutes) for minutes in (warning, run.minutes))
    return Forecast(
        offer_id=run.offer.id,
        warning_minutes=warning,
        effective_minutes=run.minutes,
        warns_at=warns_at,
        used_up_at=used_up_at,
        warned=warns_at is not None and warns_at <= now,
        used_up=used_up_at is not None and used_up_at <= now,
    )


def _reached(segments: Sequence[Segment], minutes: int) -> datetime | None:
    """The end of the clock minute in which so many minutes have been used, by however many people at once."""
    edges = [(minute_of(one.start), 1) for one in segments] + [(minute_of(one.end), -1) for one in segments]
    used = people = since = 0
    for minute, change in sorted(edges):
        if used + people * (minute - since) >= minutes:
            return start_of(since - (used - minutes) // people)
        used += people * (minute - since)
        people, since = people + change, minute
    return None
