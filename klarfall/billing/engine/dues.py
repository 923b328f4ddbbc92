"""What is left to bill: the complete recomputation minus everything frozen (domain.md, section 6, rule 7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from klarfall.billing.engine.facts import FactKind, FactRef
from klarfall.billing.engine.lines import Line, LineKind, LineReason

_Key = tuple[int, str, Decimal, LineKind]


@dataclass(frozen=True, slots=True)
class Frozen:
    """A line of a frozen batch. `kind` is never CORRECTION: a correction counts for the kind of the line it corrects.

    `corrects` is the id of that line, None where this is no correction.
    """

    id: int
    offer_id: int
    category: str
    percent: Decimal
    kind: LineKind
    minutes: int
    net: Decimal
    rate: Decimal
    begins: datetime
    ends: datetime
    corrects: int | None = None

    @property
    def key(self) -> _Key:
        return self.offer_id, self.category, self.percent, self.kind


@dataclass(frozen=True, slots=True)
class Due:
    """A line to be frozen. A CORRECTION points to the frozen line it takes back, and counts for `counts_for`."""

    line: Line
    counts_for: LineKind
    corrects: int | None = None


def due(lines: Iterable[Line], frozen: Iterable[Frozen]) -> tuple[Due, ...]:
    """Return the differences per (offer, VAT rate, kind), minutes and net apart; nothing where nothing changed."""
    now = {line.key: line for line in lines}
    before: dict[_Key, list[Frozen]] = {}
    for one in frozen:
        before.setdefault(one.key, []).append(one)
    keys = [*now, *(key for key in before if key not in now)]
    found = (_difference(now.get(key), before.get(key, [])) for key in keys)
    return tuple(one for one in found if one is not None)


def _difference(line: Line | None, before: list[Frozen]) -> Due | None:
    frozen_minutes = sum(one.minutes for one in before)
    frozen_net = sum((one.net for one in before), Decimal("0.00"))
    minutes = (line.minutes if line else 0) - frozen_minutes
    net = (line.net if line else Decimal("0.00")) - frozen_net
    if not minutes and not net:
        return None
    originals = [one for one in before if one.corrects is None]
    # With an unchanged net the minutes decide which way the difference goes.
    opposite = net * frozen_net < 0 if net else minutes * frozen_minutes < 0
    if opposite and originals:
        return _correction(originals[-1], minutes, net, frozen_minutes, frozen_net)
    if line is None:
        return _without_line(before[-1], minutes, net)
    return Due(_with(line, minutes, net), line.kind)


def _correction(original: Frozen, minutes: int, net: Decimal, frozen_minutes: int, frozen_net: Decimal) -> Due:
    figures: dict[str, int | Decimal] = {"billed_minutes": frozen_minutes, "billed_net": frozen_net}
    figures |= {"right_minutes": frozen_minutes + minutes, "right_net": frozen_net + net}
    reason = LineReason(LineKind.CORRECTION, figures, (FactRef(FactKind.LINE, original.id),))
    return Due(_from(original, LineKind.CORRECTION, minutes, net, reason), original.kind, original.id)


def _without_line(frozen: Frozen, minutes: int, net: Decimal) -> Due:
    """A difference of the same sign on a key that has no line any more: only possible after earlier corrections."""
    return Due(_from(frozen, frozen.kind, minutes, net, LineReason(frozen.kind)), frozen.kind)


def _with(line: Line, minutes: int, net: Decimal) -> Line:
    return Line(
        line.offer_id, line.category, line.percent, line.kind, minutes, net, line.rate, line.begins, line.ends,
        line.reason,
    )  # fmt: skip


def _from(frozen: Frozen, kind: LineKind, minutes: int, net: Decimal, reason: LineReason) -> Line:
    return Line(
        frozen.offer_id, frozen.category, frozen.percent, kind, minutes, net, frozen.rate, frozen.begins, frozen.ends,
        reason,
    )  # fmt: skip
