"""A second, slow and obvious way from facts to a bill: single minutes, each with its own cents; only tests use it.

Written from domain.md, section 6, rules 4 to 8, before the real one was read. It shares with the real engine the
facts, the kinds of lines and the choice of a cap, and no other line.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import cache

from klarfall.billing.engine import ConcernFacts, LineKind, Offer, VatPeriod
from klarfall.billing.tests.reference import SlowEngine

NOTHING = Decimal("0.00")
Vat = tuple[str, Decimal]
Key = tuple[int, str, Decimal, LineKind]
Amount = tuple[int, Decimal]


@dataclass(frozen=True)
class Billed:
    """One single minute somebody pays for; a rounding minute stands where the last billable minute stood."""

    offer: int
    vat: Vat
    minute: datetime
    rounding: bool = False


@dataclass(frozen=True)
class Row:
    """A frozen line as far as rule 7 looks at it; `key` names the kind it counts for, also where it is a correction."""

    key: Key
    minutes: int
    net: Decimal
    correction: bool = False


def cents(amount: Fraction) -> Decimal:
    """Half a cent goes away from zero."""
    with localcontext() as context:
        context.prec = 80
        quotient = Decimal(amount.numerator) / Decimal(amount.denominator)
        return quotient.quantize(Decimal("0.01"), ROUND_HALF_UP)


@cache
def price(minutes: int, rate: Decimal) -> Decimal:
    return cents(Fraction(rate) * minutes / 60)


def slow_bill(facts: ConcernFacts, vat: Sequence[VatPeriod], until: datetime | None = None) -> dict[Key, Amount]:
    """Minutes and net per offer, VAT rate and kind, without rows of nothing."""
    return SlowBill(facts, vat, until).rows()


class SlowBill:
    """The bill of a concern, told minute by minute."""

    def __init__(self, facts: ConcernFacts, vat: Sequence[VatPeriod], until: datetime | None) -> None:
        self.facts = facts
        self.offers = {offer.id: offer for offer in facts.offers}
        engine = SlowEngine(facts)
        self.classed = engine.classify(until)
        self.caps, self.stop_ended = engine.replay.caps, engine.replay.stop_ended
        self.work = [
            Billed(offer, vat_at(vat, minute), minute)
            for (_, minute), (_, offer) in self.classed.items()
            if offer is not None
        ]
        self.rounding = self.rounding_minutes()
        self.minutes: Counter[Key] = Counter()
        self.net: dict[Key, Decimal] = {}

    def rounding_minutes(self) -> list[Billed]:
        """Rule 4: once for all offers that no stop ended, on top of the last of their minutes."""
        rounded = [one for one in self.work if one.offer not in self.stop_ended]
        if not rounded:
            return []
        increment, minimum = self.terms()
        target = 0
        while target < max(len(rounded), minimum):
            target += increment
        last = rounded[-1]
        found = [Billed(last.offer, last.vat, last.minute, True) for _ in range(target - len(rounded))]
        cap = self.caps[last.offer].minutes
        if cap is None:
            return found
        return found[: max(0, cap - len([one for one in self.work if one.offer == last.offer]))]

    def terms(self) -> tuple[int, int]:
        """Rule 3: of the first accepted offer."""
        accepted = [self.offers[number] for number in self.caps]
        first = min(accepted, key=lambda offer: (offer.accepted.at, offer.accepted.seq))
        return first.increment, first.minimum

    def rows(self) -> dict[Key, Amount]:
        for offer in self.used_offers():
            self.charge(offer)
            self.reduce(offer)
        self.grant_minutes(sum(grant.minutes for grant in self.facts.goodwill))
        self.grant_net(sum((grant.net for grant in self.facts.goodwill), NOTHING))
        keys = {*self.minutes, *self.net}
        found = {key: (self.minutes[key], self.net.get(key, NOTHING)) for key in keys}
        return {key: amount for key, amount in found.items() if amount != (0, NOTHING)}

    def used_offers(self) -> list[Offer]:
        """Offers with billable minutes, in the order of their last one."""
        last = {one.offer: number for number, one in enumerate(self.work)}
        return [self.offers[number] for number in sorted(last, key=last.__getitem__)]

    def of(self, offer: Offer) -> list[Billed]:
        return [one for one in [*self.work, *self.rounding] if one.offer == offer.id]

    def rates_backwards(self, offer: Offer) -> list[Vat]:
        """VAT rates of an offer, that of its last minute first."""
        return list(dict.fromkeys(one.vat for one in reversed(self.of(offer))))

    def add(self, offer: Offer, vat: Vat, kind: LineKind, minutes: int, net: Decimal) -> None:
        key = (offer.id, *vat, kind)
        self.minutes[key] += minutes
        self.net[key] = self.net.get(key, NOTHING) + net

    def left(self, offer: Offer, vat: Vat) -> Decimal:
        """What one VAT rate of an offer still comes to."""
        return sum((self.net.get((offer.id, *vat, kind), NOTHING) for kind in LineKind), NOTHING)

    def charge(self, offer: Offer) -> None:
        """Rule 5: each minute costs what it adds to the offer's net, in date order; so they sum to the offer's net."""
        for number, one in enumerate(self.of(offer), start=1):
            net = price(number, offer.rate) - price(number - 1, offer.rate)
            self.add(offer, one.vat, LineKind.ROUNDING if one.rounding else LineKind.WORK, 1, net)

    def reduce(self, offer: Offer) -> None:
        """Rule 5: down to the net cap, on the latest rate."""
        cap = self.caps[offer.id].net
        total = price(len(self.of(offer)), offer.rate)
        if cap is not None and total > cap:
            self.add(offer, self.rates_backwards(offer)[0], LineKind.CAP_REDUCTION, 0, cap - total)

    def grant_minutes(self, granted: int) -> None:
        """Rule 6: the rounding minutes, then the billable ones from the last backwards."""
        taken = [*self.work, *self.rounding][::-1][:granted][::-1]
        for offer in self.used_offers():
            rest = NOTHING
            own = [one for one in taken if one.offer == offer.id]
            for number, one in reversed(list(enumerate(own, start=1))):
                wanted = price(number, offer.rate) - price(number - 1, offer.rate) + rest
                net = min(wanted, self.left(offer, one.vat))
                rest = wanted - net
                self.add(offer, one.vat, LineKind.GOODWILL, -1, -net)
            self.grant_to(offer, rest)

    def grant_to(self, offer: Offer, rest: Decimal) -> Decimal:
        """Takes from the offer's latest rate, then from its earlier ones; returns what nothing was left for."""
        for vat in self.rates_backwards(offer):
            net = min(rest, self.left(offer, vat))
            rest -= net
            self.add(offer, vat, LineKind.GOODWILL, 0, -net)
        return rest

    def grant_net(self, granted: Decimal) -> None:
        for offer in reversed(self.used_offers()):
            granted = self.grant_to(offer, granted)


def vat_at(periods: Sequence[VatPeriod], minute: datetime) -> Vat:
    """Category and percent of the last period that has begun when the minute begins (rule 8), else of the first."""
    begun = [period for period in periods if period.begins <= minute] or periods[:1]
    last = max(begun, key=lambda period: period.begins)
    return last.category, last.percent


def slow_due(target: dict[Key, Amount], frozen: Sequence[Row]) -> list[Row]:
    """Rule 7: what must be frozen on top of what is, so that both together are the target."""
    found = []
    for key in {*target, *(row.key for row in frozen)}:
        rows = [row for row in frozen if row.key == key]
        minutes, net = target.get(key, (0, NOTHING))
        minutes -= sum(row.minutes for row in rows)
        net -= sum((row.net for row in rows), NOTHING)
        if minutes or net:
            original = next((row for row in rows if not row.correction), None)
            opposite = original is not None and sign(minutes, net) == -sign(original.minutes, original.net)
            found.append(Row(key, minutes, net, opposite))
    return found


def sign(minutes: int, net: Decimal) -> int:
    """That of the net; of the minutes where there is no net."""
    return (net > 0) - (net < 0) or (minutes > 0) - (minutes < 0)


def slow_vat(rows: Iterable[tuple[str, Decimal, Decimal]]) -> dict[Vat, tuple[Decimal, Decimal]]:
    """Net and VAT per category and rate of one document (rule 8)."""
    sums: dict[Vat, Decimal] = {}
    for category, percent, net in rows:
        sums[category, percent] = sums.get((category, percent), NOTHING) + net
    return {vat: (net, cents(Fraction(net) * Fraction(vat[1]) / 100)) for vat, net in sums.items()}
