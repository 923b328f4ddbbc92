"""Seller and buyer of an invoice, as they are at that time."""

from typing import Any

from klarfall.core import vendor
from klarfall.core.models import VendorProfile
from klarfall.customers.models import Customer


def profile_now() -> VendorProfile:
    """The vendor as it is in the database: what was entered a moment ago counts."""
    return VendorProfile.objects.filter(pk=1).first() or vendor.current()


def seller_of(profile: VendorProfile) -> dict[str, Any]:
    """The vendor as seller (EN 16931: BG-4 to BG-6) with its account (BG-17)."""
    fields = ("street", "postal_code", "city", "country", "vat_id", "tax_number", "iban", "bic")
    return {name: getattr(profile, name) for name in fields} | {
        "name": profile.legal_name or profile.name,
        "contact": profile.billing_contact,
        "phone": profile.billing_phone,
        "email": profile.billing_email,
    }


def buyer_of(customer: Customer) -> dict[str, Any]:
    """The customer as buyer (BG-7, BG-8); `reference` is the buyer reference (BT-10, for authorities a Leitweg-ID)."""
    fields = ("number", "name", "street", "postal_code", "city", "country", "vat_id")
    return {name: getattr(customer, name) for name in fields} | {
        "email": customer.billing_email,
        "reference": customer.buyer_reference,
    }
