"""Billable minutes gathered by offer and VAT period, in date order: what lines are made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import chain, pairwise

from klarfall.billing.engine.classes import classify
from klarfall.billing.engine.facts import ConcernFacts, MinuteClass, Segment, Why
from klarfall.billing.engine.lines import LineKind, LineReason, VatPeriod
from klarfall.billing.engine.minutes import FAR_AWAY, minute_of, snapped_minutes
from klarfall.billing.engine.offer_runs import OfferRun, offer_runs

#: The order of allotment: clock minute, then start and id of the entry (rule 2).
Position = tuple[int, int, int]


@dataclass(slots=True)
class Part:
    """Billable minutes of one offer under one VAT period; `amounts` are its net by kind of line."""

    period: VatPeriod
    work: int = 0
    spans: list["Span"] = field(default_factory=list)
    rounding: int = 0
    amounts: dict[LineKind, Decimal] = field(default_factory=dict)
    goodwill_minutes: int = 0

    def add(self, kind: LineKind, amount: Decimal) -> None:
        self.amounts[kind] = self.amounts.get(kind, Decimal("0.00")) + amount


@dataclass(frozen=True, slots=True)
class Span:
    """Whole minutes [first, end) of one entry; `billed` if a run holds them."""

    first: int
    end: int
    entry_start: int
    entry_id: int
    billed: bool

    @property
    def last(self) -> Position:
        return self.end - 1, self.entry_start, self.entry_id


@dataclass(slots=True)
class Account:
    """What one accepted offer costs; `parts` in date order."""

    run: OfferRun
    parts: list[Part]
    rounding: LineReason | None = None

    @property
    def minutes(self) -> int:
        return sum(part.work for part in self.parts)

    def net_at(self, rate: tuple[str, Decimal]) -> Decimal:
        """What is left under one VAT rate after rounding, cap and goodwill, another one in between or not (rule 6)."""
        amounts = (part.amounts.values() for part in self.parts if part.period.key == rate)
        return sum(chain.from_iterable(amounts), Decimal("0.00"))

    @property
    def last(self) -> Position:
        return max(span.last for part in self.parts for span in part.spans)

    @property
    def is_exact(self) -> bool:
        """A stop ended it: billed to the minute, without rounding or minimum (rule 4)."""
        return self.run.end_reason.code is Why.STOPPED


def accounts_of(facts: ConcernFacts, vat: Sequence[VatPeriod], until: datetime | None) -> list[Account]:
    """Billable minutes by offer in the order of acceptance, cut where the VAT rate changes or billed ones end."""
    starts = {one.id: snapped_minutes(one.started_at, one.started_at)[0] for one in facts.entries}
    locks = _billed(facts)
    by_offer: dict[int, dict[int, Part]] = {}
    for segment in classify(facts, until):
        if segment.minute_class is not MinuteClass.BILLABLE or segment.offer_id is None:
            continue
        parts = by_offer.setdefault(segment.offer_id, {})
        for index, period, first, end in _by_period(segment, vat):
            part = parts.setdefault(index, Part(period))
            part.work += end - first
            part.spans += _spans(first, end, starts[segment.entry_id], segment.entry_id, locks)
    runs = {run.offer.id: run for run in offer_runs(facts)}
    ordered = sorted(by_offer, key=lambda offer: runs[offer].order)
    return [Account(runs[pk], [by_offer[pk][index] for index in sorted(by_offer[pk])]) for pk in ordered]


def _by_period(segment: Segment, vat: Sequence[VatPeriod]) -> Iterator[tuple[int, VatPeriod, int, int]]:
    """Cut a segment at the local midnights at which a VAT rate begins."""
    start, end = minute_of(segment.start), minute_of(segment.end)
    for index, period in enumerate(vat):
        begins = start if index == 0 else minute_of(period.begins)
        over = minute_of(vat[index + 1].begins) if index + 1 < len(vat) else FAR_AWAY
        first, last = max(start, begins), min(end, over)
        if first < last:
            yield index, period, first, last


def _billed(facts: ConcernFacts) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for lock in (one for one in facts.locked if one.billed):
        found.setdefault(lock.entry_id, []).append((minute_of(lock.start), minute_of(lock.end)))
    return found


def _spans(first: int, end: int, start: int, entry: int, locks: dict[int, list[tuple[int, int]]]) -> Iterator[Span]:
    """Cut minutes of an entry where billed ones begin and end."""
    edges = {first, end}
    of_entry = locks.get(entry, ())
    for lock in of_entry:
        edges.update(edge for edge in lock if first < edge < end)
    cuts = sorted(edges)
    for begin, over in pairwise(cuts):
        yield Span(begin, over, start, entry, any(a <= begin < b for a, b in of_entry))
