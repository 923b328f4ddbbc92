"""Write the invoices of a frozen run, make their files, send them: only where the vendor writes invoices itself."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from klarfall.accounts import permissions
from klarfall.billing.invoicing import numbers, papers
from klarfall.billing.invoicing.content import Content, content_of
from klarfall.billing.invoicing.missing import Missing, missing_data
from klarfall.billing.invoicing.parties import buyer_of, profile_now, seller_of
from klarfall.billing.invoicing.recipients import billing_viewers, content_hash, without_invoice
from klarfall.billing.invoicing.sources import billed_lines
from klarfall.billing.models import BillingBatch, Invoice
from klarfall.billing.models.invoice import InvoiceType
from klarfall.billing.status import BatchStatus
from klarfall.contracts.queries import local_day
from klarfall.core import audit
from klarfall.core.action import Refused, action, each_by_itself
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.jobs import enqueue
from klarfall.customers.models import Customer

#: Jobs: all invoices of a run, the files of one, the mails with one.
WRITE, RENDER, SEND = "billing.write_invoices", "billing.render_invoice", "channels.send_invoice"
_NAMED = 5


class NoInvoices(Refused):
    """The vendor's accounting writes the invoices, or the run is not frozen yet."""

    code = "no_invoices"


class DataMissing(Refused):
    """Seller or buyer lack something that an invoice must say; `missing` has all of it."""

    code = "data_missing"

    def __init__(self, missing: Sequence[Missing]) -> None:
        named = "; ".join(str(one) for one in missing[:_NAMED])
        more = _(" and %(count)s more") % {"count": len(missing) - _NAMED} if len(missing) > _NAMED else ""
        super().__init__(_("Invoices cannot be written yet. Missing: %(what)s.") % {"what": f"{named}{more}"})
        self.missing = list(missing)


class NotSendable(Refused):
    """The files are not made yet, break a rule, or nobody is there to get them."""

    code = "not_sendable"


def write_invoices(batch: BillingBatch, *, actor: Any, now: datetime) -> list[Invoice]:
    """Write an invoice or credit note for every customer of a frozen run who has none yet; returns the new ones.

    Not an action itself: each invoice is written by itself, so that their numbers stand still for a moment only, and
    one that cannot be written stops no other (it is logged). Raises NoInvoices or DataMissing before the first one.
    """
    with viewing_as(SYSTEM):
        _check(batch, actor)
        waiting = list(without_invoice(batch))
    written: list[Invoice] = []

    def write(customer: Customer) -> None:
        written.append(write_invoice(batch, customer=customer, actor=actor, now=now))

    each_by_itself(waiting, write)
    return written


@action
def request_invoices(batch: BillingBatch, *, actor: Any, now: datetime) -> None:
    """Have the invoices of a frozen run written now, e.g. after missing data were entered. Raises as writing them."""
    _check(batch, actor)
    audit.record("invoices.requested", batch, actor=actor, now=now, data={"number": batch.number})
    enqueue(WRITE, key=f"{WRITE}:{batch.pk}", batch_id=batch.pk)


@action
def write_invoice(batch: BillingBatch, *, customer: Customer, actor: Any, now: datetime) -> Invoice:
    """Write the bill of one customer with the next number; the one that is there already stays as it is.

    Number and invoice come in one transaction: rolled back, the next one takes the number.
    """
    _check(batch, actor, customer)
    numbers.hold()
    existing = Invoice.objects.filter(batch=batch, customer=customer).first()
    if existing is not None:
        return existing
    invoice = _drafted(batch, customer, now)
    invoice.created_by, invoice.created_at = actor, now
    invoice.serial = numbers.next_serial()
    invoice.number = numbers.number_of(invoice.serial, invoice.issued_on)
    invoice.content_hash = content_hash(invoice)
    invoice.save(force_insert=True)
    data = {"number": invoice.number, "gross": str(invoice.gross), "content_hash": invoice.content_hash}
    audit.record("invoice.written", invoice, actor=actor, now=now, data=data)
    enqueue(RENDER, invoice_id=invoice.pk)
    return invoice


@action
def render_invoice(invoice: Invoice, *, actor: Any, now: datetime) -> Invoice:
    """Make, check and store PDF and XRechnung; files that are there stay. Broken rules stand in `problems`."""
    permissions.require("invoice.write", actor)
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if invoice.pdf_key:
        return invoice
    made = papers.make(invoice)
    invoice.pdf_key, invoice.pdf_sha256 = papers.store(invoice, made.pdf, "pdf")
    if made.xml is not None:
        invoice.xml_key, invoice.xml_sha256 = papers.store(invoice, made.xml, "xml")
    invoice.problems = made.problems
    invoice.save(update_fields=["pdf_key", "pdf_sha256", "xml_key", "xml_sha256", "problems"])
    return invoice


@action
def send_invoice(invoice: Invoice, *, actor: Any, now: datetime) -> Invoice:
    """Mail an invoice to the billing address of the customer and to those who view its bills; by hand only.

    Sending again mails it again. Raises NotSendable.
    """
    permissions.require("invoice.write", actor)
    invoice = Invoice.objects.select_for_update(of=("self",)).select_related("customer").get(pk=invoice.pk)
    if not invoice.pdf_key:
        raise NotSendable(_("The documents are still being made. Please try again in a moment."))
    if invoice.problems:
        raise NotSendable(_("This document is not valid as an electronic invoice, so it is not sent."))
    if not (invoice.customer.billing_email or billing_viewers(invoice.customer).exists()):
        raise NotSendable(_("The customer has neither a billing address for mail nor a billing viewer."))
    invoice.sent_at = now
    invoice.save(update_fields=["sent_at"])
    entry = audit.record("invoice.sent", invoice, actor=actor, now=now, data={"number": invoice.number})
    enqueue(SEND, invoice_id=invoice.pk, entry_id=entry.pk)
    return invoice


def _check(batch: BillingBatch, actor: Any, customer: Customer | None = None) -> None:
    """Refuse without permission, when off, before freezing, or with missing data (of one customer, if given)."""
    permissions.require("invoice.write", actor)
    if not profile_now().writes_invoices:
        raise NoInvoices(_("Your accounting writes the invoices: writing them here is switched off."))
    batch = BillingBatch.objects.get(pk=batch.pk)
    if batch.status == BatchStatus.OPEN:
        raise NoInvoices(_("Invoices are written from frozen billing runs only."))
    missing = [one for one in missing_data(batch, customer=customer) if one.blocking]
    if missing:
        raise DataMissing(missing)


def _drafted(batch: BillingBatch, customer: Customer, now: datetime) -> Invoice:
    """The invoice without number, worded in the vendor's language."""
    profile, issued_on = profile_now(), local_day(now)
    with override(settings.LANGUAGE_CODE):
        content = content_of(billed_lines(batch, customer))
    return Invoice(
        batch=batch,
        customer=customer,
        type=content.type,
        issued_on=issued_on,
        due_on=_due(content, issued_on, profile.payment_days),
        service_from=content.service_from,
        service_to=content.service_to,
        currency=content.currency,
        net=content.net,
        vat=content.vat,
        gross=content.gross,
        seller=seller_of(profile),
        buyer=buyer_of(customer),
        content=content.as_json(),
    )


def _due(content: Content, issued_on: date, days: int) -> date | None:
    """Until when it is paid; None where nothing is."""
    payable = content.type == InvoiceType.INVOICE and content.gross > Decimal(0)
    return issued_on + timedelta(days=days) if payable else None
