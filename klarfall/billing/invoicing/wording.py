"""Sentences that stand on an invoice besides its lines, in the active language."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from klarfall.billing.invoicing.content import Content
from klarfall.billing.models import Invoice
from klarfall.billing.models.invoice import InvoiceType


def title_of(invoice: Invoice) -> str:
    """`Rechnung RE-2026-00012`. In German never "Gutschrift": on an invoice that word means self-billing."""
    if invoice.type == InvoiceType.CREDIT_NOTE:
        return _("Credit note %(number)s") % {"number": invoice.number}
    return _("Invoice %(number)s") % {"number": invoice.number}


def due_text(invoice: Invoice) -> str:
    """How it is paid (BT-20)."""
    if invoice.type == InvoiceType.CREDIT_NOTE:
        return _("The amount is set off against open items or paid out.")
    if not invoice.gross:
        return _("Nothing is to be paid.")
    if invoice.due_on is None:
        return _("Payable at once, without deduction.")
    return _("Payable by %(day)s, without deduction.") % {"day": date_format(invoice.due_on)}


def notes_of(invoice: Invoice, content: Content) -> list[str]:
    """Notes on the document (BT-22): what it corrects, and why no VAT is charged."""
    found = []
    if content.references:
        numbers = ", ".join(f"{one.number} ({date_format(one.issued_on)})" for one in content.references)
        found.append(_("It corrects: %(numbers)s.") % {"numbers": numbers})
    return found + [row.reason for row in content.vat_rows if row.reason]
