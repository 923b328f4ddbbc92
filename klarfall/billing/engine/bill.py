"""Classed minutes become lines: rounding, net, cap reduction, goodwill (domain.md, section 6, rules 4, 5, 6, 8).

`bill` is always the complete recomputation of one concern; what is left to bill is `due` (`dues.py`, rule 7).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from klarfall.billing.engine.accounts import Account, Part, accounts_of
from klarfall.billing.engine.caps import net_of, round2
from klarfall.billing.engine.facts import ConcernFacts, FactKind, FactRef
from klarfall.billing.engine.goodwill import grant
from klarfall.billing.engine.lines import Line, LineKind, LineReason, VatPeriod
from klarfall.billing.engine.minutes import start_of


def bill(facts: ConcernFacts, vat: Sequence[VatPeriod], until: datetime | None = None) -> tuple[Line, ...]:
    """Return every line of a concern as if nothing had been billed before, by offer, date, VAT rate and kind.

    `vat` are the rates by service date in order; the first also holds before it begins. With `until` only minutes
    over by then count, running timers up to it included; leave those out with `finished(facts)`.
    The sum of an offer never exceeds its net cap, its minutes never its cap in minutes (INV-4).
    """
    accounts = accounts_of(facts, vat, until)
    _round(accounts)
    for account in accounts:
        _price(account)
    grant(accounts, facts.goodwill)
    grants = tuple(FactRef(FactKind.GOODWILL, one.id) for one in facts.goodwill)
    return tuple(line for account in accounts for line in _lines(account, grants))


def _round(accounts: Sequence[Account]) -> None:
    """Rule 4: round the concern up once; the added minutes belong to the offer with the last billable minute."""
    rounded = [account for account in accounts if not account.is_exact]
    if not rounded:
        return
    exact = sum(account.minutes for account in rounded)
    target = max(rounded, key=lambda account: account.last)
    offer = target.run.offer
    total = -(-max(exact, offer.minimum) // offer.increment) * offer.increment
    added = total - exact
    if target.run.caps.minutes is not None:
        added = min(added, target.run.caps.minutes - target.minutes)
    target.parts[-1].rounding = added
    figures = {"exact": exact, "minimum": offer.minimum, "increment": offer.increment, "rounded": total}
    target.rounding = LineReason(LineKind.ROUNDING, {**figures, "dropped": total - exact - added})


def _price(account: Account) -> None:
    """Rule 5: net of an offer, cumulatively in date order, so that its VAT rates sum to the offer's net."""
    rate, minutes, so_far = account.run.offer.rate, 0, Decimal("0.00")
    for part in account.parts:
        minutes += part.work
        total = net_of(minutes, rate)
        part.add(LineKind.WORK, total - so_far)
        so_far = total
    last = account.parts[-1]
    if last.rounding:
        total = net_of(minutes + last.rounding, rate)
        last.add(LineKind.ROUNDING, total - so_far)
        so_far = total
    cap = account.run.caps.net
    if cap is not None and so_far > cap:
        last.add(LineKind.CAP_REDUCTION, round2(cap) - so_far)


def _lines(account: Account, grants: tuple[FactRef, ...]) -> Iterator[Line]:
    """Parts of one rate are one line per kind, also when another rate lay between them (rule 7's key)."""
    by_rate: dict[tuple[str, Decimal], list[Part]] = {}
    for part in account.parts:
        by_rate.setdefault(part.period.key, []).append(part)
    for key, parts in by_rate.items():
        for kind in (LineKind.WORK, LineKind.ROUNDING, LineKind.CAP_REDUCTION, LineKind.GOODWILL):
            minutes = sum(_minutes(part, kind) for part in parts)
            net = sum((part.amounts.get(kind, Decimal("0.00")) for part in parts), Decimal("0.00"))
            if minutes or net:
                yield _line(account, key, kind, minutes, net, parts, grants)


def _minutes(part: Part, kind: LineKind) -> int:
    of = {LineKind.WORK: part.work, LineKind.ROUNDING: part.rounding, LineKind.GOODWILL: -part.goodwill_minutes}
    return of.get(kind, 0)


def _line(
    account: Account,
    key: tuple[str, Decimal],
    kind: LineKind,
    minutes: int,
    net: Decimal,
    parts: Sequence[Part],
    grants: tuple[FactRef, ...],
) -> Line:
    spans = [span for part in parts for span in part.spans]
    fresh = [span for span in spans if not span.billed] or spans
    return Line(
        offer_id=account.run.offer.id,
        category=key[0],
        percent=key[1],
        kind=kind,
        minutes=minutes,
        net=net,
        rate=account.run.offer.rate,
        begins=start_of(min(span.first for span in fresh)),
        ends=start_of(max(span.end for span in fresh)),
        reason=_reason(account, kind, minutes, grants),
    )


def _reason(account: Account, kind: LineKind, minutes: int, grants: tuple[FactRef, ...]) -> LineReason:
    """Why the line is there, with the figures it was made of and the facts behind it."""
    if kind is LineKind.ROUNDING and account.rounding is not None:
        return account.rounding
    if kind is LineKind.CAP_REDUCTION:
        total = net_of(account.minutes + account.parts[-1].rounding, account.run.offer.rate)
        return LineReason(kind, {"sum": total, "cap": account.run.caps.net or total}, account.run.reason.because)
    if kind is LineKind.GOODWILL:
        return LineReason(kind, {"minutes": -minutes}, grants)
    exact: dict[str, int | Decimal] = {
        "minutes": minutes,
        "rate": account.run.offer.rate,
        "exact": int(account.is_exact),
    }
    return LineReason(kind, exact, account.run.reason.because)
