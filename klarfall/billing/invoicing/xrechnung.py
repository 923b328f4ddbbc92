"""Rules of XRechnung 3.0 that concern our documents: BR-DE (KoSIT) and the rules of PEPPOL that it takes over.

Each is written anew after the text of the specification; codes are those of the rule book. Attachments, direct debit,
cards, delivery addresses and discounts do not occur in our documents: rules about them refuse them altogether.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from klarfall.billing.invoicing.iban import is_iban

_NS = {
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_AGREEMENT = "//ram:ApplicableHeaderTradeAgreement"
_SETTLEMENT = "//ram:ApplicableHeaderTradeSettlement"
_SELLER, _BUYER = f"{_AGREEMENT}/ram:SellerTradeParty", f"{_AGREEMENT}/ram:BuyerTradeParty"
_CONTACT = f"{_SELLER}/ram:DefinedTradeContact"
_MEANS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans"
_IBAN = f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount/ram:IBANID"
_LINE = "//ram:IncludedSupplyChainTradeLineItem"
_TYPES = {"326", "380", "384", "389", "381", "875", "876", "877"}
_GUIDELINE = re.compile(r"urn:cen\.eu:en16931:2017#compliant#urn:xeinkauf\.de:kosit:xrechnung_3\.\d+")
_MAIL = re.compile(r"[^@\s]{2,}(?<!\.)@(?!\.)[^@\s]{2,}(?<!\.)")
_CREDIT_TRANSFER = {"30", "58"}
_LEAST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed document, asked by XPath."""

    root: Any

    def nodes(self, path: str) -> list[Any]:
        found: list[Any] = self.root.xpath(path, namespaces=_NS)
        return found

    def text(self, path: str) -> str:
        """The first text at a path; empty where there is none."""
        found = self.nodes(path)
        return (found[0].text or "").strip() if found else ""

    def has(self, path: str) -> bool:
        return bool(self.text(path))

    def all_have(self, path: str, child: str) -> bool:
        """Does every node at the path have a text there?"""
        return all(Tree(node).has(child) for node in self.nodes(path))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its code, what it says, and whether a document keeps it."""

    code: str
    says: str
    holds: Callable[[Tree], bool]


def broken_rules(root: Any) -> list[tuple[str, str]]:
    """Code and words of every rule that the document breaks."""
    tree = Tree(root)
    return [(rule.code, rule.says) for rule in RULES if not rule.holds(tree)]


def _needed(code: str, says: str, path: str) -> Rule:
    return Rule(code, says, lambda tree: tree.has(path))


def _never(code: str, says: str, path: str) -> Rule:
    return Rule(code, says, lambda tree: not tree.nodes(path))


def _has_tax_number(tree: Tree) -> bool:
    """Only where a category is used that needs it; O (outside the scope) does not."""
    codes = {node.text for node in tree.nodes(f"{_SETTLEMENT}/ram:ApplicableTradeTax/ram:CategoryCode")}
    return codes <= {"O"} or tree.has(
        f"{_SELLER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA' or @schemeID='FC']"
    )


def _means(tree: Tree) -> str:
    return tree.text(f"{_MEANS}/ram:TypeCode")


def _has_account(tree: Tree) -> bool:
    return _means(tree) not in _CREDIT_TRANSFER or tree.has(_IBAN)


def _iban_is_one(tree: Tree) -> bool:
    return _means(tree) != "58" or is_iban(tree.text(_IBAN))


def _phone_has_digits(tree: Tree) -> bool:
    number = tree.text(f"{_CONTACT}/ram:TelephoneUniversalCommunication/ram:CompleteNumber")
    return sum(sign.isdigit() for sign in number) >= _LEAST_DIGITS


def _mail_is_one(tree: Tree) -> bool:
    return bool(_MAIL.fullmatch(tree.text(f"{_CONTACT}/ram:EmailURIUniversalCommunication/ram:URIID")))


def _corrects_something(tree: Tree) -> bool:
    return tree.text("//rsm:ExchangedDocument/ram:TypeCode") != "384" or bool(
        tree.nodes(f"{_SETTLEMENT}/ram:InvoiceReferencedDocument")
    )


def _has_period(tree: Tree) -> bool:
    return tree.has(f"{_SETTLEMENT}/ram:BillingSpecifiedPeriod/ram:StartDateTime/udt:DateTimeString") or tree.has(
        "//ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString"
    )


def _nothing_is_empty(tree: Tree) -> bool:
    return not tree.nodes("//*[not(*) and not(normalize-space())]")


def _periods(tree: Tree) -> Iterator[tuple[str, str]]:
    for period in tree.nodes(f"{_LINE}//ram:BillingSpecifiedPeriod"):
        inner = Tree(period)
        yield (
            inner.text("ram:StartDateTime/udt:DateTimeString"),
            inner.text("ram:EndDateTime/udt:DateTimeString"),
        )


def _starts_inside(tree: Tree) -> bool:
    first = tree.text(f"{_SETTLEMENT}/ram:BillingSpecifiedPeriod/ram:StartDateTime/udt:DateTimeString")
    return all(start >= first for start, _end in _periods(tree))


def _ends_inside(tree: Tree) -> bool:
    last = tree.text(f"{_SETTLEMENT}/ram:BillingSpecifiedPeriod/ram:EndDateTime/udt:DateTimeString")
    return all(end <= last for _start, end in _periods(tree))


def _lines_add_up(tree: Tree) -> bool:
    """Quantity × price = net of the line, within half a cent of rounding."""
    return all(_line_adds_up(Tree(node)) for node in tree.nodes(_LINE))


def _line_adds_up(line: Tree) -> bool:
    price = ".//ram:NetPriceProductTradePrice"
    quantity, amount = Decimal(line.text(".//ram:BilledQuantity")), Decimal(line.text(f"{price}/ram:ChargeAmount"))
    base = Decimal(line.text(f"{price}/ram:BasisQuantity") or 1)
    net = Decimal(line.text(".//ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"))
    return abs(quantity * amount / base - net) <= Decimal("0.005")


def _bases_are_positive(tree: Tree) -> bool:
    return all(Decimal(node.text) > 0 for node in tree.nodes(f"{_LINE}//ram:BasisQuantity"))


def _units_agree(tree: Tree) -> bool:
    units = ".//ram:BilledQuantity/@unitCode", ".//ram:BasisQuantity/@unitCode"
    return all(len({unit for path in units for unit in Tree(line).nodes(path)}) == 1 for line in tree.nodes(_LINE))


RULES = (
    Rule("BR-DE-1", "Payment instructions (BG-16) are given.", lambda tree: bool(tree.nodes(_MEANS))),
    Rule("BR-DE-2", "A contact of the seller (BG-6) is given.", lambda tree: bool(tree.nodes(_CONTACT))),
    _needed("BR-DE-3", "City of the seller (BT-37).", f"{_SELLER}/ram:PostalTradeAddress/ram:CityName"),
    _needed("BR-DE-4", "Postal code of the seller (BT-38).", f"{_SELLER}/ram:PostalTradeAddress/ram:PostcodeCode"),
    _needed("BR-DE-5", "Name of the seller's contact (BT-41).", f"{_CONTACT}/ram:PersonName"),
    _needed(
        "BR-DE-6", "Telephone of the seller's contact (BT-42).",
        f"{_CONTACT}/ram:TelephoneUniversalCommunication/ram:CompleteNumber",
    ),
    _needed(
        "BR-DE-7", "E-mail of the seller's contact (BT-43).", f"{_CONTACT}/ram:EmailURIUniversalCommunication/ram:URIID"
    ),
    _needed("BR-DE-8", "City of the buyer (BT-52).", f"{_BUYER}/ram:PostalTradeAddress/ram:CityName"),
    _needed("BR-DE-9", "Postal code of the buyer (BT-53).", f"{_BUYER}/ram:PostalTradeAddress/ram:PostcodeCode"),
    _never("BR-DE-10", "No delivery address (BG-15).", "//ram:ShipToTradeParty"),
    Rule(
        "BR-DE-14", "A VAT rate (BT-119) for every category.",
        lambda tree: tree.all_have(f"{_SETTLEMENT}/ram:ApplicableTradeTax", "ram:RateApplicablePercent"),
    ),
    _needed("BR-DE-15", "Buyer reference (BT-10).", f"{_AGREEMENT}/ram:BuyerReference"),
    Rule("BR-DE-16", "VAT id or tax number of the seller (BT-31, BT-32).", _has_tax_number),
    Rule(
        "BR-DE-17", "A type of document of the list (BT-3).",
        lambda tree: tree.text("//rsm:ExchangedDocument/ram:TypeCode") in _TYPES,
    ),
    Rule(
        "BR-DE-18", "No discount in the payment terms (BT-20).",
        lambda tree: "#" not in tree.text(f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:Description"),
    ),
    Rule("BR-DE-19", "The account (BT-84) is an IBAN for a SEPA credit transfer.", _iban_is_one),
    _never("BR-DE-20", "No direct debit (BG-19).", f"{_MEANS}/ram:PayerPartyDebtorFinancialAccount"),
    Rule(
        "BR-DE-21", "The guideline (BT-24) is that of XRechnung 3.",
        lambda tree: bool(
            _GUIDELINE.fullmatch(tree.text("//ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"))
        ),
    ),
    _never("BR-DE-22", "No attachments (BG-24).", f"{_AGREEMENT}/ram:AdditionalReferencedDocument"),
    Rule("BR-DE-23-a", "An account (BG-17) for a credit transfer.", _has_account),
    _never("BR-DE-23-b", "No payment card (BG-18).", f"{_MEANS}/ram:ApplicableTradeSettlementFinancialCard"),
    Rule("BR-DE-26", "A corrected invoice names the one before (BG-3).", _corrects_something),
    Rule("BR-DE-27", "The telephone number (BT-42) has at least three digits.", _phone_has_digits),
    Rule("BR-DE-28", "The e-mail address (BT-43) is one.", _mail_is_one),
    Rule("BR-DE-TMP-32", "A delivery date or a service period (BG-14).", _has_period),
    _needed(
        "PEPPOL-EN16931-R001", "Business process (BT-23).",
        "//ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"
    ),
    Rule("PEPPOL-EN16931-R008", "No element is empty.", _nothing_is_empty),
    _needed(
        "PEPPOL-EN16931-R010", "Electronic address of the buyer (BT-49).",
        f"{_BUYER}/ram:URIUniversalCommunication/ram:URIID",
    ),
    _needed(
        "PEPPOL-EN16931-R020", "Electronic address of the seller (BT-34).",
        f"{_SELLER}/ram:URIUniversalCommunication/ram:URIID",
    ),
    Rule(
        "PEPPOL-EN16931-R053", "One VAT total (BT-110).",
        lambda tree: len(tree.nodes(f"{_SETTLEMENT}//ram:TaxTotalAmount")) == 1,
    ),
    Rule("PEPPOL-EN16931-R110", "Lines begin inside the period of the document.", _starts_inside),
    Rule("PEPPOL-EN16931-R111", "Lines end inside the period of the document.", _ends_inside),
    Rule("PEPPOL-EN16931-R120", "Quantity × price is the net of the line.", _lines_add_up),
    Rule("PEPPOL-EN16931-R121", "The base quantity of a price is positive.", _bases_are_positive),
    Rule("PEPPOL-EN16931-R130", "Quantity and base quantity have the same unit.", _units_agree),
)  # fmt: skip
