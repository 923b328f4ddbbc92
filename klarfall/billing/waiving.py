"""What a grant of goodwill would do to the bill of one concern, and what specialists may grant by themselves. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from klarfall.billing.engine import ConcernFacts, Goodwill, balances, net_of
from klarfall.billing.settlement import net_so_far

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Net of a concern as it would be billed now, without and with a grant; the difference is what it is worth."""

    before: Decimal
    after: Decimal

    @property
    def worth(self) -> Decimal:
        """What the customer pays less."""
        return self.before - self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The most that a customer can be charged for a concern: minutes and net of the offers they accepted.

    `rate` is the highest of these offers, at which granted minutes are valued.
    """

    minutes: int
    net: Decimal
    rate: Decimal


def net_of_concern(facts: ConcernFacts, now: datetime) -> Decimal:
    """Net of a concern as it would be billed now: rounded, reduced to the cap, goodwill taken off (section 6)."""
    return sum(net_so_far(facts, now).values(), NOTHING)


def effect(facts: ConcernFacts, *, minutes: int, net: Decimal, now: datetime) -> Effect:
    """The effect of a further grant, running timers up to `now` included."""
    granted = replace(facts, goodwill=(*facts.goodwill, Goodwill(0, minutes, net)))
    return Effect(before=net_of_concern(facts, now), after=net_of_concern(granted, now))


def scope(facts: ConcernFacts, now: datetime) -> Scope | None:
    """The scope of what was commissioned; None where the customer never accepted an offer."""
    found = balances(facts, now)
    if not found:
        return None
    rates = {offer.id: offer.rate for offer in facts.offers}
    return Scope(
        minutes=sum(one.effective_minutes for one in found),
        net=sum((one.exposure for one in found), NOTHING),
        rate=max(rates[one.offer_id] for one in found),
    )


def value(grants: Iterable[tuple[int, Decimal]], rate: Decimal) -> Decimal:
    """Net value of grants given as (minutes, net), minutes at the rate of the offers."""
    pairs = list(grants)
    return net_of(sum(minutes for minutes, _net in pairs), rate) + sum((net for _minutes, net in pairs), NOTHING)
