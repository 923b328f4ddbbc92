"""Invoices at the desk: settings, VAT rates, data of customers, the list, one invoice, its files, sending; who may."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.core import mail

from klarfall.billing.models import Invoice, VatRate
from klarfall.billing.tests.invoice_steps import BUYER, SELLER, ready, set_vendor, written
from klarfall.billing.tests.run_steps import frozen
from klarfall.billing.tests.steps import accept, clock, send, work
from klarfall.channels.letters import sight_of
from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry, VendorProfile
from klarfall.customers.models import Customer
from klarfall.desk.tests.conftest import at, queries_of, text
from tests.cast import concern_of, make_contact, make_staff
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db
TODAY = "2027-01-04 12:00"
FORM = {
    **{name: value for name, value in SELLER.items() if name != "writes_invoices"},
    "writes_invoices": "on", "tax_number": "", "invoice_prefix": "RE-", "payment_days": "14",
    "goodwill_limit": "150,00",
}  # fmt: skip


@pytest.fixture
def paulas(desk_of, cast, clock):
    """Paula signs in on the day on which November is billed."""
    clock.set(TODAY)
    return desk_of(make_staff("Paula", "billing"))


@pytest.fixture
def invoice(cast, make_ticket, clock):
    """An invoice of Acme over 40 minutes, made up to 45."""
    ready(cast)
    concern = concern_of(make_ticket(now=at_clock("07:50")))
    accept(send(cast, concern, at=at_clock("08:40")), cast.bernd, at=at_clock("09:00"), order_number="B-77")
    work(cast, concern, "09:10", "09:50")
    clock.set(TODAY)
    (found,) = written(frozen())
    return found


def at_clock(time):
    return clock(time)


def fresh(row):
    with viewing_as(SYSTEM):
        return type(row).objects.get(pk=row.pk)


def profile():
    with viewing_as(SYSTEM):
        return VendorProfile.objects.get(pk=1)


def test_the_vendor_fills_in_what_is_missing(paulas):
    set_vendor(iban="", city="")
    page = text(paulas.get(at("billing-settings")))
    assert "IBAN" in page.split("Für Rechnungen fehlt")[1][:400]
    assert paulas.post(at("billing-settings"), {**FORM, "iban": "DE02 1203 0000 0000 2020 51"}).status_code == 303
    assert (profile().iban, profile().city, profile().writes_invoices) == (SELLER["iban"], "Mainz", True)
    assert "Für Rechnungen fehlt" not in text(paulas.get(at("billing-settings")))
    with viewing_as(SYSTEM):
        entry = AuditEntry.objects.get(verb="invoice_data.changed")
    assert entry.data == {"fields": ["city", "goodwill_limit", "iban"], "goodwill_limit": "150.00"}
    assert profile().goodwill_limit == Decimal("150.00")
    assert 'value="150,00"' in paulas.get(at("billing-settings")).content.decode()


def test_a_new_installation_has_no_profile_yet(paulas):
    with viewing_as(SYSTEM):
        VendorProfile.objects.all().delete()
    vendor.forget()
    assert paulas.get(at("billing-settings")).status_code == 200
    assert paulas.post(at("billing-settings"), FORM).status_code == 303
    assert (profile().city, profile().name) == ("Mainz", "Klarfall")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("iban", "DE02120300000000202052"),
        ("bic", "BANK"),
        ("vat_id", "DE12"),
        ("country", "D1"),
        ("payment_days", "-1"),
        ("payment_days", "999"),
        ("invoice_prefix", "<b>"),
        ("goodwill_limit", "-1"),
        ("goodwill_limit", "viel"),
        ("tax_number", "keine"),
        ("billing_email", "nirgends"),
        ("street", "x" * 121),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_field(paulas, field, value):
    before = profile()
    response = paulas.post(at("billing-settings"), {**FORM, field: value})
    assert response.status_code == 422
    assert re.search(rf'id="id_{field}_error"', text(response))
    assert profile().iban == before.iban
    assert not profile().writes_invoices


def test_a_vat_rate_is_added_and_never_begins_before_what_is_billed(paulas, invoice):
    def add(percent, day):
        return paulas.post(at("vat-rates"), {"percent": percent, "valid_from": day})

    refused = add("16", "24.11.2026")
    assert refused.status_code == 422
    assert "abgerechnet" in text(refused)
    assert add("0", "01.02.2027").status_code == 422
    assert add("101", "01.02.2027").status_code == 422
    assert add("16,5", "01.02.2027").status_code == 303
    assert add("19", "01.02.2027").status_code == 422
    with viewing_as(SYSTEM):
        rates = list(VatRate.objects.values_list("valid_from", "percent"))
        assert AuditEntry.objects.filter(verb="vat_rate.added").count() == 1
    assert rates == [(date(1970, 1, 1), Decimal("19.00")), (date(2027, 2, 1), Decimal("16.50"))]
    page = text(paulas.get(at("billing-settings")))
    assert "seit jeher" in page
    assert "16,5" in page


def test_the_data_of_a_customer(paulas, cast):
    address = at("invoice-data", cast.acme.number)
    values = {"name": "Acme GmbH", **BUYER, "country": "AT", "vat_id": "ATU 12345675"}
    assert paulas.post(address, {**values, "vat_id": "DE123456788"}).status_code == 422
    assert paulas.post(address, {**values, "name": " "}).status_code == 422
    assert paulas.post(address, values).status_code == 303
    with viewing_as(SYSTEM):
        acme = Customer.objects.get(pk=cast.acme.pk)
    assert (acme.name, acme.country, acme.vat_id) == ("Acme GmbH", "AT", "ATU12345675")
    assert "Acme GmbH" in text(paulas.get(address))


def test_the_list_and_one_invoice(paulas, invoice):
    page = text(paulas.get(at("invoices")))
    assert invoice.number in page
    assert "noch nicht versendet" in page
    assert len(queries_of(paulas, at("invoices"))) <= 6
    assert invoice.number in text(paulas.get(f"{at('invoices')}?run={invoice.batch.number}"))
    assert invoice.number not in text(paulas.get(f"{at('invoices')}?run=1"))
    one = text(paulas.get(at("invoice", invoice.serial)))
    for words in ("99,00", "18,81", "117,81", "B-77", "04011000-12345-03"):
        assert words in one
    assert "Saldo stimmt nicht" not in one


def test_files_are_handed_out_and_nothing_else(paulas, invoice):
    for kind, start in (("pdf", b"%PDF"), ("xml", b"<?xml")):
        response = paulas.get(at("invoice-file", invoice.serial, kind))
        assert b"".join(response.streaming_content).startswith(start)
        assert f"{invoice.number}.{kind}" in response["Content-Disposition"]
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
    assert paulas.get(at("invoice-file", invoice.serial, "batch")).status_code == 404
    assert paulas.get(at("invoice-file", 99, "pdf")).status_code == 404


def test_it_is_sent_by_hand_to_the_billing_address_and_to_billing_viewers(paulas, invoice, cast):
    run_jobs()
    assert [one for one in mail.outbox if invoice.number in one.subject] == [], "never by itself"
    make_contact("Berit", cast.acme, "billing_viewer")
    make_contact("Bodo", cast.borealis, "billing_viewer")
    mail.outbox.clear()
    for _time in range(2):
        assert paulas.post(at("invoice-dispatch", invoice.serial)).status_code == 303
    run_jobs()
    sent = [one for one in mail.outbox if invoice.number in one.subject]
    people = sorted(re.sub(r".*<|>", "", one.to[0]) for one in sent)
    assert people == sorted(["berit@acme.example", BUYER["billing_email"]] * 2), "sent twice by hand is mailed twice"
    for one in sent:
        assert [name for name, _content, _type in one.attachments] == [f"{invoice.number}.pdf", f"{invoice.number}.xml"]
        assert one.attachments[0][1].startswith(b"%PDF")
        assert "117,81" in one.body
    assert fresh(invoice).sent_at is not None


def test_what_is_not_valid_is_not_sent(paulas, invoice):
    with viewing_as(SYSTEM):
        Invoice.objects.filter(pk=invoice.pk).update(problems=["BR-07: Der Name fehlt."])
    assert "BR-07" in text(paulas.get(at("invoice", invoice.serial)))
    paulas.post(at("invoice-dispatch", invoice.serial))
    assert fresh(invoice).sent_at is None


def test_invoices_are_written_once_the_data_are_there(paulas, cast, make_ticket):
    ready(cast, city="")
    concern = concern_of(make_ticket(now=at_clock("07:50")))
    accept(send(cast, concern, at=at_clock("08:40")), cast.bernd, at=at_clock("09:00"))
    work(cast, concern, "09:10", "09:50")
    batch = frozen()
    assert written(batch) == []
    refused = paulas.post(at("run-invoices", batch.number), follow=True)
    assert "Acme (K-0001), Rechnungsdaten: Ort" in text(refused)
    ready(cast)
    paulas.post(at("run-invoices", batch.number))
    assert len(written(batch)) == 1


def test_these_pages_are_for_billing_only(desk_of, anna, dora, invoice, bernd):
    admins = desk_of(make_staff("Ada", "administrator"))
    pages = [at("invoices"), at("invoice", invoice.serial), at("invoice-file", invoice.serial, "pdf")]
    settings = [at("billing-settings"), at("invoice-data", "K-0001")]
    for client in map(desk_of, (anna, dora, bernd)):
        assert {client.get(path).status_code for path in pages + settings} == {404}
        assert client.post(at("vat-rates"), {"percent": "1", "valid_from": "01.01.2030"}).status_code == 404
        assert client.post(at("invoice-dispatch", invoice.serial)).status_code == 404
    assert {admins.get(path).status_code for path in pages} == {404}
    assert {admins.get(path).status_code for path in settings} == {200}
    with viewing_as(SYSTEM):
        assert not VatRate.objects.exists()


def test_nobody_sees_invoices_of_another_company(invoice, cast):
    """Row by row in the database, too (INV-25)."""
    berit, bodo = (make_contact(*who, "billing_viewer") for who in (("Berit", cast.acme), ("Bodo", cast.borealis)))
    for contact, seen in ((berit, 1), (bodo, 0), (cast.bernd, 0), (cast.clara, 0)):
        with viewing_as(sight_of(contact.user)):
            assert Invoice.objects.count() == seen, contact.user.name
