"""What a bill consists of: lines, their kinds and reasons, VAT periods and totals (domain.md, section 6, rules 4-8)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from klarfall.billing.engine.caps import round2
from klarfall.billing.engine.facts import FactRef


class LineKind(StrEnum):
    """Kinds of billing lines in the order in which they are applied."""

    WORK = "work"
    ROUNDING = "rounding"
    CAP_REDUCTION = "cap_reduction"
    GOODWILL = "goodwill"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class VatPeriod:
    """The VAT rate of minutes from `begins` (midnight of the vendor's zone) until the next period (rule 8).

    `category` is the code of UNCL5305: S standard rate, AE reverse charge, O outside the scope; percent e.g. 19.
    """

    begins: datetime
    category: str
    percent: Decimal

    @property
    def key(self) -> tuple[str, Decimal]:
        return self.category, self.percent


@dataclass(frozen=True, slots=True)
class LineReason:
    """Why a line is there: a code, the figures it was made of, and the facts that caused it."""

    code: LineKind
    figures: Mapping[str, int | Decimal] = field(default_factory=dict)
    because: tuple[FactRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """Minutes and net of one offer under one VAT rate. Reductions and goodwill are negative.

    [begins, ends) is the service period in UTC: that of minutes not billed yet, of all where none is new.
    """

    offer_id: int
    category: str
    percent: Decimal
    kind: LineKind
    minutes: int
    net: Decimal
    rate: Decimal
    begins: datetime
    ends: datetime
    reason: LineReason

    @property
    def key(self) -> tuple[int, str, Decimal, LineKind]:
        """What a bill is compared by (rule 7)."""
        return self.offer_id, self.category, self.percent, self.kind


@dataclass(frozen=True, slots=True)
class VatTotal:
    """Net, VAT and gross of one rate."""

    category: str
    percent: Decimal
    net: Decimal
    vat: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


def vat_totals(amounts: Iterable[tuple[str, Decimal, Decimal]]) -> tuple[VatTotal, ...]:
    """VAT once per category and rate, on the sum of rounded lines (rule 8); takes (category, percent, net)."""
    sums: dict[tuple[str, Decimal], Decimal] = {}
    for category, percent, net in amounts:
        sums[category, percent] = sums.get((category, percent), Decimal("0.00")) + net
    return tuple(
        VatTotal(category, percent, net, round2(Fraction(net) * Fraction(percent) / 100))
        for (category, percent), net in sorted(sums.items(), key=lambda one: (-one[0][1], one[0][0]))
    )
