"""Used and remaining minutes and euros per offer, and when running timers will reach the cap (section 6, rule 2)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from klarfall.billing.engine.caps import Caps
from klarfall.billing.engine.facts import ConcernFacts, MinuteClass, Reason


@dataclass(frozen=True, slots=True)
class Balance:
    """An accepted offer at one instant. Amounts are net and exact minutes' worth: rounding (rule 4) comes with the bill.

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

    An instant at or before `now` has happened already (also through a later entered time entry).
    """

    offer_id: int
    warning_minutes: int
    effective_minutes: int
    warns_at: datetime | None
    used_up_at: datetime | None


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
    raise NotImplementedError


def predict(facts: ConcernFacts, now: datetime) -> tuple[Forecast, ...]:
    """Forecast of every offer with an effective acceptance, in order of acceptance.

    Timers that run at `now` are taken to run on (two agents at once use a cap twice as fast); call it again at every
    start, stop and fact, and the answer follows.
    """
    raise NotImplementedError


def standing(facts: ConcernFacts, now: datetime) -> Standing:
    """Class, offer and reason of the first full minute of work at or after `now`, begun after everything recorded."""
    raise NotImplementedError
