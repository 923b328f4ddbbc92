"""The columns of the tables that can be imported: headings, meaning, and what may stand there.

Headings and words belong to the form of the files: they do not follow the terms that a house chooses for its pages.
`docs/import.md` describes them; a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from klarfall.transfer.imports.cells import Meaning, amount, day, one_of, parts, plain, some_of, yes_or_no
from klarfall.transfer.models import ImportKind

_POLICIES = {
    "jede Ansprechperson": "every_contact",
    "benannte Personen": "named",
    "every contact": "every_contact",
    "named people": "named",
}
_REGISTRATION = {
    "automatisch": "automatic",
    "Administration des Unternehmens": "customer_admin",
    "Fachkraft": "specialist",
    "nur Einladung": "invitation",
    "automatic": "automatic",
    "customer admin": "customer_admin",
    "specialist": "specialist",
    "invitation only": "invitation",
}
_ROLES = {
    "Anfragen": "requester",
    "Kostenfreigabe": "cost_release",
    "Administration": "customer_admin",
    "Rechnungen": "billing_viewer",
    "requester": "requester",
    "cost release": "cost_release",
    "customer admin": "customer_admin",
    "billing viewer": "billing_viewer",
}
_SIGHT = {"eigene": "own", "alle": "all", "own": "own", "all": "all"}
_LANGUAGES = {"Deutsch": "de", "Englisch": "en", "German": "de", "English": "en"}
_KINDS = {
    "Wartungsvertrag": "maintenance",
    "Servicevertrag": "service",
    "maintenance contract": "maintenance",
    "service contract": "service",
}
_CHANNELS = {
    "Portal": "portal",
    "Telefon": "phone",
    "E-Mail": "email",
    "Fernwartung": "remote",
    "phone": "phone",
    "remote session": "remote",
}


@dataclass(frozen=True)
class Column:
    """A column of a table. `needed`: of every line; `first`: of lines that add something. `empty`: what "-" gives."""

    name: str
    de: str
    en: str
    about: str | Promise
    example: str = ""
    read: Meaning = plain
    words: Mapping[str, str] = field(default_factory=dict)
    needed: bool = False
    first: bool = False
    empty: Any = ""

    @property
    def is_list(self) -> bool:
        """May several words stand in one cell?"""
        return isinstance(self.empty, tuple)

    @property
    def may_be_emptied(self) -> bool:
        return not (self.needed or self.first)

    def heading(self, language: str) -> str:
        """Its heading in a language."""
        return self.de if language == "de" else self.en

    def choices(self, language: str) -> list[str]:
        """The words that may stand there, in a language: the first half of them are German, the others English."""
        found = list(self.words)
        half = len({*self.words.values()})
        return found[:half] if language == "de" else [_english(self.words, code) for code in self.words.values()][:half]


def _english(words: Mapping[str, str], code: str) -> str:
    return [word for word, meant in words.items() if meant == code][-1]


_CUSTOMER = Column(
    "customer", "Kundennummer", "Customer number", _("Number of the customer, as in your books"), "10023", needed=True
)

_CUSTOMERS = (
    Column("number", "Kundennummer", "Customer number", _("By it a customer is found again"), "10023", needed=True),
    Column("name", "Name", "Name", _("Name of the company"), "Muster Hausverwaltung GmbH", first=True),
    Column(
        "mail_domains", "E-Mail-Domains", "Mail domains",
        _("Domains of the company's own mail addresses, with commas in between"),
        "muster-hv.example, muster-hv.de.example", parts, empty=(),
    ),
    Column("street", "Straße", "Street", _("Street and number"), "Ringstraße 5"),
    Column("postal_code", "PLZ", "Postal code", _("Postal code"), "04109"),
    Column("city", "Ort", "City", _("City"), "Leipzig"),
    Column("country", "Land", "Country", _("Two letters; DE when left out"), "DE", empty="DE"),
    Column("vat_id", "USt-IdNr.", "VAT id", _("VAT id, checked by its form"), ""),
    Column("billing_email", "Rechnungs-E-Mail", "Billing e-mail", _("Where invoices go"), "rechnung@muster-hv.example"),
    Column("buyer_reference", "Käuferreferenz", "Buyer reference", _("Buyer reference (Leitweg-ID) of public bodies")),
    Column("dpa_reference", "AVV", "DPA", _("Reference of the data processing agreement"), "AVV-2024-17"),
    Column("dpa_date", "AVV vom", "DPA of", _("Day of the data processing agreement"), "15.01.2024", day, empty=None),
    Column(
        "release_policy", "Kostenentscheidung", "Cost decisions", _("Who of the company decides about costs"),
        "jede Ansprechperson", one_of(_POLICIES), _POLICIES, empty="every_contact",
    ),
    Column(
        "registration_policy", "Registrierung", "Registration", _("Who lets people of the company in"),
        "Fachkraft", one_of(_REGISTRATION), _REGISTRATION, empty="specialist",
    ),
)  # fmt: skip

_CONTACTS = (
    _CUSTOMER,
    Column(
        "email", "E-Mail", "E-mail", _("By it the person is found again, also with several customers"),
        "erika.muster@muster-hv.example", needed=True,
    ),
    Column(
        "name", "Name", "Name", _("First and last name; who has an account keeps theirs"), "Erika Muster", first=True
    ),
    Column("phone", "Telefon", "Phone", _("Telephone"), "+49 341 123456"),
    Column(
        "roles", "Rollen", "Roles", _("Roles, with commas in between; the first one when left out"),
        "Anfragen, Kostenfreigabe", some_of(_ROLES), _ROLES, empty=("requester",),
    ),
    Column(
        "release_limit", "Freigabe bis Betrag", "Release limit", _("Limit (net, per concern) of the role cost release"),
        "1.500,00", amount, empty=None,
    ),
    Column("release_from", "Freigabe ab", "Release from", _("First day of cost release"), "", day, empty=None),
    Column("release_to", "Freigabe bis Tag", "Release until", _("Last day of cost release"), "", day, empty=None),
    Column(
        "visibility", "Sicht", "Visibility", _("Whether they see their own only, or all of the company"), "eigene",
        one_of(_SIGHT), _SIGHT, empty="own",
    ),
    Column(
        "language", "Sprache", "Language", _("For new people only; later they choose it themselves"), "Deutsch",
        one_of(_LANGUAGES), _LANGUAGES, empty="de",
    ),
)  # fmt: skip

_CONTRACTS = (
    Column(
        "number", "Vertragsnummer", "Contract number",
        _("By it the contract is found again; one line for each product under it"), "W-2024-0815", needed=True,
    ),
    Column(
        "customer", "Kundennummer", "Customer number", _("Number of the customer, as in your books"), "10023",
        first=True,
    ),
    Column(
        "kind", "Art", "Kind", _("Kind of the contract"), "Wartungsvertrag", one_of(_KINDS), _KINDS, first=True
    ),
    Column("title", "Bezeichnung", "Title", _("Its own name; that of its kind when left out"), "Wartung Premium"),
    Column("starts_on", "Beginn", "Begins on", _("First day"), "01.01.2024", day, first=True),
    Column("ends_on", "Ende", "Ends on", _("Last day; open when left out"), "31.12.2027", day, empty=None),
    Column(
        "terminated", "Gekündigt", "Terminated", _("yes: not in force any more, whatever the days say"), "nein",
        yes_or_no, empty=False,
    ),
    Column("product", "Produkt", "Product", _("Code or name of the product; without it only the contract is meant")),
    Column(
        "calendar", "Servicezeiten", "Service hours",
        _("Name of the service hours; those of the product when left out"),
    ),
    Column(
        "channels", "Kontaktwege", "Ways of contact",
        _("With commas in between; all when left out, the first one always"),
        "Portal, Telefon, E-Mail", some_of(_CHANNELS), _CHANNELS, empty=("portal",),
    ),
)  # fmt: skip

_VERSIONS = (
    _CUSTOMER,
    Column("product", "Produkt", "Product", _("Code or name of the product"), needed=True),
    Column("version", "Version", "Version", _("Name of the version, as it stands at the product"), needed=True),
    Column("since", "Seit", "Since", _("Day from which on the customer runs it"), "01.03.2026", day, needed=True),
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    ImportKind.CUSTOMERS: _CUSTOMERS,
    ImportKind.CONTACTS: _CONTACTS,
    ImportKind.CONTRACTS: _CONTRACTS,
    ImportKind.VERSIONS: _VERSIONS,
}
