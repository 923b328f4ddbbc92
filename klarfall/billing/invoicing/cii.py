"""An invoice as Cross Industry Invoice: EN 16931 (embedded in the PDF as ZUGFeRD) and XRechnung."""

import re
from decimal import Decimal
from enum import StrEnum
from typing import Any

from drafthorse.models.accounting import ApplicableTradeTax
from drafthorse.models.document import Document
from drafthorse.models.note import IncludedNote
from drafthorse.models.party import TaxRegistration
from drafthorse.models.payment import PaymentMeans, PaymentTerms
from drafthorse.models.tradelines import LineItem
from drafthorse.utils import validate_xml

from klarfall.billing.invoicing.content import Content, InvoiceLine, VatRow
from klarfall.billing.invoicing.wording import due_text, notes_of
from klarfall.billing.models import Invoice
from klarfall.billing.models.invoice import InvoiceType
from klarfall.billing.vat import OUTSIDE_SCOPE, REVERSE_CHARGE


class Guideline(StrEnum):
    """The specification that a document follows (BT-24)."""

    EN16931 = "urn:cen.eu:en16931:2017"
    XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"


_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"  # BT-23
_TYPES = {InvoiceType.INVOICE: "380", InvoiceType.CREDIT_NOTE: "381"}  # UNTDID 1001
_TRANSFER, _CLEARING = "58", "97"  # UNTDID 4461; what we owe is set off, no account of the buyer is known
_EXEMPTIONS = {REVERSE_CHARGE: "VATEX-EU-AE", OUTSIDE_SCOPE: "VATEX-EU-O"}
_EMAIL = "EM"  # electronic address scheme
#: What XML 1.0 cannot hold; titles come from outside.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xml(invoice: Invoice, guideline: Guideline) -> bytes:
    """The document as UTF-8; the same bytes for the same invoice. Validation is `validation.problems`."""
    content = Content.from_json(invoice.content)
    document = Document()
    document.context.business_parameter.id = _PROCESS
    document.context.guideline_parameter.id = guideline
    _header(document, invoice, content)
    _parties(document, invoice, content)
    for line in content.lines:
        document.trade.items.add(_item(line))
    document.trade.delivery.event.occurrence = content.service_to  # the last day of service (BT-72)
    _settlement(document, invoice, content)
    xml: bytes = validate_xml(document.serialize(schema=None), None)
    return xml


def _header(document: Document, invoice: Invoice, content: Content) -> None:
    header = document.header
    header.id, header.type_code = invoice.number, _TYPES[InvoiceType(invoice.type)]
    header.issue_date_time = invoice.issued_on
    for text in notes_of(invoice, content):
        note = IncludedNote()
        note.content = _text(text)
        header.notes.add(note)


def _parties(document: Document, invoice: Invoice, content: Content) -> None:
    agreement = document.trade.agreement
    # Where services are outside the scope of VAT, no VAT id may stand (BR-O-2 to 4).
    with_vat_id = all(row.category != OUTSIDE_SCOPE for row in content.vat_rows)
    seller, buyer = invoice.seller, invoice.buyer
    agreement.buyer_reference = _text(buyer["reference"] or buyer["number"])
    _party(agreement.seller, seller, with_vat_id=with_vat_id)
    if not (seller["vat_id"] and with_vat_id):  # BR-CO-26: the buyer must recognise the seller by something
        agreement.seller.id = _text(seller["tax_number"] or seller["vat_id"])
    _party(agreement.buyer, buyer, with_vat_id=with_vat_id)
    agreement.buyer.id = _text(buyer["number"])
    _contact(agreement.seller.contact, seller)
    if content.order_number:
        agreement.buyer_order.issuer_assigned_id = _text(content.order_number)


def _party(party: Any, data: dict[str, Any], *, with_vat_id: bool) -> None:
    party.name = _text(data["name"])
    address = party.address
    address.postcode, address.line_one = _text(data["postal_code"]), _text(data["street"])
    address.city_name, address.country_id = _text(data["city"]), data["country"]
    if data["email"]:
        party.electronic_address.uri_ID = (_EMAIL, data["email"])
    if data["vat_id"] and with_vat_id:
        party.tax_registrations.add(TaxRegistration(id=("VA", data["vat_id"].replace(" ", ""))))
    if data.get("tax_number"):
        party.tax_registrations.add(TaxRegistration(id=("FC", _text(data["tax_number"]))))


def _contact(contact: Any, seller: dict[str, Any]) -> None:
    if seller["contact"]:
        contact.person_name = _text(seller["contact"])
    if seller["phone"]:
        contact.telephone.number = _text(seller["phone"])
    if seller["email"]:
        contact.email.address = seller["email"]


def _item(line: InvoiceLine) -> LineItem:
    item = LineItem()
    item.document.line_id = str(line.position)
    item.product.name, item.product.description = _text(line.name), _text(line.note)
    item.agreement.net.amount = line.price
    item.agreement.net.basis_quantity = (Decimal(line.base), line.unit)
    item.delivery.billed_quantity = (Decimal(line.quantity), line.unit)
    settlement = item.settlement
    settlement.trade_tax.type_code, settlement.trade_tax.category_code = "VAT", line.category
    if line.category != OUTSIDE_SCOPE:  # BR-O-5: no rate there
        settlement.trade_tax.rate_applicable_percent = line.percent
    settlement.period.start, settlement.period.end = line.service_from, line.service_to
    settlement.monetary_summation.total_amount = line.net
    return item


def _settlement(document: Document, invoice: Invoice, content: Content) -> None:
    settlement = document.trade.settlement
    settlement.currency_code = content.currency
    settlement.payment_reference = invoice.number
    settlement.payment_means.add(_means(invoice))
    for row in content.vat_rows:
        settlement.trade_tax.add(_tax(row))
    settlement.period.start, settlement.period.end = content.service_from, content.service_to
    terms = PaymentTerms()
    terms.description = due_text(invoice)
    if invoice.due_on:
        terms.due = invoice.due_on
    settlement.terms.add(terms)
    if content.references:  # one fits in here; all of them stand in a note
        settlement.invoice_referenced_document.issuer_assigned_id = content.references[-1].number
        settlement.invoice_referenced_document.issue_date_time = content.references[-1].issued_on
    _totals(settlement.monetary_summation, content)


def _means(invoice: Invoice) -> PaymentMeans:
    means = PaymentMeans()
    if invoice.type == InvoiceType.CREDIT_NOTE:
        means.type_code = _CLEARING
        return means
    means.type_code = _TRANSFER
    means.payee_account.iban = invoice.seller["iban"].replace(" ", "")
    means.payee_account.account_name = _text(invoice.seller["name"])
    if invoice.seller["bic"]:
        means.payee_institution.bic = invoice.seller["bic"]
    return means


def _tax(row: VatRow) -> ApplicableTradeTax:
    tax = ApplicableTradeTax()
    tax.type_code, tax.category_code = "VAT", row.category
    tax.basis_amount, tax.calculated_amount, tax.rate_applicable_percent = row.net, row.vat, row.percent
    if row.reason:
        tax.exemption_reason, tax.exemption_reason_code = row.reason, _EXEMPTIONS[row.category]
    return tax


def _totals(summation: Any, content: Content) -> None:
    summation.line_total = content.net
    summation.charge_total = summation.allowance_total = Decimal("0.00")
    summation.tax_basis_total = content.net
    summation.tax_total = (content.vat, content.currency)
    summation.grand_total = content.gross
    summation.prepaid_total = Decimal("0.00")
    summation.due_amount = content.gross


def _text(value: str) -> str:
    return _NOT_XML.sub("", value).strip()
