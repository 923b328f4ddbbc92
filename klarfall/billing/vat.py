"""VAT periods for a customer: domestic rates by service date, or reverse charge (section 6, rule 8)."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from klarfall.billing.engine import VatPeriod
from klarfall.billing.models import VatRate
from klarfall.core import vendor
from klarfall.core.vat_ids import EUROPEAN_UNION
from klarfall.customers.models import Customer

#: Codes of UNCL5305.
STANDARD, REVERSE_CHARGE, OUTSIDE_SCOPE = "S", "AE", "O"
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def category_of(customer: Customer) -> str:
    """The VAT category of services to a customer: S at home and for unregistered ones, AE in the EU, O elsewhere."""
    home = vendor.current().country
    if customer.country == home:
        return STANDARD
    if customer.country in EUROPEAN_UNION:
        return REVERSE_CHARGE if customer.vat_id else STANDARD
    return OUTSIDE_SCOPE


def periods(customer: Customer, *, category: str = "") -> tuple[VatPeriod, ...]:
    """The VAT periods of a customer in order, for `engine.bill`; `category` keeps that of earlier lines.

    Until rates are maintained the vendor's one percentage holds always.
    """
    category = category or category_of(customer)
    if category != STANDARD:
        return (VatPeriod(_EARLIEST, category, Decimal("0.00")),)
    zone = vendor.zone()
    rates = [VatPeriod(midnight(rate.valid_from, zone), STANDARD, rate.percent) for rate in VatRate.objects.all()]
    return tuple(rates) or (VatPeriod(_EARLIEST, STANDARD, vendor.current().vat_percent),)


def standard_percent(day: date) -> Decimal:
    """The domestic rate of services on a day, e.g. for what an offer says about its gross amount (informative)."""
    rate = VatRate.objects.filter(valid_from__lte=day).order_by("-valid_from").first()
    return rate.percent if rate else vendor.current().vat_percent


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which a local day begins."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)
