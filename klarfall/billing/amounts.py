"""The amounts of an offer in words: cap, estimate, rate; one wording for card, page, list and mail. Pure."""

from decimal import Decimal

from django.utils.translation import gettext as _

from klarfall.billing.engine import Caps, exposure, net_of, round2
from klarfall.billing.models import CostOffer
from klarfall.ui.formats import day, duration, money, quantity

_HOUR = 60
_QUARTER = 15


def offered_caps(offer: CostOffer) -> Caps:
    """The caps as offered; at least one of minutes and net is set (INV-2)."""
    return Caps(minutes=offer.cap_minutes, net=offer.cap_net)


def caps_in_force(offer: CostOffer, chosen: Caps | None) -> Caps:
    """The caps after an acceptance: the chosen one replaces the offered cap of its unit."""
    if chosen is None:
        return offered_caps(offer)
    if chosen.minutes is not None:
        return Caps(minutes=chosen.minutes, net=offer.cap_net)
    return Caps(minutes=offer.cap_minutes, net=chosen.net)


def cap_amount(offer: CostOffer, caps: Caps | None = None) -> Decimal:
    """The most the customer may be charged, net."""
    return exposure(caps or offered_caps(offer), offer.rate)


def cap_text(offer: CostOffer, caps: Caps | None = None) -> str:
    """`296,00 €`: the amount that is never exceeded, net."""
    return money(cap_amount(offer, caps), offer.currency)


def at_most(offer: CostOffer) -> str:
    """`höchstens 296,00 €`."""
    return money_at_most(cap_amount(offer), offer.currency)


def money_at_most(amount: Decimal, currency: str) -> str:
    """The same for any amount."""
    return _("at most %(amount)s") % {"amount": money(amount, currency)}


def gross(offer: CostOffer, net: Decimal) -> Decimal:
    """The amount with VAT; informative, the bill computes its own (section 6, rule 8)."""
    return round2(net * (100 + offer.vat_percent) / 100)


def estimate(offer: CostOffer) -> str:
    """The estimate as people say it: `1 bis 1,5 Std.`, `45 Min.`, `45 Min. bis 2 Std.`."""
    low, high = offer.estimate_min, offer.estimate_max
    if low == high:
        return duration(high)
    if high < _HOUR:
        first = quantity(low)
    elif low >= _HOUR and low % _QUARTER == 0 and high % _QUARTER == 0:
        first = quantity(Decimal(low) / _HOUR)
    else:
        first = duration(low)
    return _("%(low)s to %(high)s") % {"low": first, "high": duration(high)}


def estimate_and_rate(offer: CostOffer) -> str:
    """`1 bis 1,5 Std. geschätzt, 148,00 € je Stunde, netto`."""
    values = {"estimate": estimate(offer), "rate": money(offer.rate, offer.currency)}
    return _("%(estimate)s estimated, %(rate)s an hour, net") % values


def estimated_amounts(offer: CostOffer) -> tuple[Decimal, Decimal]:
    """Net amounts of the estimate, never above the cap."""
    limit = cap_amount(offer)
    low, high = (net_of(minutes, offer.rate) for minutes in (offer.estimate_min, offer.estimate_max))
    return min(low, limit), min(high, limit)


def rounding(offer: CostOffer) -> str:
    """The rule of the increment in one sentence; never "per started quarter of an hour" (section 9)."""
    if offer.increment == 1:
        return _("Times are added up and billed to the minute, never above the cap.")
    return _("Times are added up and rounded up once to %(minutes)s minutes, never above the cap.") % {
        "minutes": offer.increment
    }


def last_day(offer: CostOffer) -> str:
    """The last day on which the offer can be accepted."""
    return day(offer.valid_until)
