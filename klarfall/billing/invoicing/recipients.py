"""Who gets an invoice of a run, who reads it, and what seals it."""

from typing import Any

from klarfall.accounts.permissions import ContactRole
from klarfall.billing.models import BillingBatch, BillingLine, Invoice
from klarfall.core.seals import digest
from klarfall.customers.models import Contact, Customer


def billing_viewers(customer: Customer) -> Any:
    """The active contacts of a customer who view its bills."""
    active = Contact.objects.filter(customer=customer, is_active=True, user__is_active=True)
    return active.filter(roles__contains=[ContactRole.BILLING_VIEWER])


def without_invoice(batch: BillingBatch) -> Any:
    """The customers of a frozen run with something to bill or to give back, and no invoice yet; by number."""
    billed = BillingLine.objects.filter(batch=batch).exclude(net=0).values("customer_id")
    done = Invoice.objects.filter(batch=batch).values("customer_id")
    return Customer.objects.filter(pk__in=billed).exclude(pk__in=done).order_by("number")


def content_hash(invoice: Invoice) -> str:
    """The seal of everything an invoice says; in the audit trail, too."""
    days = [invoice.issued_on, invoice.due_on, invoice.service_from, invoice.service_to]
    amounts = [str(invoice.net), str(invoice.vat), str(invoice.gross), invoice.currency]
    return digest([invoice.number, invoice.type, days, amounts, invoice.seller, invoice.buyer, invoice.content])
