"""Set up billing: what invoices say about the vendor and its customers, and the VAT rates."""

import re
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.billing.invoicing.iban import is_bic, is_iban
from klarfall.billing.models import BillingLine, VatRate
from klarfall.billing.vat import STANDARD
from klarfall.core import audit, vendor
from klarfall.core.action import Refused, action
from klarfall.core.models import VendorProfile
from klarfall.core.vat_ids import EUROPEAN_UNION, compact, is_country, is_vat_id
from klarfall.customers.models import Customer

_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,11}|")
_TAX_NUMBER = re.compile(r"[0-9][0-9 /-]{4,28}|")
_MOST_DAYS = 180
_MOST_GOODWILL = 100_000
_SINCE_EVER = date(1970, 1, 1)


class SetUpRefused(Refused):
    """Something that cannot be right on an invoice; `field` names it."""

    code = "set_up_refused"


@dataclass(frozen=True, kw_only=True)
class SellerData:
    """What the vendor says about itself on invoices, how they are numbered and paid, and the limit of goodwill.

    Texts may be empty.
    """

    writes_invoices: bool
    legal_name: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_id: str
    tax_number: str
    billing_contact: str
    billing_phone: str
    billing_email: str
    iban: str
    bic: str
    invoice_prefix: str
    payment_days: int
    #: Net, per concern: up to here specialists grant goodwill by themselves (section 7).
    goodwill_limit: Decimal


@dataclass(frozen=True, kw_only=True)
class BuyerData:
    """What invoices say about a customer; texts may be empty."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_id: str
    billing_email: str
    buyer_reference: str


@action
def change_seller(data: SellerData, *, actor: Any, now: datetime) -> VendorProfile:
    """Change the vendor's invoice data; documents that are written keep theirs. Raises SetUpRefused (with `field`)."""
    permissions.require("billing.set_up", actor)
    VendorProfile.objects.get_or_create(pk=1, defaults={"name": vendor.current().name})
    profile = VendorProfile.objects.select_for_update().get(pk=1)
    values = _compacted(asdict(data), "vat_id", "iban", "bic", "country")
    _check_country(values["country"], values["vat_id"])
    for name, right, message in (
        ("iban", is_iban, _("This is no IBAN: please check it sign by sign.")),
        ("bic", is_bic, _("This is no BIC: it has 8 or 11 signs.")),
        ("invoice_prefix", _PREFIX.fullmatch, _("Letters, digits and - / . _ are possible, at most 12 of them.")),
        ("tax_number", _TAX_NUMBER.fullmatch, _("This is no tax number: it has digits, spaces and slashes only.")),
    ):
        if values[name] and not right(values[name]):
            raise SetUpRefused(message, field=name)
    if not 0 <= data.payment_days <= _MOST_DAYS:
        raise SetUpRefused(_("Between 0 and %(most)s days.") % {"most": _MOST_DAYS}, field="payment_days")
    if not 0 <= data.goodwill_limit <= _MOST_GOODWILL:
        raise SetUpRefused(_("Between 0 and %(most)s euros.") % {"most": _MOST_GOODWILL}, field="goodwill_limit")
    _change(profile, values, actor, now)
    vendor.forget()
    return profile


@action
def change_buyer(customer: Customer, *, data: BuyerData, actor: Any, now: datetime) -> Customer:
    """Change what invoices say about a customer; documents that are written keep theirs. Raises SetUpRefused."""
    permissions.require("billing.set_up", actor)
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    values = _compacted(asdict(data), "vat_id", "country")
    if not values["name"].strip():
        raise SetUpRefused(_("A customer has a name."), field="name")
    _check_country(values["country"], values["vat_id"])
    _change(customer, values, actor, now)
    return customer


@action
def add_vat_rate(*, percent: Decimal, valid_from: date, actor: Any, now: datetime) -> VatRate:
    """Add the domestic VAT rate from a day of service on. Raises SetUpRefused (with `field`).

    It cannot begin before a day that is billed: frozen lines keep their rate (INV-20). The first rate that is added
    leaves what held until then as a rate of its own.
    """
    permissions.require("billing.set_up", actor)
    if not 0 < percent < 100:  # noqa: PLR2004 - a share
        raise SetUpRefused(_("A rate lies between 0 and 100 percent."), field="percent")
    billed = BillingLine.objects.filter(category=STANDARD).aggregate(last=Max("service_to"))["last"]
    if billed is not None and valid_from <= billed:
        values = {"day": date_format(billed)}
        raise SetUpRefused(
            _("Services up to %(day)s are billed: please choose a later day.") % values, field="valid_from"
        )
    if VatRate.objects.filter(valid_from=valid_from).exists():
        raise SetUpRefused(_("A rate begins on that day already."), field="valid_from")
    if valid_from > _SINCE_EVER and not VatRate.objects.exists():
        VatRate.objects.create(percent=vendor.current().vat_percent, valid_from=_SINCE_EVER)
    rate = VatRate.objects.create(percent=percent, valid_from=valid_from)
    data = {"percent": str(rate.percent), "valid_from": valid_from.isoformat()}
    audit.record("vat_rate.added", rate, actor=actor, now=now, data=data)
    return rate


def _compacted(values: dict[str, Any], *codes: str) -> dict[str, Any]:
    """Texts without space around them; codes without any space, in capital letters."""
    stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    return stripped | {name: compact(stripped[name]) for name in codes}


def _check_country(country: str, vat_id: str) -> None:
    if not is_country(country):
        raise SetUpRefused(_("Please choose a country by its two letters, for example DE."), field="country")
    if vat_id and country in EUROPEAN_UNION and not is_vat_id(vat_id, country):
        raise SetUpRefused(_("This is no VAT id of that country."), field="vat_id")


def _change(row: VendorProfile | Customer, values: dict[str, Any], actor: Any, now: datetime) -> None:
    """Save what differs; the trail names the fields, never their words."""
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(row, name, values[name])
    row.save(update_fields=changed)
    data: dict[str, Any] = {"fields": changed}
    if "writes_invoices" in changed:
        data["writes_invoices"] = values["writes_invoices"]
    if "goodwill_limit" in changed:
        data["goodwill_limit"] = str(values["goodwill_limit"])
    audit.record("invoice_data.changed", row, actor=actor, now=now, data=data)
