"""Goodwill lowers a bill last: minutes first, then net, never below zero (domain.md, section 6, rule 6)."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from heapq import merge

from klarfall.billing.engine.accounts import Account, Part, Position, Span
from klarfall.billing.engine.caps import net_of
from klarfall.billing.engine.facts import Goodwill
from klarfall.billing.engine.lines import LineKind


def grant(accounts: Sequence[Account], grants: Sequence[Goodwill]) -> None:
    """Take the sum of all grants off the priced accounts."""
    minutes = sum(one.minutes for one in grants)
    net = sum((one.net for one in grants), Decimal("0.00"))
    if minutes:
        _take_minutes(accounts, minutes)
        for account in accounts:
            _credit_minutes(account)
    for account in sorted(accounts, key=lambda one: one.last, reverse=True):
        net -= _take(account, account.parts, net)


def _take_minutes(accounts: Sequence[Account], minutes: int) -> None:
    """The rounding minutes first, then billable minutes from the last backwards."""
    for account in accounts:
        part = account.parts[-1]
        part.goodwill_minutes = min(minutes, part.rounding)
        minutes -= part.goodwill_minutes
    for part in _from_the_last(accounts):
        if minutes == 0:
            return
        part.goodwill_minutes += 1
        minutes -= 1


def _from_the_last(accounts: Sequence[Account]) -> Iterator[Part]:
    """The part of every billable minute, in the reverse order of allotment across agents and offers."""
    spans = [_backwards(span, part) for account in accounts for part in account.parts for span in part.spans]
    yield from (part for _, part in merge(*spans, key=lambda found: found[0], reverse=True))


def _backwards(span: Span, part: Part) -> Iterator[tuple[Position, Part]]:
    for minute in range(span.end - 1, span.first - 1, -1):
        yield (minute, span.entry_start, span.entry_id), part


def _credit_minutes(account: Account) -> None:
    """The net of granted minutes at the offer's rate, cumulatively in date order like the offer itself (rule 5).

    What exceeds the net of a VAT rate (the cap had reduced it) goes to the earlier one, and only what exceeds the
    net of the offer is dropped.
    """
    minutes, so_far = 0, Decimal("0.00")
    wanted = []
    for part in account.parts:
        minutes += part.goodwill_minutes
        total = net_of(minutes, account.run.offer.rate)
        wanted.append(total - so_far)
        so_far = total
    rest = Decimal("0.00")
    for part, amount in zip(reversed(account.parts), reversed(wanted), strict=True):
        rest += amount
        rest -= _take(account, [part], rest)
    _take(account, account.parts, rest)


def _take(account: Account, parts: Sequence[Part], net: Decimal) -> Decimal:
    """Take up to `net` off these parts, the latest first, as far as their VAT rates go; returns what was taken."""
    taken = Decimal("0.00")
    for part in reversed(parts):
        amount = min(net - taken, account.net_at(part.period.key))
        if amount > 0:
            part.add(LineKind.GOODWILL, -amount)
            taken += amount
    return taken
