"""An invoice as PDF: a page for people (PDF/A-3b) that carries the same figures as data (ZUGFeRD, EN 16931)."""

from datetime import UTC
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from klarfall.billing.invoicing.cii import Guideline, write_xml
from klarfall.billing.invoicing.content import Content, InvoiceLine
from klarfall.billing.invoicing.wording import due_text, notes_of, title_of
from klarfall.billing.models import Invoice
from klarfall.billing.models.invoice import InvoiceType
from klarfall.billing.typesetting import typeset
from klarfall.ui.formats import money, quantity

LEVEL = "en16931"


def write_pdf(invoice: Invoice, xml: bytes | None = None) -> bytes:
    """The PDF with its XML embedded, in the vendor's language. Raises NotTypeset."""
    from facturx import generate_from_binary  # 74 MB that only workers need

    with override(settings.LANGUAGE_CODE):
        xml = xml or write_xml(invoice, Guideline.EN16931)
        pdf = typeset("invoice", page_data(invoice), standard="a-3b")
        combined: bytes = generate_from_binary(
            pdf,
            xml,
            flavor="factur-x",
            level=LEVEL,
            check_xsd=False,  # done by `validation`, with every message
            check_schematron=False,  # it would send the invoice to a remote server
            lang=settings.LANGUAGE_CODE,
            pdf_metadata=_metadata(invoice),
        )
    return combined


def _metadata(invoice: Invoice) -> dict[str, str]:
    return {
        "author": invoice.seller["name"],
        "keywords": "ZUGFeRD, EN 16931",
        "title": title_of(invoice),
        "subject": title_of(invoice),
    }


def page_data(invoice: Invoice) -> dict[str, Any]:
    """Every word and figure of the page, for `documents/invoice.typ`."""
    content = Content.from_json(invoice.content)
    return {
        "document": _document(invoice),
        "title": title_of(invoice),
        "sender": _one_line(invoice.seller),
        "recipient": _lines(invoice.buyer),
        "facts": _facts(invoice, content),
        "columns": [
            _("Item"), _("Service"), _("Period"), _("Minutes"), _("Rate an hour"), _("VAT rate"), _("Net"),
        ],
        "lines": [_row(line, content.currency) for line in content.lines],
        "sums": _sums(content),
        "notes": [due_text(invoice), *notes_of(invoice, content)],
        "payment": _payment(invoice),
        "seller": _seller(invoice.seller),
    }  # fmt: skip


def _document(invoice: Invoice) -> dict[str, Any]:
    at = invoice.created_at.astimezone(UTC)
    return {
        "title": title_of(invoice),
        "author": invoice.seller["name"],
        "language": settings.LANGUAGE_CODE.split("-")[0],
        "at": [at.year, at.month, at.day, at.hour, at.minute, at.second],
        "vendor": invoice.seller["name"],
        "running": title_of(invoice),
        "page_of": _("Page {page} of {pages}"),
        "note": _("Invoice as data according to EN 16931 is enclosed in this file (ZUGFeRD)."),
    }


def _lines(party: dict[str, Any]) -> list[str]:
    place = f"{party['postal_code']} {party['city']}"
    return [party["name"], party["street"], place, "" if party["country"] == "DE" else party["country"]]


def _one_line(party: dict[str, Any]) -> str:
    return " · ".join(filter(None, _lines(party)))


def _facts(invoice: Invoice, content: Content) -> list[list[str]]:
    period = _period(invoice.service_from, invoice.service_to)
    rows = [
        (_("Invoice number"), invoice.number),
        (_("Date of issue"), date_format(invoice.issued_on)),
        (_("Period of service"), period),
        (_("Customer number"), invoice.buyer["number"]),
        (_("Your VAT id"), invoice.buyer["vat_id"]),
        (_("Your reference"), invoice.buyer["reference"]),
        (_("Your order number"), content.order_number),
    ]
    return [[label, value] for label, value in rows if value]


def _period(first: Any, last: Any) -> str:
    if first == last:
        return date_format(first, "SHORT_DATE_FORMAT")
    return f"{date_format(first, 'SHORT_DATE_FORMAT')} – {date_format(last, 'SHORT_DATE_FORMAT')}"


def _row(line: InvoiceLine, currency: str) -> dict[str, str]:
    return {
        "position": str(line.position),
        "name": line.name,
        "note": line.note,
        "period": _period(line.service_from, line.service_to),
        "minutes": quantity(line.minutes) if line.minutes else "",
        "rate": money(line.rate, currency) if line.minutes else "",
        "vat": _percent(line.percent) if not _is_free(line.category) else "–",
        "net": money(line.net, currency),
    }


def _is_free(category: str) -> bool:
    return category != "S"


def _percent(percent: Decimal) -> str:
    return f"{quantity(percent.normalize())}\u00a0%"


def _sums(content: Content) -> list[list[str]]:
    amount = content.currency
    rows = [[_("Net"), money(content.net, amount)]]
    for row in content.vat_rows:
        if _is_free(row.category):
            rows.append([_("No VAT on %(net)s") % {"net": money(row.net, amount)}, money(row.vat, amount)])
        else:
            values = {"percent": _percent(row.percent), "net": money(row.net, amount)}
            rows.append([_("%(percent)s VAT on %(net)s") % values, money(row.vat, amount)])
    last = _("Amount credited") if content.type == InvoiceType.CREDIT_NOTE else _("Amount payable")
    return [*rows, [last, money(content.gross, amount)]]


def _payment(invoice: Invoice) -> list[list[str]]:
    if invoice.type == InvoiceType.CREDIT_NOTE or not invoice.gross:
        return []
    seller = invoice.seller
    rows = [
        (_("Account holder"), seller["name"]),
        (_("IBAN"), _in_fours(seller["iban"])),
        (_("BIC"), seller["bic"]),
        (_("Payment reference"), invoice.number),
    ]
    return [[label, value] for label, value in rows if value]


def _in_fours(iban: str) -> str:
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _seller(seller: dict[str, Any]) -> list[list[str]]:
    rows = [
        (_("VAT id"), seller["vat_id"]),
        (_("Tax number"), seller["tax_number"]),
        (_("Contact"), " · ".join(filter(None, (seller["contact"], seller["phone"], seller["email"])))),
    ]
    return [[label, value] for label, value in rows if value]
