"""Used and remaining minutes and euros of concerns, for the cards of both sites."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from klarfall.billing.engine import (
    Balance,
    Caps,
    ConcernFacts,
    Forecast,
    MinuteClass,
    Standing,
    balances,
    classify,
    predict,
    standing,
    totals,
)
from klarfall.billing.facts import explain, facts_of
from klarfall.tickets.models import Concern

#: Percent of the effective minutes at which customer and specialist are told (section 6, rule 2).
WARNING, REACHED = 80, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferUse:
    """One accepted offer: exact minutes and net amounts. `level` is 0, 80 or 100 (percent that were reached).

    `warns_at` and `used_up_at` are past or, while timers run, predicted instants (UTC); None: not as things stand.
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
    level: int
    warning_minutes: int
    warns_at: datetime | None
    used_up_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """What was used of a concern. `standing` is what a minute begun now would be, `why` says it in words.

    `minutes` has every class as a key; contacts do not see triage entries, which are always free.
    """

    concern_id: int
    facts: ConcernFacts
    offers: tuple[OfferUse, ...]
    minutes: dict[MinuteClass, int]
    standing: Standing
    why: str

    @property
    def billable(self) -> bool:
        """Would a minute of work begun now be billable? Unlocks *Abrechenbar*; `why` is the reason either way."""
        return self.standing.minute_class is MinuteClass.BILLABLE

    @property
    def has_left(self) -> bool:
        """Does a running accepted offer have minutes left?"""
        return any(use.running and use.remaining_minutes > 0 for use in self.offers)


def consumption(concern: Concern, now: datetime) -> Consumption:
    """The consumption of one concern; four queries."""
    return consumption_of([concern], now)[concern.pk]


def consumption_of(concerns: Iterable[Concern], now: datetime) -> dict[int, Consumption]:
    """The consumption of the concerns of one ticket by concern id, in the queries of one."""
    return {pk: consumed(pk, facts, now) for pk, facts in facts_of(concerns).items()}


def consumed(concern_id: int, facts: ConcernFacts, now: datetime) -> Consumption:
    """The same from facts that were read already; pure."""
    forecasts = {forecast.offer_id: forecast for forecast in predict(facts, now)}
    stands = standing(facts, now)
    return Consumption(
        concern_id=concern_id,
        facts=facts,
        offers=tuple(_use(balance, forecasts[balance.offer_id]) for balance in balances(facts, now)),
        minutes=totals(classify(facts, until=now)),
        standing=stands,
        why=explain(stands),
    )


def _use(balance: Balance, forecast: Forecast) -> OfferUse:
    level = REACHED if forecast.used_up else WARNING if forecast.warned else 0
    return OfferUse(
        offer_id=balance.offer_id,
        running=balance.running,
        caps=balance.caps,
        effective_minutes=balance.effective_minutes,
        used_minutes=balance.used_minutes,
        remaining_minutes=balance.remaining_minutes,
        used_net=balance.used_net,
        remaining_net=balance.remaining_net,
        exposure=balance.exposure,
        level=level,
        warning_minutes=forecast.warning_minutes,
        warns_at=forecast.warns_at,
        used_up_at=forecast.used_up_at,
    )
