"""The page of costs: who sees it and what it shows of whom; the page of a request, invoices and records with it."""

import html
import re

import pytest

from klarfall.accounts.permissions import PERMISSIONS
from klarfall.billing.actions import service_records
from klarfall.billing.tests import invoice_steps
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.portal.tests.cost_steps import PLAIN, SECRET, page, shown_in, table, work
from tests.cast import berlin, make_contact
from tests.test_isolation import rows, sight

pytestmark = pytest.mark.django_db


# --- Who ---

MAY = {"astrid", "vera", "valentin", "gesa", "bruno"}


def test_the_page_exists_for_those_who_may_see_costs(bills, people, browser_of):
    for name, contact in people.items():
        client = browser_of(contact)
        expected = 200 if name in MAY else 404
        for path in ("/costs/", "/costs/?show=offers", "/costs/table/?show=bills"):
            assert client.get(path).status_code == expected, (name, path)
        assert ('href="/costs/"' in client.get("/").content.decode()) == (name in MAY), name


def test_the_page_and_the_table_of_permissions_agree(people, cast):
    """The page asks the seats, so that it needs no query; the roles must mean the same."""
    for name, contact in people.items():
        assert bool(contact.role_codes & PERMISSIONS["costs.view"]) == (name in MAY), name


def test_staff_and_strangers_have_no_such_page(bills, cast, browser_of, client):
    assert browser_of(cast.anna).get("/costs/").status_code == 404
    assert client.get("/costs/").status_code == 302


def test_cost_release_that_is_over_sees_no_costs(bills, people, browser_of):
    with viewing_as(SYSTEM):
        type(people["astrid"]).objects.filter(pk=people["astrid"].pk).update(release_to="2027-01-03")
    assert browser_of(people["astrid"]).get("/costs/").status_code == 404
    with viewing_as(SYSTEM):
        type(people["astrid"]).objects.filter(pk=people["astrid"].pk).update(release_to="2027-01-04")
    assert browser_of(people["astrid"]).get("/costs/").status_code == 200


# --- What of whom ---

TITLES = {"astrid": {PLAIN, SECRET}, "vera": set(), "valentin": {PLAIN}, "gesa": {PLAIN, SECRET}, "bruno": set()}


def test_nobody_reads_the_title_of_a_request_that_is_not_theirs_to_see(bills, people, browser_of):
    found, expected = {}, {}
    for name in ("astrid", "vera", "valentin", "gesa"):
        for show in ("bills", "offers", "running", "records", "invoices"):
            found[name, show] = shown_in(page(browser_of, people[name], f"?show={show}"))
            is_first = name == "astrid" and show == "invoices"  # she has no invoices: the first section answers
            expected[name, show] = TITLES[name] if show in ("bills", "offers", "running") or is_first else set()
        for show in ("bills", "offers"):
            titles = {row["Titel"] for row in table(browser_of, people[name], f"?show={show}")}
            assert titles - {""} == TITLES[name], (name, show)
    assert found == expected


@pytest.mark.parametrize("name", ["vera", "valentin"])
def test_a_billing_viewer_sees_amount_and_number_of_a_hidden_request_and_no_more(name, bills, people, browser_of):
    found = page(browser_of, people[name], "?period=2026-11")
    number = bills["tickets"]["secret"].number
    assert f"KF-{number}" in found.replace("KF-\u2060", "KF-")
    assert "66,00 €" in found  # 20 minutes, rounded to 30 at 132
    assert f"/requests/{number}/" not in found
    people_named = found.partition('<ul class="list bills">')[2].partition("</ul>")[0]
    assert "Bernd" not in people_named
    (row,) = [row for row in table(browser_of, people[name], "?period=2026-11") if row["Art"] == "Arbeit"]
    assert (row["Anfrage"], row["Titel"], row["Entschieden von"], row["Netto"]) == (f"KF-{number}", "", "", "44,00")


def test_what_a_filter_asks_about_a_hidden_request_stays_unanswered(bills, people, browser_of, cast):
    """The product or person of a request that one may not see must not be guessed by filtering."""
    for query in (f"?period=2026-11&person={cast.bernd.pk}", f"?period=2026-11&product={cast.erp.code}"):
        assert "66,00 €" not in page(browser_of, people["vera"], query)
        assert table(browser_of, people["vera"], query) == []
        assert "66,00 €" in page(browser_of, people["gesa"], query)


def test_another_company_sees_only_its_own(bills, people, browser_of):
    found = page(browser_of, people["bruno"])
    assert shown_in(found) == {"Inventur Borealis"}
    assert str(bills["tickets"]["plain"].number) not in found
    acme = people["bernd"].customer_id
    for query in (f"?customer={acme}", f"?person={people['bernd'].pk}", f"?show=offers&person={people['astrid'].pk}"):
        again = page(browser_of, people["bruno"], query)
        assert shown_in(again) == {"Inventur Borealis"}
        assert not {"Bernd", "Astrid", "Acme"} & set(re.findall(r"\w+", again.partition("<main")[2]))


def test_a_requester_elsewhere_sees_no_costs_of_that_company(bills, people, browser_of, cast):
    """Astrid asks for Borealis too and sees all its requests: their bills stay with those who may see costs there."""
    make_contact("Astrid", cast.borealis, visibility="all")
    with viewing_as(SYSTEM):
        row = type(cast.bernd).objects.get(user__name="Astrid", customer=cast.borealis)
        type(row).objects.filter(pk=row.pk).update(user=cast.astrid.user)
    found = page(browser_of, cast.astrid)
    assert shown_in(found) == {PLAIN, SECRET}
    assert browser_of(cast.astrid).get(f"/requests/{bills['tickets']['clara'].number}/").status_code == 200


def test_somebody_of_two_companies_sees_which_is_which(bills, people, browser_of, cast):
    with viewing_as(SYSTEM):
        contact = type(cast.bernd).objects.create(
            customer=cast.borealis, user=people["gesa"].user, roles=["billing_viewer"]
        )
    found = page(browser_of, contact)
    assert shown_in(found) == {PLAIN, SECRET}  # at Borealis Gesa sees bills, not requests
    assert "Acme" in found
    assert "Borealis" in found
    only = page(browser_of, contact, f"?customer={cast.borealis.pk}")
    assert shown_in(only) == set()
    assert f"KF-{bills['tickets']['clara'].number}" in only.replace("KF-\u2060", "KF-")
    assert {row["Unternehmen"] for row in table(browser_of, contact)} == {"Acme", "Borealis"}


def test_plain_sql_of_a_billing_viewer_finds_lines_but_not_their_requests(bills, people):
    secret = bills["tickets"]["secret"]
    lines = f"SELECT count(*) FROM billing_billingline WHERE ticket_id = {secret.pk}"
    names = "SELECT number, ticket_number FROM public_billed_offer ORDER BY number"
    with viewing_as(sight(people["vera"])):
        assert rows(lines)[0][0] == 2
        assert rows("SELECT 1 FROM tickets_ticket") == []
        assert rows("SELECT 1 FROM billing_costoffer") == []
        assert [number for number, _of in rows(names)] == [bills["offers"][one].number for one in ("plain", "secret")]
    for name, numbers in {"clara": 0, "emil": 0, "bernd": 0, "astrid": 0, "bruno": 1}.items():
        with viewing_as(sight(people[name])):
            assert len(rows(names)) == numbers, name
            assert rows(lines)[0][0] == (2 if name in ("bernd", "astrid") else 0), name


# --- The page of a request, and the files of invoices ---


def test_the_page_of_a_request_says_what_of_it_was_billed(bills, people, browser_of, cast):
    number = bills["tickets"]["plain"].number
    for name, link in {"bernd": False, "emil": False, "astrid": True, "gesa": True}.items():
        answer = browser_of(people[name]).get(f"/requests/{number}/")
        found = html.unescape(answer.content.decode()).replace("\u00a0", " ")
        assert "Oktober 2026" in found, name
        assert "132,00 € netto" in found, name
        assert ("Zu den Kosten" in found) == link, name
    other = browser_of(people["gesa"]).get(f"/requests/{bills['tickets']['secret'].number}/").content.decode()
    assert "Oktober 2026" not in other


def test_invoices_are_for_who_sees_all_costs_of_the_company(cast, people, make_ticket, browser_of, clock):
    work(cast, make_ticket(now=berlin("2026-11-10 08:00")), "2026-11-10", 47)
    clock.set("2027-01-04 12:00")
    invoice_steps.ready(cast)
    (invoice,) = invoice_steps.written()
    address = f"/invoices/{invoice.serial}"
    for name, contact in people.items():
        client, may = browser_of(contact), name in ("vera", "valentin", "gesa")
        for form in ("pdf", "xml"):
            answer = client.get(f"{address}/{form}/")
            assert answer.status_code == (200 if may else 404), (name, form)
        assert client.get(f"{address}/html/").status_code == 404
        assert client.get(f"/invoices/{invoice.serial + 1}/pdf/").status_code == 404
        assert client.get("/invoices/99999999999999999999/pdf/").status_code == 404
    answer = browser_of(people["vera"]).get(f"{address}/pdf/")
    assert b"".join(answer).startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/octet-stream"  # saved, never shown
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    shown = page(browser_of, people["vera"], "?show=invoices")
    for words in (invoice.number, "132,00 €", "25,08 €", "157,08 €", f'{address}/pdf/"', f'{address}/xml/"'):
        assert words in shown, words
    (row,) = table(browser_of, people["vera"], "?show=invoices")
    assert (row["Nummer"], row["Brutto"]) == (invoice.number, "157,08")
    assert invoice.number not in page(browser_of, people["bruno"], "?show=invoices")


def test_a_service_record_stands_in_its_section(bills, people, browser_of, cast):
    issued = service_records.issue_record(bills["tickets"]["plain"], actor=cast.anna, now=berlin("2027-01-04 12:01"))
    for name in ("astrid", "gesa", "valentin"):
        shown = page(browser_of, people[name], "?show=records")
        assert f"/service-records/{issued.pk}/" in shown, name
        (row,) = table(browser_of, people[name], "?show=records")
        assert (row["Genaue Minuten"], row["Berechnete Minuten"], row["Netto"]) == ("47", "60", "132,00")
    assert table(browser_of, people["vera"], "?show=records") == []
    assert table(browser_of, people["gesa"], "?show=records&kind=confirmed") == []
