"""What is wrong with a document is found, offline: by rules of our own and by those that others wrote."""

import io
import re
import socket
from datetime import UTC, date, datetime
from decimal import Decimal

import pypdf
import pytest
from django.utils.translation import override
from lxml import etree

from klarfall.billing.invoicing import xrechnung, zugferd
from klarfall.billing.invoicing.cii import Guideline, write_xml
from klarfall.billing.invoicing.content import Billed, Content, Earlier, content_of
from klarfall.billing.invoicing.iban import is_bic, is_iban
from klarfall.billing.invoicing.validation import problems
from klarfall.billing.models import Invoice
from klarfall.core.vat_ids import is_vat_id

SELLER = {
    "name": "Kontor Software GmbH", "street": "Kontorweg 1", "postal_code": "55116", "city": "Mainz", "country": "DE",
    "vat_id": "DE123456788", "tax_number": "", "iban": "DE02120300000000202051", "bic": "BYLADEM1001",
    "contact": "Buchhaltung", "phone": "+49 6131 123", "email": "rechnung@kontor.example",
}  # fmt: skip
BUYER = {
    "number": "K-0001", "name": "Acme", "street": "Allee 2", "postal_code": "10115", "city": "Berlin", "country": "DE",
    "vat_id": "", "email": "eingang@acme.example", "reference": "04011000-12345-03",
}  # fmt: skip


def billed(number, kind, minutes, net, **fields):
    """A frozen line at 132 euros an hour."""
    values = {
        "rate": Decimal("132.00"), "currency": "EUR", "category": "S", "percent": Decimal("19.00"),
        "service_from": date(2026, 11, 24), "service_to": date(2026, 11, 24), "reason": {"figures": {}},
        "request": "KF-1001", "position": 1, "title": "Einstellungen", "offer": 5001,
    }  # fmt: skip
    return Billed(id=number, kind=kind, minutes=minutes, net=Decimal(net), **{**values, **fields})


def invoice_of(*lines, **buyer):
    """An invoice that was never saved."""
    with override("de"):
        content = content_of(lines)
    return Invoice(
        number="RE-2026-00001", type=content.type, issued_on=date(2026, 12, 1), due_on=date(2026, 12, 15),
        service_from=content.service_from, service_to=content.service_to, seller=SELLER, buyer={**BUYER, **buyer},
        content=content.as_json(), net=content.net, vat=content.vat, gross=content.gross,
        created_at=datetime(2026, 12, 1, 9, tzinfo=UTC),
    )  # fmt: skip


S1 = billed(1, "work", 67, "147.40"), billed(2, "rounding", 8, "17.60")


def rules(xml, guideline=Guideline.EN16931):
    return {one.rule for one in problems(xml, guideline)}


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        (b">196.35<", b">196.36<", "BR-CO-15"),
        (b"<ram:Name>Acme</ram:Name>", b"", "BR-07"),
        (b"RE-2026-00001", b"", "BR-02"),
        (b">147.40<", b">147.41<", "BR-CO-10"),
        (b"<ram:CategoryCode>S<", b"<ram:CategoryCode>Z<", "BR-Z-05"),
        (b"DE123456788", b"XX123456788", "BR-CO-09"),
        (b"</ram:ID>", b"</ram:ID><ram:Nonsense/>", "XSD"),
        (b"urn:cen.eu:en16931:2017<", b"urn:somebody<", "FX-SCH-A-000556"),
    ],
)
def test_what_is_wrong_is_found(right, wrong, rule):
    xml = write_xml(invoice_of(*S1), Guideline.EN16931)
    assert rules(xml) == set()
    assert right in xml
    assert rule in rules(xml.replace(right, wrong))


def test_only_the_guideline_of_xrechnung_is_let_pass():
    xml = write_xml(invoice_of(*S1), Guideline.XRECHNUNG)
    assert rules(xml, Guideline.XRECHNUNG) == set()
    assert rules(xml) == {"FX-SCH-A-000556"}, "the stylesheet itself does not know the guideline"
    assert rules(xml.replace(b"xrechnung_3.0", b"xrechnung_2.0"), Guideline.XRECHNUNG) == {"BR-DE-21"}
    broken = xml.replace(b">196.35<", b">196.36<")
    assert "BR-CO-15" in rules(broken, Guideline.XRECHNUNG)


def _without(*tags):
    """Leaves out every element of these names."""

    def change(text):
        for tag in tags:
            text = re.sub(rf"<ram:{tag}(?: [^>]*)?>.*?</ram:{tag}>|<ram:{tag}/>", "", text, flags=re.DOTALL)
        return text

    return change


def _put(old, new):
    return lambda text: text.replace(old, new)


def _in(part, change):
    """Changes only what stands inside the first element of a name."""

    def changed(text):
        found = re.search(rf"<ram:{part}>.*?</ram:{part}>", text, re.DOTALL)
        return text.replace(found.group(), change(found.group()), 1)

    return changed


_SHIP_TO = "<ram:ShipToTradeParty><ram:ID>1</ram:ID></ram:ShipToTradeParty>"
_SECOND_VAT = '<ram:TaxTotalAmount currencyID="EUR">1.00</ram:TaxTotalAmount>'
_MEANS = "</ram:PayeePartyCreditorFinancialAccount>"
#: A document that breaks the rule, for each of our own.
BROKEN = {
    "BR-DE-1": _without("SpecifiedTradeSettlementPaymentMeans"),
    "BR-DE-2": _without("DefinedTradeContact"),
    "BR-DE-3": _in("SellerTradeParty", _without("CityName")),
    "BR-DE-4": _in("SellerTradeParty", _without("PostcodeCode")),
    "BR-DE-5": _without("PersonName"),
    "BR-DE-6": _without("TelephoneUniversalCommunication"),
    "BR-DE-7": _without("EmailURIUniversalCommunication"),
    "BR-DE-8": _in("BuyerTradeParty", _without("CityName")),
    "BR-DE-9": _in("BuyerTradeParty", _without("PostcodeCode")),
    "BR-DE-10": _put("<ram:ActualDelivery", f"{_SHIP_TO}<ram:ActualDelivery"),
    "BR-DE-14": _in("ApplicableHeaderTradeSettlement", _without("RateApplicablePercent")),
    "BR-DE-15": _without("BuyerReference"),
    "BR-DE-16": _in("SellerTradeParty", _without("SpecifiedTaxRegistration")),
    "BR-DE-17": _put("<ram:TypeCode>380<", "<ram:TypeCode>325<"),
    "BR-DE-18": _put("<ram:Description>Zahlbar", "<ram:Description>#SKONTO#"),
    "BR-DE-19": _put("DE02120300000000202051", "DE03120300000000202051"),
    "BR-DE-20": _put(_MEANS, f"{_MEANS}<ram:PayerPartyDebtorFinancialAccount/>"),
    "BR-DE-21": _put("xrechnung_3.0", "xrechnung_2.3"),
    "BR-DE-22": _put("<ram:SellerTradeParty>", "<ram:AdditionalReferencedDocument/><ram:SellerTradeParty>"),
    "BR-DE-23-a": _without("PayeePartyCreditorFinancialAccount"),
    "BR-DE-23-b": _put(_MEANS, f"{_MEANS}<ram:ApplicableTradeSettlementFinancialCard/>"),
    "BR-DE-26": _put("<ram:TypeCode>380<", "<ram:TypeCode>384<"),
    "BR-DE-27": _put("+49 6131 123", "auf Anfrage"),
    "BR-DE-28": _put("rechnung@kontor.example</ram:URIID>", "rechnung.kontor.example</ram:URIID>"),
    "BR-DE-TMP-32": _without("ActualDeliverySupplyChainEvent", "BillingSpecifiedPeriod"),
    "PEPPOL-EN16931-R001": _without("BusinessProcessSpecifiedDocumentContextParameter"),
    "PEPPOL-EN16931-R008": _put("<ram:SellerTradeParty>", "<ram:SellerTradeParty><ram:Description/>"),
    "PEPPOL-EN16931-R010": _in("BuyerTradeParty", _without("URIUniversalCommunication")),
    "PEPPOL-EN16931-R020": _in("SellerTradeParty", _without("URIUniversalCommunication")),
    "PEPPOL-EN16931-R053": _put("<ram:GrandTotal", f"{_SECOND_VAT}<ram:GrandTotal"),
    "PEPPOL-EN16931-R110": _in("IncludedSupplyChainTradeLineItem", _put("20261124", "20261123")),
    "PEPPOL-EN16931-R111": _in("IncludedSupplyChainTradeLineItem", _put("20261124", "20261125")),
    "PEPPOL-EN16931-R120": _put(">67</ram:BilledQuantity>", ">68</ram:BilledQuantity>"),
    "PEPPOL-EN16931-R121": _put(">60</ram:BasisQuantity>", ">-60</ram:BasisQuantity>"),
    "PEPPOL-EN16931-R130": _put('BasisQuantity unitCode="MIN"', 'BasisQuantity unitCode="HUR"'),
}  # fmt: skip


@pytest.mark.parametrize("rule", [rule.code for rule in xrechnung.RULES])
def test_each_rule_of_xrechnung_finds_its_fault(rule):
    text = write_xml(invoice_of(*S1), Guideline.XRECHNUNG).decode()
    assert xrechnung.broken_rules(etree.fromstring(text.encode())) == []
    broken = BROKEN[rule](text)
    assert broken != text
    assert rule in {code for code, _says in xrechnung.broken_rules(etree.fromstring(broken.encode()))}


def test_quantity_times_price_is_the_net_of_every_line():
    """Minutes where they give it to the cent; one piece where a cent, a cap or goodwill in euros stands between."""
    lines = (
        billed(1, "work", 80, "176.00"),
        billed(2, "rounding", 10, "22.01"),
        billed(3, "cap_reduction", 0, "-8.00"),
        billed(4, "goodwill", -5, "-11.00"),
        billed(5, "correction", -1, "0.00"),
    )
    content = content_of(lines)
    shapes = [(line.unit, line.quantity, line.price, line.net) for line in content.lines]
    assert shapes == [
        ("MIN", 80, Decimal("132.00"), Decimal("176.00")),
        ("C62", 1, Decimal("22.01"), Decimal("22.01")),
        ("C62", -1, Decimal("8.00"), Decimal("-8.00")),
        ("MIN", -5, Decimal("132.00"), Decimal("-11.00")),
        ("C62", 1, Decimal("0.00"), Decimal("0.00")),
    ]
    invoice = invoice_of(*lines)
    for guideline in Guideline:
        assert rules(write_xml(invoice, guideline), guideline) == set()


def test_content_comes_back_from_the_database_as_it_was():
    earlier = Earlier("RE-2026-00009", date(2026, 10, 1))
    content = content_of([*S1, billed(3, "correction", -8, "-17.60", corrects=earlier, percent=Decimal("16.00"))])
    assert Content.from_json(content.as_json()) == content
    assert content.references == (earlier,)


@pytest.mark.parametrize(
    ("lines", "kind", "figures"),
    [
        ([("147.40", "19"), ("-17.60", "19")], "invoice", ("129.80", "24.66")),
        ([("17.60", "19"), ("-147.40", "19")], "credit_note", ("129.80", "24.66")),
        ([("100.00", "19"), ("-100.00", "16")], "invoice", ("0.00", "3.00")),
        ([("100.00", "16"), ("-100.00", "19")], "credit_note", ("0.00", "3.00")),
        ([("100.00", "19"), ("-100.00", "19")], "invoice", ("0.00", "0.00")),
        ([("15.40", "19"), ("15.40", "19")], "invoice", ("30.80", "5.85")),
        ([("0.50", "19"), ("-0.55", "16")], "credit_note", ("0.05", "-0.01")),
    ],
)
def test_invoice_or_credit_note(lines, kind, figures):
    """What comes out below zero is credited in positive amounts; the VAT decides where the net is even."""
    rows = [billed(place, "work", 0, net, percent=Decimal(percent)) for place, (net, percent) in enumerate(lines)]
    content = content_of(rows)
    assert (content.type, content.net, content.vat) == (kind, *map(Decimal, figures))
    for guideline in Guideline:
        assert rules(write_xml(invoice_of(*rows), guideline), guideline) == set()


def test_what_customers_type_is_text_and_nothing_else():
    """Order numbers reach the document; markup and signs that XML cannot hold do not break it."""
    nasty = "</ram:Name><ram:Name>&x;\x00\x0b\ud800]]>#[set] $x$ @y \\ ü €"
    invoice = invoice_of(billed(1, "work", 67, "147.40", order_number=nasty, title=nasty), name=f"A {nasty}")
    for guideline in Guideline:
        xml = write_xml(invoice, guideline)
        assert rules(xml, guideline) == set()
        (name,) = etree.fromstring(xml).findall(".//{*}BuyerTradeParty/{*}Name")
        assert name.text == "A </ram:Name><ram:Name>&x;]]>#[set] $x$ @y \\ ü €"
    assert zugferd.write_pdf(invoice).startswith(b"%PDF")


def test_nothing_goes_over_the_network(monkeypatch):
    """The check that comes with factur-x would send the invoice away; nothing here opens a socket."""

    def refuse(*_args, **_kwargs):
        raise AssertionError("a socket was opened")

    for name in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    invoice = invoice_of(*S1)
    for guideline in Guideline:
        assert rules(write_xml(invoice, guideline), guideline) == set()
    assert list(pypdf.PdfReader(io.BytesIO(zugferd.write_pdf(invoice))).attachments) == ["factur-x.xml"]


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("DE02120300000000202051", True),
        ("DE02 1203 0000 0000 2020 51", True),
        ("AT611904300234573201", True),
        ("DE02120300000000202015", False),
        ("DE0212030000000020205", False),
        ("XX02120300000000202051", False),
        ("DE02\u0661203000000002020", False),
        ("", False),
    ],
)
def test_iban(number, right):
    assert is_iban(number) is right


def test_bic_and_vat_ids():
    assert [is_bic(one) for one in ("BYLADEM1001", "BYLADEM1", "BYLADEM", "1YLADEM1001")] == [True, True, False, False]
    assert is_vat_id("DE 123456788", "DE")
    assert is_vat_id("ATU12345675", "AT")
    assert is_vat_id("EL123456789", "GR")
    assert not is_vat_id("AT12345675", "AT")
    assert not is_vat_id("DE12345678", "DE")
    assert not is_vat_id("ATU12345675", "DE")
