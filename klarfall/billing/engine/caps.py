"""Caps of an offer: how many minutes they allow, what a lower choice makes of them, what they expose the customer to.

Pure. Money is Decimal, minutes are integers. Quotients are formed exactly (Fraction) and rounded once, at the end,
so that 222.00 at 148.00 an hour is 90 minutes and not 89 (domain.md, section 6, rule 2; scenario S16).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

MINUTES_PER_HOUR = 60
CENTS = 100


class CapProblem(StrEnum):
    """Why a chosen cap is refused; a code, worded by whoever shows it."""

    NOT_A_CAP = "not_a_cap"  # neither or both units, not positive, fractions of a cent
    NOT_LOWER = "not_lower"  # it allows as many minutes as the offer itself
    BELOW_ONE_MINUTE = "below_one_minute"  # it would leave nothing to work with


class CapRefused(ValueError):
    """An acceptance whose cap cannot be taken; it has no effect and is logged (rule 2, INV-5)."""

    def __init__(self, problem: CapProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Caps:
    """Upper limits of one offer: minutes, net amount, or both; the tighter one binds. At least one is set (INV-2)."""

    minutes: int | None = None
    net: Decimal | None = None

    def __post_init__(self) -> None:
        if self.minutes is None and self.net is None:
            raise ValueError("an offer without a cap is no offer (INV-2)")


def round2(amount: Fraction | Decimal | int) -> Decimal:
    """Round half up to cents, exactly: 0.005 → 0.01, and a credit like the bill it takes back: -0.005 → -0.01."""
    exact = Fraction(amount)
    if exact < 0:
        return -round2(-exact)
    return Decimal(floor(exact * CENTS + Fraction(1, 2))).scaleb(-2)


def net_of(minutes: int, rate: Decimal) -> Decimal:
    """Net amount of so many minutes at an hourly rate, rounded half up to cents (rule 5)."""
    return round2(minutes * Fraction(rate) / MINUTES_PER_HOUR)


def effective_minutes(cap_minutes: int | None, cap_net: Decimal | None, rate: Decimal) -> int:
    """Whole minutes that the caps allow: min(cap_minutes, floor(cap_net × 60 / rate)), one division, last (rule 2)."""
    limits = [] if cap_minutes is None else [cap_minutes]
    if cap_net is not None:
        limits.append(floor(Fraction(cap_net) * MINUTES_PER_HOUR / Fraction(rate)))
    if not limits:
        raise ValueError("an offer without a cap is no offer (INV-2)")
    return min(limits)


def exposure(caps: Caps, rate: Decimal) -> Decimal:
    """The most the customer may be charged net: min(cap_net, round2(cap_minutes × rate / 60)) (section 6)."""
    limits = [] if caps.minutes is None else [net_of(caps.minutes, rate)]
    if caps.net is not None:
        limits.append(round2(caps.net))
    return min(limits)


def choose_cap(offered: Caps, chosen: Caps | None, rate: Decimal) -> Caps:
    """Return the caps in force after an acceptance with `chosen` (exactly one unit set; None: the offer as it stands).

    The chosen cap replaces the offered cap of its unit, the other stays. Equal to the offered one it is a full
    acceptance. Otherwise it must lower the effective minutes. Always at least 1 minute must be left.
    Raises CapRefused (rule 2). Whether the offer lists this cap at all is the action's question, not arithmetic.
    """
    if chosen is not None:
        _refuse_nonsense(chosen)
    caps = offered if chosen is None else _replaced(offered, chosen)
    offered_minutes = effective_minutes(offered.minutes, offered.net, rate)
    minutes = effective_minutes(caps.minutes, caps.net, rate)
    if caps != offered and minutes >= offered_minutes:
        raise CapRefused(CapProblem.NOT_LOWER)
    if minutes < 1:
        raise CapRefused(CapProblem.BELOW_ONE_MINUTE)
    return caps


def _replaced(offered: Caps, chosen: Caps) -> Caps:
    if chosen.minutes is not None:
        return Caps(minutes=chosen.minutes, net=offered.net)
    return Caps(minutes=offered.minutes, net=chosen.net)


def _refuse_nonsense(chosen: Caps) -> None:
    """Refuse what no form should send but somebody will: both units, zero, negative, NaN, fractions of a cent."""
    if chosen.minutes is not None and chosen.net is not None:
        raise CapRefused(CapProblem.NOT_A_CAP)
    if chosen.minutes is not None and chosen.minutes <= 0:
        raise CapRefused(CapProblem.NOT_A_CAP)
    if chosen.net is not None and not _is_positive_amount(chosen.net):
        raise CapRefused(CapProblem.NOT_A_CAP)


def _is_positive_amount(amount: Decimal) -> bool:
    if not amount.is_finite() or amount <= 0:
        return False
    return (Fraction(amount) * CENTS).denominator == 1
