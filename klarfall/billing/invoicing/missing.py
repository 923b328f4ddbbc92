"""What is missing for invoices, named before a run is frozen: of the vendor, and of each customer to be billed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from klarfall.billing.invoicing.parties import buyer_of, profile_now, seller_of
from klarfall.billing.models import BatchConcern, BillingBatch, BillingLine, Invoice
from klarfall.billing.status import BatchStatus
from klarfall.billing.vat import OUTSIDE_SCOPE, REVERSE_CHARGE, category_of
from klarfall.customers.models import Customer

_ADDRESS = ("name", "street", "postal_code", "city", "country")
_FOR_XRECHNUNG = {"seller": ("contact", "phone", "email"), "buyer": ("reference", "email")}


@dataclass(frozen=True, slots=True)
class Missing:
    """A field that is empty. `customer` is None where it is the vendor's; each is entered on a page of its own.

    Without a `blocking` one no invoice can be written; the others keep only the XRechnung from being made.
    """

    field: str
    label: str
    blocking: bool
    customer: Customer | None = None

    @property
    def where(self) -> str:
        """Where it is entered, in words."""
        if self.customer is None:
            return _("Billing, settings")
        values = {"name": self.customer.name, "number": self.customer.number}
        return _("Customer %(name)s (%(number)s), invoice data") % values

    def __str__(self) -> str:
        return f"{self.where}: {self.label}"


def missing_data(batch: BillingBatch | None, *, customer: Customer | None = None) -> list[Missing]:
    """What is missing for the invoices of a batch, open or frozen; for None what the vendor lacks in any case.

    With a customer only what concerns theirs. Empty where the vendor writes no invoices. Three queries, whatever the
    number of customers.
    """
    if not profile_now().writes_invoices:
        return []
    billed = dict(_customers(batch, customer)) if batch else {}
    categories = {category for found in billed.values() for category in found}
    of_customers = [one for customer, found in billed.items() for one in missing_of_buyer(customer, found)]
    return missing_of_seller(categories) + of_customers


def missing_of_seller(categories: Iterable[str] = ()) -> list[Missing]:
    """What the vendor lacks as seller: a VAT id where the recipient owes the tax (BR-AE-2), else any tax number."""
    seller = seller_of(profile_now())
    fields = [name for name in (*_ADDRESS, "iban") if not seller[name]]
    if REVERSE_CHARGE in categories and not seller["vat_id"]:
        fields.append("vat_id")
    elif not (seller["vat_id"] or seller["tax_number"]):
        fields.append("vat_id_or_tax_number")
    found = [Missing(name, label(name), blocking=True) for name in fields]
    return found + [Missing(one, label(one), blocking=False) for one in lacking_for_xrechnung(seller, "seller")]


def missing_of_buyer(customer: Customer, categories: Iterable[str]) -> list[Missing]:
    """What a customer lacks as buyer; services outside the scope of VAT cannot stand beside others (BR-O-11)."""
    buyer, categories = buyer_of(customer), set(categories)
    fields = [name for name in _ADDRESS if not buyer[name]]
    if REVERSE_CHARGE in categories and not buyer["vat_id"]:
        fields.append("vat_id")
    if OUTSIDE_SCOPE in categories and len(categories) > 1:
        fields.append("one_country")
    found = [Missing(name, label(name), blocking=True, customer=customer) for name in fields]
    lacking = lacking_for_xrechnung(buyer, "buyer")
    return found + [Missing(one, label(one), blocking=False, customer=customer) for one in lacking]


def lacking_for_xrechnung(party: Mapping[str, Any], role: str) -> list[str]:
    """The empty fields that only an XRechnung needs (BR-DE-5 to 7, BR-DE-15, electronic addresses)."""
    return [name for name in _FOR_XRECHNUNG[role] if not party[name]]


def label(field: str) -> str:
    """The name of a field in the active language."""
    return {
        "name": _("Name"),
        "street": _("Street and number"),
        "postal_code": _("Postal code"),
        "city": _("City"),
        "country": _("Country"),
        "iban": _("IBAN"),
        "vat_id": _("VAT id"),
        "vat_id_or_tax_number": _("VAT id or tax number"),
        "contact": _("Contact for invoices"),
        "phone": _("Telephone for invoices"),
        "email": _("E-mail for invoices"),
        "reference": _("Buyer reference (Leitweg-ID)"),
        "one_country": _("Services inside and outside the scope of VAT in one run: bill them in two runs"),
    }[field]


def _customers(batch: BillingBatch, only: Customer | None) -> Iterable[tuple[Customer, set[str]]]:
    """The customers who still get an invoice from a batch, with the VAT categories of their lines."""
    wanted = {} if only is None else {"customer": only}
    if batch.status == BatchStatus.OPEN:
        ids = BatchConcern.objects.filter(batch=batch, **wanted).exclude(lines=[]).values("customer_id")
        rows = Customer.objects.filter(pk__in=ids).order_by("number")
        return [(one, {category_of(one)}) for one in rows]
    found: dict[int, set[str]] = {}
    invoiced = Invoice.objects.filter(batch=batch).values("customer_id")
    lines = BillingLine.objects.filter(batch=batch, **wanted).exclude(net=0).exclude(customer_id__in=invoiced)
    for customer_id, category in lines.order_by().values_list("customer_id", "category").distinct():
        found.setdefault(customer_id, set()).add(category)
    rows = Customer.objects.filter(pk__in=found).order_by("number")
    return [(one, found[one.pk]) for one in rows]
