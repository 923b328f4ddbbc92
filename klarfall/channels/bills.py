"""Mails with an invoice: to those who view the bills of a company, and to its address for invoices."""

from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from klarfall.billing.invoicing import files
from klarfall.billing.invoicing.wording import due_text, title_of
from klarfall.billing.models import Invoice
from klarfall.channels import addresses
from klarfall.channels.models import Notice
from klarfall.core import mail, vendor
from klarfall.ui.formats import money

KIND = "invoice"
_TEMPLATE = f"channels/notices/{KIND}.txt"


def mail_invoice(invoice: Invoice, sending: int) -> None:
    """Mail an invoice to the address for invoices of its customer, which belongs to no user."""
    with translation.override(settings.LANGUAGE_CODE), timezone.override(vendor.current().time_zone):
        written = mail.compose(
            _TEMPLATE, greeting=_("Good day,"), now=timezone.now(), addresses=addresses, **_words(invoice)
        )
    domain = mail.sender().rpartition("@")[2] or "localhost"
    # The same for every attempt at this sending: mail programs show a second copy as one.
    message_id = f"<invoice.{invoice.pk}.{sending}@{domain}>"
    envelope = mail.Envelope(invoice.customer.billing_email, invoice.customer.name, message_id)
    mail.send(written, envelope, attached(invoice))


def about_invoice(notice: Notice) -> dict[str, Any]:
    """What the mail of a notice says, read with the recipient's eyes; empty where they do not see the invoice."""
    invoice = Invoice.objects.select_related("customer").filter(pk=notice.data["invoice"]).first()
    return {} if invoice is None else _words(invoice)


def _words(invoice: Invoice) -> dict[str, Any]:
    return {
        "invoice": invoice,
        "title_words": title_of(invoice),
        "gross": money(invoice.gross, invoice.currency),
        "due": due_text(invoice),
        "customer": invoice.customer.name,
    }


def attached(invoice: Invoice) -> tuple[mail.Attachment, ...]:
    """The PDF, and the XRechnung where there is one."""
    found = []
    for kind, content_type in files.TYPES.items():
        content = files.opened(invoice, kind)
        if content is not None:
            with content:
                found.append(mail.Attachment(files.name_of(invoice, kind), content.read(), content_type))
    return tuple(found)
