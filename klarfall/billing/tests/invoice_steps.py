"""Short words for invoices in tests: a vendor and customers with everything that an invoice needs."""

import io
import re
from decimal import Decimal

import pypdf
from lxml import etree

from klarfall.billing.actions import invoices
from klarfall.billing.invoicing import files
from klarfall.billing.models import Invoice
from klarfall.billing.tests.run_steps import frozen
from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.customers.models import Customer
from tests.queue import run_jobs

_NS = {"ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"}
SELLER = {
    "legal_name": "Kontor Software GmbH", "street": "Kontorweg 1", "postal_code": "55116", "city": "Mainz",
    "country": "DE", "vat_id": "DE123456788", "iban": "DE02120300000000202051", "bic": "BYLADEM1001",
    "billing_contact": "Buchhaltung", "billing_phone": "+49 6131 123", "billing_email": "rechnung@kontor.example",
    "writes_invoices": True,
}  # fmt: skip
BUYER = {
    "street": "Allee 2", "postal_code": "10115", "city": "Berlin", "country": "DE", "vat_id": "",
    "billing_email": "rechnungseingang@acme.example", "buyer_reference": "04011000-12345-03",
}  # fmt: skip
AUSTRIA = {"street": "Ring 3", "postal_code": "1010", "city": "Wien", "country": "AT", "vat_id": "ATU12345675"}


def set_vendor(**fields):
    """The vendor with these fields, and with all others that a seller needs."""
    with viewing_as(SYSTEM):
        VendorProfile.objects.filter(pk=1).update(**{**SELLER, **fields})
    vendor.forget()


def set_customer(customer, **fields):
    """A customer with these fields, and with all others that a buyer needs."""
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=customer.pk).update(**{**BUYER, **fields})


def ready(cast, **buyer):
    """Vendor and both customers lack nothing; `buyer` changes Acme."""
    set_vendor()
    set_customer(cast.borealis, billing_email="rechnung@borealis.example")
    set_customer(cast.acme, **buyer)


def written(batch=None):
    """The invoices of a run (of a November run frozen now), with their files, by customer number."""
    batch = batch or frozen()
    run_jobs(invoices.WRITE, invoices.RENDER)
    with viewing_as(SYSTEM):
        return list(Invoice.objects.filter(batch=batch).select_related("customer", "batch").order_by("serial"))


def pdf_text(invoice):
    """What somebody reads on the pages, with single spaces."""
    with files.opened(invoice, "pdf") as file:
        pages = pypdf.PdfReader(io.BytesIO(file.read())).pages
        return re.sub(r"[\s\u00a0]+", " ", " ".join(page.extract_text() for page in pages))


def embedded(invoice):
    """The XML inside the PDF."""
    with files.opened(invoice, "pdf") as file:
        attachments = pypdf.PdfReader(io.BytesIO(file.read())).attachments
    assert list(attachments) == ["factur-x.xml"]
    return attachments["factur-x.xml"][0]


def xrechnung(invoice):
    with files.opened(invoice, "xml") as file:
        return file.read()


def figures(xml):
    """Net, VAT, gross of a document, and the nets of its lines."""
    tree = etree.fromstring(xml)

    def amounts(tag, where=""):
        return [Decimal(node.text) for node in tree.iterfind(f".//{where}ram:{tag}", _NS)]

    total = "ram:SpecifiedTradeSettlementHeaderMonetarySummation/"
    sums = [amounts(tag, total)[0] for tag in ("TaxBasisTotalAmount", "TaxTotalAmount", "GrandTotalAmount")]
    return (*sums, amounts("LineTotalAmount", "ram:SpecifiedTradeSettlementLineMonetarySummation/"))


def texts(xml, tag):
    """The texts of all elements of a name."""
    return [node.text for node in etree.fromstring(xml).iterfind(f".//ram:{tag}", _NS)]
