"""Used and remaining minutes and euros of concerns, for the cards of both sites."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from klarfall.billing.engine import Caps, ConcernFacts, MinuteClass, Standing
from klarfall.tickets.models import Concern


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferUse:
    """One accepted offer: exact minutes and net amounts. `level` is 0, 80 or 100 (percent that were reached)."""

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
    billable: bool
    why: str


def consumption(concern: Concern, now: datetime) -> Consumption:
    """The consumption of one concern."""
    raise NotImplementedError


def consumption_of(concerns: Iterable[Concern], now: datetime) -> dict[int, Consumption]:
    """The consumption of the concerns of one ticket by concern id, in the queries of one."""
    raise NotImplementedError
