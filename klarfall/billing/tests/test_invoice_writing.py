"""What invoices lack is named in time, one that fails stops no other, and the PDF is a file for archives."""

import io
import re

import pypdf
import pytest
from django.utils import timezone

from klarfall.billing.actions import invoices
from klarfall.billing.invoicing import files
from klarfall.billing.invoicing.missing import missing_data, missing_of_buyer
from klarfall.billing.models import Invoice
from klarfall.billing.tests.invoice_steps import ready, set_customer, set_vendor, written
from klarfall.billing.tests.run_steps import freeze, frozen, opened
from klarfall.billing.tests.steps import accept, clock, send, work
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Customer
from tests.cast import berlin, concern_of
from tests.clock import Clock
from tests.queue import again


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """Jobs read the time themselves."""
    monkeypatch.setattr(timezone, "now", Clock(berlin("2027-01-04 12:00")))


def commission(cast, make_ticket, contact, start="09"):
    """Forty minutes of work for the company of a contact."""
    concern = concern_of(make_ticket(contact=contact, now=clock("07:50")))
    accept(send(cast, concern, at=clock("08:40")), contact, at=clock("09:00"))
    work(cast, concern, f"{start}:10", f"{start}:50")


def test_what_is_missing_depends_on_who_is_billed(cast, make_ticket):
    """Reverse charge needs the VAT ids of both; a run can be asked before it is frozen."""
    ready(cast, country="AT", vat_id="ATU12345675", billing_email="")
    set_vendor(vat_id="", tax_number="26/123/45678")
    commission(cast, make_ticket, cast.bernd)
    batch = opened()

    def named(run, *, blocking=True):
        with viewing_as(SYSTEM):
            return [one.field for one in missing_data(run) if one.blocking is blocking]

    assert named(batch) == ["vat_id"]
    assert named(batch, blocking=False) == ["email"]
    assert named(None) == [], "a tax number will do at home"
    batch = freeze(batch)
    set_customer(cast.acme, country="AT", vat_id="", name="")
    set_vendor(vat_id="", tax_number="26/123/45678", city="")
    assert named(batch) == ["city", "vat_id", "name", "vat_id"]
    set_vendor(writes_invoices=False, street="")
    assert named(batch) == named(None) == []


def test_services_inside_and_outside_the_scope_of_vat_are_named(cast, make_ticket):
    """A customer that moved abroad: what was billed before keeps its category, and both cannot stand together."""
    ready(cast, country="CH")
    commission(cast, make_ticket, cast.bernd)
    batch = frozen()
    with viewing_as(SYSTEM):
        assert missing_data(batch) == []
        acme = Customer.objects.get(pk=cast.acme.pk)
        found = {one.field: one.blocking for one in missing_of_buyer(acme, {"O", "S"})}
    assert found == {"one_country": True}


def test_one_that_cannot_be_written_stops_no_other(cast, make_ticket, monkeypatch):
    ready(cast)
    commission(cast, make_ticket, cast.bernd)
    commission(cast, make_ticket, cast.clara, "10")
    batch, lines_of = frozen(), invoices.billed_lines

    def broken(run, customer):
        if customer == cast.acme:
            raise RuntimeError("broken")
        return lines_of(run, customer)

    monkeypatch.setattr(invoices, "billed_lines", broken)
    assert again(invoices.WRITE, batch_id=batch.pk) is False, "it is tried again"
    monkeypatch.setattr(invoices, "billed_lines", lines_of)
    assert again(invoices.WRITE, batch_id=batch.pk) is True
    with viewing_as(SYSTEM):
        found = list(Invoice.objects.order_by("serial").values_list("serial", "customer"))
    assert found == [(1, cast.borealis.pk), (2, cast.acme.pk)]


def test_the_pdf_is_a_file_for_archives_with_data(cast, make_ticket):
    """PDF/A-3b as typst made it, still said so after the data were put in, with the profile of ZUGFeRD."""
    ready(cast)
    commission(cast, make_ticket, cast.bernd)
    (invoice,) = written()
    with files.opened(invoice, "pdf") as file:
        xmp = pypdf.PdfReader(io.BytesIO(file.read())).trailer["/Root"]["/Metadata"].get_data().decode()
    assert re.search(r"pdfaid:part\W+3", xmp)
    assert re.search(r"pdfaid:conformance\W+B", xmp)
    assert re.search(r"fx:ConformanceLevel\W+EN 16931", xmp)
    assert "factur-x.xml" in xmp
