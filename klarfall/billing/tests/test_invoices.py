"""Invoices of the scenarios to the cent: in the content, on the page, in the embedded data and in the XRechnung."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from klarfall.billing.actions import assessments, invoices
from klarfall.billing.actions.time import stop_timer
from klarfall.billing.invoicing.cii import Guideline
from klarfall.billing.invoicing.recipients import content_hash
from klarfall.billing.invoicing.validation import problems
from klarfall.billing.models import Invoice, VatRate
from klarfall.billing.tests.invoice_steps import (
    AUSTRIA,
    embedded,
    figures,
    pdf_text,
    ready,
    set_customer,
    set_vendor,
    texts,
    written,
    xrechnung,
)
from klarfall.billing.tests.run_steps import DECEMBER, biller, frozen
from klarfall.billing.tests.steps import accept, clock, send, send_more, terms, timer, work
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.ui.formats import money
from tests.cast import berlin, concern_of
from tests.clock import Clock


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """Jobs read the time themselves: they run in January, after the runs of the year."""
    monkeypatch.setattr(timezone, "now", Clock(berlin("2027-01-04 12:00")))


def s1(cast, make_ticket):
    concern = concern_of(make_ticket(now=clock("07:50")))
    work(cast, concern, "08:20", "08:31", purpose="triage")
    offer = send(cast, concern, at=clock("08:40"))
    accept(offer, cast.astrid, at=clock("09:00"), order_number="PO-77")
    for start, end in (("09:10", "09:32"), ("10:05", "10:23"), ("11:00", "11:27")):
        work(cast, concern, start, end)
    return concern


def s2(cast, make_ticket):
    day = "2026-12-01"
    concern = concern_of(make_ticket(now=clock("08:00", day)))
    first = send(cast, concern, "CHG-INFRA-OS", at=clock("08:10", day), low=90, high=120, cap_minutes=120)
    accept(first, cast.bernd, at=clock("08:30", day))
    work(cast, concern, "09:00", "10:35", day=day)
    work(cast, concern, "11:00", "11:40", day=day)
    second = send_more(cast, concern, at=clock("12:00", day), low=30, high=45, cap_minutes=60)
    accept(second, cast.bernd, at=clock("13:00", day))
    work(cast, concern, "13:10", "13:32", day=day)


def s3(cast, make_ticket):
    concern = concern_of(make_ticket(now=clock("12:00")))
    given = terms(60, 85, cap_net=Decimal("190.00"))
    offer = send(cast, concern, "CHG-DATA-POST", at=clock("14:00"), given=given)
    running = timer(cast, concern, clock("14:05"))
    accept(offer, cast.bernd, at=clock("14:20:00"))
    stop_timer(running, actor=cast.anna, now=clock("15:40"))


def s16(cast, make_ticket):
    day = "2026-11-25"
    concern = concern_of(make_ticket(now=berlin(f"{day} 08:00")))
    given = terms(60, 90, cap_net=Decimal("222.00"))
    offer = send(cast, concern, "CHG-INST-SERVER", at=clock("08:10", day), given=given)
    accept(offer, cast.bernd, at=clock("08:30", day))
    work(cast, concern, "09:00", "10:35", day=day)


def half_cents(cast, make_ticket):
    """Two concerns of 7 minutes to the minute: VAT on the sum, not line by line."""
    for number in range(2):
        concern = concern_of(make_ticket(now=clock("07:50"), title=f"Frage {number}"))
        offer = send(cast, concern, at=clock("08:00"), cap_minutes=7)
        accept(offer, cast.bernd, at=clock("08:30"))
        work(cast, concern, f"{9 + number:02}:00", f"{9 + number:02}:10")


FIGURES = {
    s1: ("165.00", "31.35", "196.35"),
    s2: ("330.00", "62.70", "392.70"),
    s3: ("190.00", "36.10", "226.10"),
    s16: ("222.00", "42.18", "264.18"),
    half_cents: ("30.80", "5.85", "36.65"),  # 15.40 twice; VAT line by line would be 5.86
}


@pytest.mark.parametrize("scenario", FIGURES, ids=lambda scenario: scenario.__name__)
def test_scenarios_give_their_figures_everywhere(cast, make_ticket, scenario):
    ready(cast)
    scenario(cast, make_ticket)
    (invoice,) = written(frozen(DECEMBER))
    net, vat, gross = expected = tuple(Decimal(amount) for amount in FIGURES[scenario])
    assert (invoice.net, invoice.vat, invoice.gross, invoice.type) == (*expected, "invoice")
    assert sum(Decimal(line["net"]) for line in invoice.content["lines"]) == net
    for xml, guideline in ((embedded(invoice), Guideline.EN16931), (xrechnung(invoice), Guideline.XRECHNUNG)):
        assert figures(xml)[:3] == expected
        assert sum(figures(xml)[3]) == net
        assert problems(xml, guideline) == []
    page = pdf_text(invoice)
    assert all(money(amount).replace("\u00a0", " ") in page for amount in (net, vat, gross))
    assert invoice.problems == []


def test_an_invoice_says_what_accounting_needs(cast, make_ticket):
    ready(cast)
    s1(cast, make_ticket)
    (invoice,) = written()
    assert (invoice.number, invoice.serial) == ("RE-2027-00001", 1)
    assert (invoice.issued_on, invoice.due_on) == (date(2027, 1, 4), date(2027, 1, 18))
    assert (invoice.service_from, invoice.service_to) == (date(2026, 11, 24), date(2026, 11, 24))
    work_line, rounding = invoice.content["lines"]
    assert [work_line[name] for name in ("minutes", "unit", "quantity", "price")] == [67, "MIN", 67, "132.00"]
    assert (work_line["net"], rounding["net"], rounding["minutes"]) == ("147.40", "17.60", 8)
    page = pdf_text(invoice)
    for words in ("Rechnung RE-2027-00001", "Kontor Software GmbH", "Acme", "PO-77", "DE123456788", "BYLADEM1001"):
        assert words in page
    assert "DE02 1203 0000 0000 2020 51" in page
    assert "Saldo stimmt nicht" not in page, "titles of requests are not for everybody who sees bills"
    assert texts(xrechnung(invoice), "BuyerReference") == ["04011000-12345-03"]
    assert texts(xrechnung(invoice), "DueDateDateTime") != []
    with viewing_as(SYSTEM):
        entry = AuditEntry.objects.get(verb="invoice.written")
    assert entry.data == {"number": invoice.number, "gross": "196.35", "content_hash": invoice.content_hash}
    assert content_hash(invoice) == invoice.content_hash


def test_three_vat_rates_in_one_invoice(cast, make_ticket):
    ready(cast)
    with viewing_as(SYSTEM):
        for day, percent in (("2007-01-01", 19), ("2026-11-25", 16), ("2026-11-27", 19)):
            VatRate.objects.create(valid_from=day, percent=percent)
    concern = concern_of(make_ticket(now=clock("07:50")))
    accept(send(cast, concern, at=clock("08:00"), cap_minutes=300), cast.bernd, at=clock("08:30"))
    for day in ("2026-11-24", "2026-11-25", "2026-11-27"):
        work(cast, concern, "09:00", "09:20", day=day)
    (invoice,) = written()
    rows = {(row["percent"], row["net"], row["vat"]) for row in invoice.content["vat_rows"]}
    assert rows == {("19.00", "88.00", "16.72"), ("16.00", "44.00", "7.04")}
    assert (invoice.net, invoice.vat, invoice.gross) == (Decimal("132.00"), Decimal("23.76"), Decimal("155.76"))
    assert problems(embedded(invoice), Guideline.EN16931) == []
    assert problems(xrechnung(invoice), Guideline.XRECHNUNG) == []
    page = pdf_text(invoice)
    assert "19 %" in page
    assert "16 %" in page


def test_reverse_charge_to_austria(cast, make_ticket):
    ready(cast, **AUSTRIA)
    s1(cast, make_ticket)
    (invoice,) = written()
    assert (invoice.net, invoice.vat, invoice.gross) == (Decimal("165.00"), Decimal("0.00"), Decimal("165.00"))
    xml = embedded(invoice)
    assert problems(xml, Guideline.EN16931) == problems(xrechnung(invoice), Guideline.XRECHNUNG) == []
    assert set(texts(xml, "CategoryCode")) == {"AE"}
    assert texts(xml, "ExemptionReasonCode") == ["VATEX-EU-AE"]
    page = pdf_text(invoice)
    assert "Steuerschuldnerschaft des Leistungsempfängers" in page
    assert "ATU12345675" in page
    assert "DE123456788" in page


def test_outside_the_scope_of_vat_no_vat_id_stands(cast, make_ticket):
    """BR-O-2 to 4; the seller is recognised by another number (BR-CO-26)."""
    ready(cast, country="CH", vat_id="CHE123456789")
    s1(cast, make_ticket)
    (invoice,) = written()
    xml = embedded(invoice)
    assert problems(xml, Guideline.EN16931) == problems(xrechnung(invoice), Guideline.XRECHNUNG) == []
    assert set(texts(xml, "CategoryCode")) == {"O"}
    assert invoice.gross == Decimal("165.00")


def test_a_defect_found_afterwards_is_credited(cast, make_ticket):
    ready(cast)
    concern = s1(cast, make_ticket)
    (invoice,) = written()
    assessments.report_defect(
        concern, reason="Fehler im Programm gefunden.", actor=cast.anna, now=berlin("2027-01-05 09:00")
    )
    (credit,) = written(frozen(DECEMBER, at="2027-01-06 10:00"))
    assert (credit.type, credit.number) == ("credit_note", "RE-2027-00002")
    assert (credit.net, credit.vat, credit.gross) == (invoice.net, invoice.vat, invoice.gross)
    assert credit.due_on is None
    xml = embedded(credit)
    assert problems(xml, Guideline.EN16931) == problems(xrechnung(credit), Guideline.XRECHNUNG) == []
    assert texts(xml, "TypeCode")[0] == "381"
    assert figures(xml)[3] == [Decimal("147.40"), Decimal("17.60")], "amounts of a credit note are positive"
    assert invoice.number in texts(xml, "IssuerAssignedID")
    page = pdf_text(credit)
    assert f"Rechnungskorrektur {credit.number}" in page
    assert invoice.number in page
    assert "Gutschrift" not in page, "on an invoice that word means self-billing"


def test_nothing_billed_means_no_invoice(cast, make_ticket):
    ready(cast)
    s1(cast, make_ticket)
    batch = frozen()
    (invoice,) = written(batch)
    assert invoice.customer_id == cast.acme.pk
    assert invoices.write_invoices(batch, actor=biller(), now=berlin("2027-01-07 10:00")) == []
    with viewing_as(SYSTEM):
        assert Invoice.objects.count() == 1


def test_off_by_default(cast, make_ticket):
    s1(cast, make_ticket)
    batch = frozen()
    assert written(batch) == []
    with pytest.raises(invoices.NoInvoices):
        invoices.write_invoices(batch, actor=biller(), now=berlin("2027-01-07 10:00"))


def test_missing_data_are_named_and_stop_it(cast, make_ticket):
    ready(cast)
    set_customer(cast.acme, city="")
    set_vendor(iban="", billing_phone="")
    s1(cast, make_ticket)
    batch = frozen()
    assert written(batch) == []
    with pytest.raises(invoices.DataMissing) as refused:
        invoices.write_invoices(batch, actor=biller(), now=berlin("2027-01-07 10:00"))
    assert [(one.customer, one.field) for one in refused.value.missing] == [(None, "iban"), (cast.acme, "city")]
    ready(cast)
    invoices.request_invoices(batch, actor=biller(), now=berlin("2027-01-07 11:00"))
    assert [one.number for one in written(batch)] == ["RE-2027-00001"]


def test_without_a_buyer_reference_there_is_no_xrechnung(cast, make_ticket):
    ready(cast, buyer_reference="")
    s1(cast, make_ticket)
    (invoice,) = written()
    assert (bool(invoice.pdf_key), invoice.xml_key, invoice.problems) == (True, "", [])
    assert problems(embedded(invoice), Guideline.EN16931) == []
