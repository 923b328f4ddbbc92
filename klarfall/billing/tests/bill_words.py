"""Short words for bills, so that a test reads like the bill: '1 work 67 147.40' is offer, kind, minutes and net."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from klarfall.billing.engine import ConcernFacts, Due, Frozen, Line, Locked, VatPeriod, bill, classify, due, vat_totals
from klarfall.billing.tests.histories import at
from klarfall.billing.tests.lives import frozen_lines

_numbers = count(1)


def standard(*begins: tuple[str, str]) -> tuple[VatPeriod, ...]:
    """Standard rates, each from a local midnight on."""
    return tuple(VatPeriod(at(f"{day} 00:00"), "S", Decimal(percent)) for day, percent in begins)


NINETEEN = standard(("2007-01-01", "19.00"))
#: A lower rate from July to December, as Germany had it once.
LOWERED = standard(("2007-01-01", "19.00"), ("2026-07-01", "16.00"))
FOR_A_DAY = standard(("2007-01-01", "19.00"), ("2026-07-01", "16.00"), ("2026-07-02", "19.00"))
REVERSE_CHARGE = (VatPeriod(datetime(1970, 1, 1, tzinfo=UTC), "AE", Decimal("0.00")),)


def lines_of(facts: ConcernFacts, vat: Sequence[VatPeriod] = NINETEEN, until: str | None = None) -> list[str]:
    """The complete bill; where more than one VAT rate holds, it stands behind the offer: '1@19 work 67 147.40'."""
    return [_told(one, one.kind, len(vat) > 1) for one in bill(facts, vat, at(until) if until else None)]


def total(facts: ConcernFacts, vat: Sequence[VatPeriod] = NINETEEN) -> str:
    """'net / VAT / gross' of a document with this concern alone."""
    return document(bill(facts, vat))


def document(*bills: Iterable[Line]) -> str:
    """'net / VAT / gross' of a document with these bills."""
    found = vat_totals((line.category, line.percent, line.net) for lines in bills for line in lines)
    zero = Decimal("0.00")
    sums = [sum((getattr(one, name) for one in found), zero) for name in ("net", "vat", "gross")]
    return " / ".join(str(amount) for amount in sums)


class Batches:
    """Freezes a concern again and again, and tells what each batch adds."""

    def __init__(self, vat: Sequence[VatPeriod] = NINETEEN) -> None:
        self.vat = vat
        self.frozen: list[Frozen] = []

    def add(self, facts: ConcernFacts, until: str | None = None) -> list[str]:
        """Freeze what is due; a correction is told as '1 correction of work -5 -11.00'."""
        found = due(bill(facts, self.vat, at(until) if until else None), self.frozen)
        self.frozen += frozen_lines(found, _numbers)
        return [self._told(one) for one in found]

    def _told(self, one: Due) -> str:
        kind = f"{one.line.kind} of {one.counts_for}" if one.corrects else str(one.line.kind)
        return _told(one.line, kind, len(self.vat) > 1)

    @property
    def net(self) -> Decimal:
        return sum((one.net for one in self.frozen), Decimal("0.00"))


def _told(line: Line, kind: str, with_rate: bool) -> str:
    rate = f"@{line.percent.normalize():f}" if with_rate else ""
    return f"{line.offer_id}{rate} {kind} {line.minutes} {line.net}"


def locks_of(facts: ConcernFacts, until: str | None = None) -> tuple[Locked, ...]:
    """Every minute as it stands now, frozen or shown in an issued record."""
    found = classify(facts, at(until) if until else None)
    return tuple(Locked(one.entry_id, one.start, one.end, one.offer_id) for one in found)
