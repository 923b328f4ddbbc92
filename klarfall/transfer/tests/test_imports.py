"""Imports: what a dry run says, what is written, what is left alone, and that a second time changes nothing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klarfall.accounts.models import Kind, User
from klarfall.channels.models import Notice
from klarfall.contracts.models import Contract, ContractLine, InstalledVersion
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.customers.models import Contact, Customer, Invitation
from klarfall.transfer.actions import imports
from klarfall.transfer.imports.columns import COLUMNS
from klarfall.transfer.models import ImportedContact
from klarfall.transfer.tests.tables import NOW, as_csv, as_xlsx, counts, fresh, imported, problems, taken_in
from tests.cast import make_staff
from tests.queue import run_jobs, waiting_jobs

NOTHING = {"added": 0, "changed": 0, "unchanged": 0, "skipped": 0}
CUSTOMERS = ["Kundennummer", "Name", "E-Mail-Domains", "PLZ", "Ort", "AVV vom", "AVV"]
CONTACTS = ["Kundennummer", "E-Mail", "Name", "Rollen", "Freigabe bis Betrag", "Telefon"]
CONTRACTS = ["Vertragsnummer", "Kundennummer", "Art", "Beginn", "Produkt", "Kontaktwege"]
VERSIONS = ["Kundennummer", "Produkt", "Version", "Seit"]


@pytest.fixture
def admin(cast):
    with viewing_as(SYSTEM):
        return make_staff("Ada", "administrator")


@pytest.fixture
def rows(system):
    """Tests read as the system does."""


def customer(number):
    return Customer.objects.get(number=number)


def test_customers_are_added_changed_and_left_as_they_are(admin, rows):
    first = imported(
        "customers",
        as_csv(CUSTOMERS, ["10", "Zehn", "@Zehn.example, bücher.example", "1067", "Köln", "15.01.2024", "A-1"]),
        admin,
    )
    assert (first.stage, counts(first)) == ("done", NOTHING | {"added": 1})
    ten = customer("10")
    assert (ten.name, ten.mail_domains, ten.postal_code, ten.dpa_date, ten.country) == (
        "Zehn", ["zehn.example", "xn--bcher-kva.example"], "01067", date(2024, 1, 15), "DE",
    )  # fmt: skip
    second = imported("customers", as_csv(["Customer number", "City", "DPA of"], ["10", "", "-"]), admin)
    assert counts(second) == NOTHING | {"changed": 1}
    ten = customer("10")
    assert (ten.city, ten.dpa_date, ten.dpa_reference) == ("Köln", None, "A-1")
    third = imported("customers", as_xlsx(["Ortsteil", "Kundennummer", "Ort"], ["?", 10, "Köln"]), admin)
    assert (third.unknown_columns, counts(third)) == (["Ortsteil"], NOTHING | {"unchanged": 1})


def test_every_row_that_is_skipped_says_where_and_why(admin, rows):
    table = as_csv(
        CUSTOMERS,
        ["10", "Zehn", "", "", "", "", ""],
        ["11", "", "", "", "", "", ""],
        ["", "Ohne", "", "", "", "", ""],
        ["10", "Noch einmal", "", "", "", "", ""],
        ["12", "Zwölf", "gmx.de", "", "", "", ""],
        ["13", "Dreizehn", "no domain", "", "", "", ""],
        ["14", "Vierzehn", "", "", "", "31.02.2024", "A"],
        ["15", "Fünfzehn", "", "", "", "01.02.2024", ""],
        ["16", "#N/A", "", "", "", "", ""],
        ["17", "x" * 201, "", "", "", "", ""],
    )
    run = taken_in("customers", table, admin)
    assert (run.stage, run.rows, counts(run)) == ("checked", 10, NOTHING | {"added": 1, "skipped": 9})
    assert [(line, column) for line, column, _reason in problems(run)] == [
        (3, "Name"), (4, "Customer number"), (5, ""), (6, "Mail domains"), (7, "Mail domains"), (8, "DPA of"),
        (9, "DPA"), (10, "Name"), (11, "Name"),
    ]  # fmt: skip
    assert all(reason for _line, _column, reason in problems(run))
    assert problems(run)[2][2] == "The same stands in line 2 already."
    assert not Customer.objects.filter(number="10").exists()


def test_a_dry_run_changes_nothing_but_the_run(admin, rows):
    before = {model: model.objects.count() for model in (Customer, Contact, User, AuditEntry, Contract)}
    taken_in("contacts", as_csv(CONTACTS, ["100", "neu@acme.example", "Neu", "", "", ""]), admin)
    taken_in("customers", as_csv(CUSTOMERS, ["77", "Neu", "", "", "", "", ""]), admin)
    assert {model: model.objects.count() for model in before} == before


@pytest.mark.parametrize(
    ("head", "words"),
    [(["Name"], "Kundennummer"), (["Kundennummer", "Name", "name"], "twice"), (["x"], "Missing")],
)
def test_a_heading_that_cannot_be_understood_is_refused_as_a_whole(admin, rows, head, words):
    run = taken_in("customers", as_csv(head, ["1"] * len(head)), admin)
    assert run.stage == "failed"
    assert words in run.problem
    assert run.file_key == ""


def test_contacts_find_their_person_and_nobody_is_written_to(cast, admin, rows):
    number, other = cast.acme.number, cast.borealis.number
    table = as_csv(
        CONTACTS,
        [number, "Neu@Acme.example", "Nele Neu", "Anfragen, Kostenfreigabe", "1.500,00", "'+49 30 1"],
        [other, "neu@acme.example", "", "", "", ""],
        [other, cast.bernd.user.email.upper(), "", "", "", ""],
        [number, cast.anna.email, "Anna", "", "", ""],
        [number, cast.astrid.user.email, "", "Anfragen", "", ""],
        ["4711", "x@acme.example", "X", "", "", ""],
        [number, "limit@acme.example", "L", "Anfragen", "100", ""],
        [number, "no-limit@acme.example", "L", "Kostenfreigabe", "", ""],
    )
    with viewing_as(SYSTEM):
        cast.astrid.user.set_password("a long and good password")
        cast.astrid.user.save()
    waiting = len(waiting_jobs())
    run = imported("contacts", table, admin)
    assert counts(run) == NOTHING | {"added": 3, "skipped": 5}
    assert [(line, column) for line, column, _reason in problems(run)] == [
        (5, "E-mail"), (6, "Release limit"), (7, "Customer number"), (8, "Release limit"), (9, "Release limit"),
    ]  # fmt: skip
    nele = User.objects.get(email="neu@acme.example")
    assert (nele.name, nele.kind, nele.has_usable_password()) == ("Nele Neu", Kind.CONTACT, False)
    contact = Contact.objects.get(user=nele, customer=cast.acme)
    assert (contact.roles, contact.release_limit, contact.phone) == (
        ["cost_release", "requester"], Decimal("1500"), "+49 30 1",
    )  # fmt: skip
    assert customer(number).release_policy == "named"
    assert Contact.objects.filter(user=nele).count() == 2
    assert Contact.objects.filter(user=cast.bernd.user).count() == 2
    assert (len(waiting_jobs()), Notice.objects.count(), mail.outbox) == (waiting, 0, [])
    assert not Invitation.objects.exists()


def test_people_are_invited_when_asked_and_each_once(cast, admin, rows, monkeypatch):
    monkeypatch.setattr("klarfall.transfer.imports.running._INVITED_AT_ONCE", 2)
    number, other = cast.acme.number, cast.borealis.number
    people = [[number, f"p{n}@acme.example", f"Person {n}", "", "", ""] for n in range(5)]
    both = [other, "p0@acme.example", "", "", "", ""]
    run = imported("contacts", as_csv(CONTACTS, *people, both), admin)
    assert imports.invite_imported(run, actor=admin, now=NOW) == 5
    Contact.objects.filter(user__email="p4@acme.example").update(is_active=False)
    run_jobs(imports.INVITE)
    assert Invitation.objects.count() == 4
    assert ImportedContact.objects.filter(run=run).count() == 6
    with pytest.raises(imports.ImportRefused):
        imports.invite_imported(run, actor=admin, now=NOW)


def test_who_has_an_account_keeps_the_name(cast, admin, rows):
    User.objects.filter(pk=cast.clara.user_id).update(password="md5$x$y")
    User.objects.filter(pk=cast.bernd.user_id).update(password="!none")
    table = as_csv(
        CONTACTS,
        [cast.borealis.number, cast.clara.user.email, "Anders", "", "", ""],
        [cast.acme.number, cast.clara.user.email, "", "", "", ""],
        [cast.acme.number, cast.bernd.user.email, "Anders", "", "", ""],
    )
    assert counts(imported("contacts", table, admin)) == NOTHING | {"unchanged": 1, "added": 1, "changed": 1}
    assert [User.objects.get(pk=one.user_id).name for one in (cast.clara, cast.bernd)] == ["Clara", "Anders"]


def test_one_person_has_one_name(cast, admin, rows):
    table = as_csv(
        CONTACTS,
        [cast.acme.number, "neu@acme.example", "Nele", "", "", ""],
        [cast.borealis.number, "neu@acme.example", "Nora", "", "", ""],
    )
    assert problems(taken_in("contacts", table, admin)) == [
        (3, "Name", "Line 2 gives the person with this address another name.")
    ]


def test_contracts_take_a_line_for_each_product(cast, admin, rows):
    number, erp, other = cast.acme.number, cast.erp.code, cast.other.name
    table = as_csv(
        CONTRACTS,
        ["W-1", number, "Wartungsvertrag", "01.01.2024", erp, "Telefon"],
        ["W-1", "", "", "", other.upper(), ""],
        ["W-1", number, "Servicevertrag", "", erp, ""],
        ["W-2", cast.borealis.number, "service contract", "2024-01-01", "", ""],
        ["W-3", number, "", "2024-01-01", "", ""],
        ["W-4", number, "Servicevertrag", "2024-01-01", "unbekannt", ""],
        ["W-2", "", "", "", cast.erp.name, ""],
    )
    run = imported("contracts", table, admin)
    assert (counts(run), [(line, column) for line, column, _ in problems(run)]) == (
        NOTHING | {"added": 4, "skipped": 3}, [(4, ""), (6, "Kind"), (7, "Product")],
    )  # fmt: skip
    lines = ContractLine.objects.filter(contract__number="W-1").order_by("pk")
    assert [(one.product, one.channels, one.calendar) for one in lines] == [
        (cast.erp, ["portal", "phone"], cast.calendar),
        (cast.other, ["portal", "phone", "email", "remote"], cast.calendar),
    ]
    again = imported(
        "contracts", as_csv(["Contract number", "Product", "Terminated"], ["W-1", erp, "ja"], ["W-1", other, ""]), admin
    )
    assert counts(again) == NOTHING | {"changed": 1, "unchanged": 1}
    assert Contract.objects.get(number="W-1").terminated
    foreign = taken_in("contracts", as_csv(CONTRACTS[:2], ["W-1", cast.borealis.number]), admin)
    assert problems(foreign) == [(2, "Customer number", "The contract of this number belongs to another customer.")]


def test_a_line_that_is_skipped_changes_nothing_of_its_contract(cast, admin, rows):
    imported("contracts", as_csv(CONTRACTS, ["W-1", cast.acme.number, "Wartungsvertrag", "01.01.2024", "", ""]), admin)
    table = as_csv(["Vertragsnummer", "Gekündigt", "Produkt"], ["W-1", "ja", "unbekannt"], ["W-1", "ja", ""])
    run = imported("contracts", table, admin)
    assert counts(run) == NOTHING | {"changed": 1, "skipped": 1}
    assert Contract.objects.get(number="W-1").terminated


def test_installed_versions(cast, admin, rows):
    version, number = cast.erp.versions.get(), cast.acme.number
    table = as_csv(
        VERSIONS,
        [number, cast.erp.code, version.name, "2026-02-01"],
        [number, cast.erp.name, version.name, "01.02.2026"],
        [number, cast.erp.code, "99.9", "2026-03-01"],
        [number, cast.erp.code, version.name, "2031-03-01"],
    )
    run = imported("versions", table, admin)
    assert (counts(run), [(line, column) for line, column, _ in problems(run)]) == (
        NOTHING | {"added": 1, "skipped": 3}, [(3, ""), (4, "Version"), (5, "Since")],
    )  # fmt: skip
    assert InstalledVersion.objects.get().since == date(2026, 2, 1)


def test_formulas_are_data(admin, rows):
    imported("customers", as_csv(CUSTOMERS, ["10", '=HYPERLINK("http://x";"y")', "", "", "@SUM(1)", "", ""]), admin)
    assert (customer("10").name, customer("10").city) == ('=HYPERLINK("http://x";"y")', "@SUM(1)")


def test_what_is_over_leaves_no_file_and_one_entry_in_the_trail(admin, rows, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run = taken_in("customers", as_csv(CUSTOMERS, ["10", "Zehn", "", "", "", "", ""]), admin)
        key = run.file_key
        assert default_storage.exists(key)
        imports.confirm(run, actor=admin, now=NOW)
        run_jobs(imports.WRITE)
    assert not default_storage.exists(key)
    entry = AuditEntry.objects.filter(verb="import.done").get()
    assert entry.data == {
        "kind": "customers", "file": run.file_hash, "rows": 1, "added": 1, "changed": 0, "unchanged": 0, "skipped": 0,
    }  # fmt: skip
    assert entry.actor == admin
    with pytest.raises(imports.ImportRefused):
        imports.confirm(run, actor=admin, now=NOW)
    with pytest.raises(imports.ImportRefused):
        imports.discard(run, actor=admin, now=NOW)


def test_a_table_can_be_discarded(admin, rows):
    run = taken_in("customers", as_csv(CUSTOMERS, ["10", "Zehn", "", "", "", "", ""]), admin)
    imports.discard(run, actor=admin, now=NOW)
    assert (fresh(run).stage, fresh(run).file_key) == ("discarded", "")
    assert not Customer.objects.filter(number="10").exists()


def test_specialists_import_nothing(cast, admin, rows):
    with pytest.raises(NotAllowed):
        taken_in("customers", as_csv(CUSTOMERS, ["10", "Zehn", "", "", "", "", ""]), cast.anna)


_CELLS = {
    "number": st.sampled_from(["10", "11", "A-1", "a-1", "bad number", ""]),
    "customer": st.sampled_from(["10", "11", "404", ""]),
    "email": st.sampled_from(["a@x.example", "B@x.example", "bernd@acme.example", "no address"]),
    "kind": st.sampled_from(["Wartungsvertrag", "service contract", "?"]),
    "mail_domains": st.sampled_from(["", "-", "x.example, y.example", "gmx.de"]),
    "roles": st.sampled_from(["", "-", "Anfragen, Rechnungen", "Kostenfreigabe"]),
    "release_limit": st.sampled_from(["", "-", "100", "1.234,50", "0"]),
    "product": st.sampled_from(["", "404"]),
}
_DAYS = st.sampled_from(["", "-", "01.02.2024", "2026-02-01", "31.02.2026"])
_TEXTS = st.sampled_from(["", "-", "=1+1", "'+49", " Ä  ö ", "x" * 130, "DE", "ja", "eigene", "Deutsch"])


def tables(kind):
    """Tables of a kind whose cells are mostly possible."""
    cells = [
        _CELLS.get(one.name, _DAYS if one.name.endswith(("_on", "_from", "_to", "_date")) else _TEXTS)
        for one in COLUMNS[kind]
    ]
    return st.lists(st.tuples(*cells).filter(any), min_size=1, max_size=6)


@pytest.mark.parametrize("kind", ["customers", "contacts", "contracts"])
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_table_twice_changes_nothing_the_second_time(admin, rows, kind, data):
    found = data.draw(tables(kind))
    Customer.objects.get_or_create(number="10", defaults={"name": "Zehn"})
    table = as_csv([one.de for one in COLUMNS[kind]], *found)
    first = imported(kind, table, admin)
    assert sum(counts(first).values()) == len(found) == first.rows
    again = imported(kind, table, admin)
    assert (again.added, again.changed, again.skipped) == (0, 0, first.skipped)
    assert again.unchanged == first.added + first.changed + first.unchanged


@given(found=tables("customers"))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_dry_run_says_what_the_import_does(admin, rows, found):
    table = as_csv([one.de for one in COLUMNS["customers"]], *found)
    told = taken_in("customers", table, admin)
    assert counts(imported("customers", table, admin)) == counts(told)


def test_tables_nobody_decides_about_go(admin, rows):
    run = taken_in("customers", as_csv(CUSTOMERS, ["10", "Zehn", "", "", "", "", ""]), admin)
    system = User.objects.system()
    assert imports.discard_old(actor=system, now=NOW + timedelta(days=13)) == 0
    assert imports.discard_old(actor=system, now=NOW + timedelta(days=14)) == 1
    assert fresh(run).stage == "discarded"
