"""Net per offer as it would be billed now (section 6, rules 4 to 6). Pure.

VAT and what is already frozen do not matter here: it answers how much an acceptance has cost so far.
"""

from datetime import UTC, datetime
from decimal import Decimal

from klarfall.billing.engine import ConcernFacts, VatPeriod, balances, bill

_ANY_RATE = (VatPeriod(datetime(2000, 1, 1, tzinfo=UTC), "S", Decimal(0)),)


def net_so_far(facts: ConcernFacts, now: datetime) -> dict[int, Decimal]:
    """Net by offer id of every accepted offer, recomputed at `now`; never above its net cap (INV-4)."""
    net = {balance.offer_id: Decimal("0.00") for balance in balances(facts, now)}
    for line in bill(facts, _ANY_RATE, until=now):
        net[line.offer_id] += line.net
    return net
