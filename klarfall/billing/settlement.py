"""Net per offer as it would be billed now, with the one rounding of a concern (section 6, rules 4 and 5). Pure.

VAT, goodwill and what is already frozen come with the bill; here it answers how much an acceptance has cost so far.
"""

from datetime import datetime
from decimal import Decimal

from klarfall.billing.engine import Balance, ConcernFacts, Ending, balances, classify, net_of


def net_so_far(facts: ConcernFacts, now: datetime) -> dict[int, Decimal]:
    """Net by offer id of every accepted offer, recomputed at `now`; never above its net cap (INV-4)."""
    found = {balance.offer_id: balance for balance in balances(facts, now)}
    rounding = _rounding(facts, found, now)
    rates = {offer.id: offer.rate for offer in facts.offers}
    return {
        pk: _capped(net_of(balance.used_minutes + rounding.get(pk, 0), rates[pk]), balance)
        for pk, balance in found.items()
    }


def _capped(net: Decimal, balance: Balance) -> Decimal:
    return net if balance.caps.net is None else min(net, balance.caps.net)


def _rounding(facts: ConcernFacts, found: dict[int, Balance], now: datetime) -> dict[int, int]:
    """Rounding minutes by offer: once, on the offer with the last billable minute, within its cap in minutes.

    Offers that a stop ended are billed exactly and stay out.
    """
    stopped = _stopped(facts)
    worked = [one for one in classify(facts, until=now) if one.offer_id in found and one.offer_id not in stopped]
    if not worked:
        return {}
    last = max(worked, key=lambda one: (one.end, one.start, one.entry_id)).offer_id
    offer = next(one for one in facts.offers if one.id == last)
    billable = sum(one.minutes for one in worked)
    missing = -(-max(billable, offer.minimum) // offer.increment) * offer.increment - billable
    balance = found[offer.id]
    if balance.caps.minutes is not None:
        missing = min(missing, balance.caps.minutes - balance.used_minutes)
    return {offer.id: missing}


def _stopped(facts: ConcernFacts) -> set[int]:
    return {offer.id for offer in facts.offers if offer.ended is not None and offer.ended.kind is Ending.STOPPED}
