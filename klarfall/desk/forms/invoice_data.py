"""Forms of what invoices say: about the vendor, about a customer, and which VAT rate holds from when."""

from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from klarfall.billing.actions.set_up import BuyerData, SellerData
from klarfall.core.models import VendorProfile
from klarfall.customers.models import Customer
from klarfall.desk.forms.billing import DayField
from klarfall.desk.forms.money import AmountField


def _line(label: Any, most: int, *, needed: bool = False, **attrs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=needed, widget=forms.TextInput(attrs))


class SellerForm(forms.Form):
    """The vendor as seller; what it means to leave something empty stands in `missing_data`."""

    writes_invoices = forms.BooleanField(
        label=_("Klarfall writes invoices"),
        required=False,
        help_text=_("Otherwise your accounting writes them from the export. Switched off, nothing is written."),
    )
    legal_name = _line(_("Name of the company"), 200, autocomplete="organization")
    street = _line(_("Street and number"), 120)
    postal_code = _line(_("Postal code"), 12)
    city = _line(_("City"), 80)
    country = _line(_("Country (two letters)"), 2, needed=True)
    vat_id = _line(_("VAT id"), 20)
    tax_number = _line(_("Tax number"), 30)
    billing_contact = _line(_("Contact for invoices"), 120)
    billing_phone = _line(_("Telephone for invoices"), 40)
    billing_email = forms.EmailField(label=_("E-mail for invoices"), required=False, max_length=254)
    iban = _line(_("IBAN"), 42)
    bic = _line(_("BIC"), 14)
    invoice_prefix = _line(_("Invoice numbers begin with"), 12)
    payment_days = forms.IntegerField(label=_("Days to pay"), min_value=0, max_value=180)
    goodwill_limit = AmountField(label=_("Goodwill of specialists, at most per concern (net)"))

    @classmethod
    def of(cls, profile: VendorProfile, data: Any = None) -> "SellerForm":
        """The form as it stands, or with what was typed."""
        values = {name: getattr(profile, name) for name in cls.base_fields}
        return cls(data, initial=values | {"goodwill_limit": number_format(profile.goodwill_limit, 2)})

    @property
    def given(self) -> SellerData:
        return SellerData(**self.cleaned_data)


class BuyerForm(forms.Form):
    """A customer as buyer."""

    name = _line(_("Name of the company"), 200, needed=True)
    street = _line(_("Street and number"), 120)
    postal_code = _line(_("Postal code"), 12)
    city = _line(_("City"), 80)
    country = _line(_("Country (two letters)"), 2, needed=True)
    vat_id = _line(_("VAT id"), 20)
    billing_email = forms.EmailField(label=_("E-mail for invoices"), required=False, max_length=254)
    buyer_reference = _line(_("Buyer reference (Leitweg-ID)"), 80)

    @classmethod
    def of(cls, customer: Customer, data: Any = None) -> "BuyerForm":
        """The form as it stands, or with what was typed."""
        return cls(data, initial={name: getattr(customer, name) for name in cls.base_fields})

    @property
    def given(self) -> BuyerData:
        return BuyerData(**self.cleaned_data)


class VatRateForm(forms.Form):
    """A VAT rate and its first day of service."""

    percent = forms.DecimalField(
        label=_("VAT rate in percent"), max_digits=4, decimal_places=2, localize=True, min_value=0, max_value=99
    )
    valid_from = DayField(label=_("First day of service"))
