"""What must hold of a life after every step: both engines agree, and the invariants of domain.md, section 8."""

from collections import Counter
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest

from klarfall.billing.engine import (
    Due,
    Line,
    LineKind,
    MinuteClass,
    Outcome,
    Purpose,
    bill,
    classify,
    due,
    effective_minutes,
    finished,
    vat_totals,
)
from klarfall.billing.tests.lives import MINUTE, Life
from klarfall.billing.tests.reference import Classed, Stretch, slow_classify
from klarfall.billing.tests.reference_bill import NOTHING, Key, Row, SlowBill, slow_due, slow_vat


class Witness:
    """Looks at a life after every step and remembers what may never change."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.frozen: list = []
        self.freed_before: datetime | None = None
        self.classed: Classed = {}

    def look(self) -> None:
        facts = self.life.facts()
        counted = finished(facts)
        slow = SlowBill(counted, self.life.vat, None)
        lines = bill(counted, self.life.vat)
        open_lines = due(lines, self.life.frozen)
        self.agree(slow, lines, open_lines)
        self.classed = slow.classed
        if len(counted.entries) < len(facts.entries):
            self.classed = slow_classify(facts, self.life.now)
        assert by_minute(classify(facts, self.life.now)) == self.classed
        self.settled(lines, open_lines)
        self.free()
        self.bounded(lines)
        self.unchanged()

    def agree(self, slow: SlowBill, lines: tuple[Line, ...], open_lines: tuple[Due, ...]) -> None:
        """Rules 4 to 8: both engines say the same, and the bill of a document has the same VAT."""
        target = slow.rows()
        assert {line.key: (line.minutes, line.net) for line in lines} == target
        rows = [Row(one.key, one.minutes, one.net, one.corrects is not None) for one in self.life.frozen]
        assert as_rows(open_lines) == Counter(slow_due(target, rows))
        amounts = [(line.category, line.percent, line.net) for line in lines]
        assert {(one.category, one.percent): (one.net, one.vat) for one in vat_totals(amounts)} == slow_vat(amounts)

    def settled(self, lines: tuple[Line, ...], open_lines: tuple[Due, ...]) -> None:
        """INV-19, INV-21: what is frozen and what is due are the bill, per offer, rate and kind, to the cent."""
        billed = sums([(line.key, line.minutes, line.net) for line in lines])
        there = [(one.key, one.minutes, one.net) for one in self.life.frozen]
        for one in open_lines:
            line = one.line
            there.append(
                ((line.offer_id, line.category, line.percent, one.counts_for), line.minutes, line.net),
            )
            self.points_to_its_line(one)
        assert sums(there) == billed
        if self.life.outcome is not Outcome.CHARGEABLE:  # INV-8, INV-13
            assert not billed

    def points_to_its_line(self, one: Due) -> None:
        """INV-20: a correction points to an original line of the same kind, a new line to none."""
        assert (one.corrects is not None) == (one.line.kind is LineKind.CORRECTION)
        if one.corrects is not None:
            (original,) = [line for line in self.life.frozen if line.id == one.corrects]
            assert original.corrects is None
            assert (original.offer_id, original.percent, original.kind) == (
                one.line.offer_id, one.line.percent, one.counts_for,
            )  # fmt: skip

    def free(self) -> None:
        """INV-1, 9, 13, 14, 16: no minute is billable that must not be."""
        life = self.life
        held = [Stretch(one.opened_at, one.reviewed_at) for one in life.objections]
        held += [Stretch(one.at, again.at if again else None) for one, again in zip_longest(life.done, life.reopened)]
        triage = {one.id for one in life.entries.values() if one.purpose is Purpose.TRIAGE}
        stops = [one.at for one in life.stops]
        for (entry, minute), (minute_class, number) in self.classed.items():
            assert (minute_class is MinuteClass.BILLABLE) == (number is not None)
            if number is None:
                continue
            accepted = life.offers[number].accepted
            assert accepted is not None
            assert accepted.at <= minute
            assert not any(accepted.at <= stop < minute + MINUTE for stop in stops)
            assert not any(one.touches(minute) for one in held)
            assert entry not in triage
            assert self.freed_before is None or minute >= self.freed_before
        if life.outcome in (Outcome.COVERED, Outcome.NOT_OFFERED):
            self.freed_before = life.now
            assert all(number is None for _, number in self.classed.values())

    def bounded(self, lines: tuple[Line, ...]) -> None:
        """INV-4, 12, 18: caps hold, the rate is that of the card, rounding comes once, nothing is below zero."""
        assert {line.rate for line in lines} <= {self.life.card.rate}
        assert len({line.offer_id for line in lines if line.kind is LineKind.ROUNDING}) <= 1
        for offer in {line.offer_id for line in lines}:
            caps = self.caps(offer)
            own = [line for line in lines if line.offer_id == offer]
            of = {kind: [line for line in own if line.kind is kind] for kind in LineKind}
            work = sum(line.minutes for line in of[LineKind.WORK])
            rounding = sum(line.minutes for line in of[LineKind.ROUNDING])
            assert work <= effective_minutes(caps.minutes, caps.net, self.life.card.rate)
            assert caps.minutes is None or work + rounding <= caps.minutes
            assert 0 <= rounding < self.life.card.increment + self.life.card.minimum
            assert caps.net is None or sum(line.net for line in own) <= caps.net
            for percent in {line.percent for line in own}:
                assert sum(line.net for line in own if line.percent == percent) >= 0

    def caps(self, number: int):
        offer = self.life.offers[number]
        chosen = offer.accepted.chosen
        if chosen is None:
            return offer.caps
        return type(chosen)(
            offer.caps.minutes if chosen.minutes is None else chosen.minutes,
            offer.caps.net if chosen.net is None else chosen.net,
        )

    def unchanged(self) -> None:
        """INV-3, 20: frozen lines stay what they were; locked minutes keep their offer or cost nothing (any more)."""
        assert self.life.frozen[: len(self.frozen)] == self.frozen
        self.frozen = list(self.life.frozen)
        for lock in self.life.locked:
            minute = lock.start
            while minute < lock.end:
                minute_class, offer = self.classed[lock.entry_id, minute]
                assert offer in (None, lock.offer_id)
                assert offer == lock.offer_id or self.is_freed(minute, minute_class)
                minute += MINUTE

    def is_freed(self, minute: datetime, minute_class: MinuteClass) -> bool:
        """A lock holds against entries, not against the customer (INV-13)."""
        return minute_class in (MinuteClass.COVERED, MinuteClass.NOT_OFFERED)

    def recompute(self) -> None:
        """INV-30: any service record again from its stored inputs, handed over in another order."""
        for record in self.life.records:
            facts = record.facts
            turned = type(facts)(*(getattr(facts, name)[::-1] for name in facts.__dataclass_fields__))
            assert sums(amounts(bill(turned, self.life.vat, record.until))) == sums(amounts(record.lines))


def amounts(lines: tuple[Line, ...]) -> list[tuple[Key, int, Decimal]]:
    return [(line.key, line.minutes, line.net) for line in lines]


def sums(amounts: list[tuple[Key, int, Decimal]]) -> dict[Key, tuple[int, Decimal]]:
    """Minutes and net per key, without those that come to nothing."""
    found: dict[Key, tuple[int, Decimal]] = {}
    for key, minutes, net in amounts:
        before = found.get(key, (0, NOTHING))
        found[key] = before[0] + minutes, before[1] + net
    return {key: amount for key, amount in found.items() if amount != (0, NOTHING)}


def as_rows(lines: tuple[Due, ...]) -> Counter:
    """Due lines as the reference writes them."""
    return Counter(
        Row(
            (one.line.offer_id, one.line.category, one.line.percent, one.counts_for),
            one.line.minutes,
            one.line.net,
            one.corrects is not None,
        )
        for one in lines
    )


def by_minute(segments) -> Classed:
    """Segments as the slow engine answers: one row per entry and minute."""
    found: Classed = {}
    for segment in segments:
        for number in range(segment.minutes):
            found[segment.entry_id, segment.start + number * MINUTE] = (segment.minute_class, segment.offer_id)
    return found
