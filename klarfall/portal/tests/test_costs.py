"""The page of costs: who sees it, what it shows of whom, its sums, filters, pages and table."""

import csv
import html
import re
from decimal import Decimal
from io import StringIO

import pytest
from django.db import connection

from klarfall.accounts.permissions import PERMISSIONS
from klarfall.billing.actions import assessments, goodwill, service_records
from klarfall.billing.tests import invoice_steps, run_steps, steps
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.portal import paging
from klarfall.portal.cost_rows import decided_offers
from klarfall.portal.costs import Outlook, outlook
from klarfall.portal.tests.test_lists import queries_of
from tests.cast import berlin, concern_of, make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(cast):
    """Everybody at Acme by name; Vera may look at bills and sees only her own requests."""
    return {
        "bernd": cast.bernd,
        "astrid": cast.astrid,
        "vera": make_contact("Vera", cast.acme, "billing_viewer"),
        "valentin": make_contact("Valentin", cast.acme, "billing_viewer", visibility="all"),
        "gesa": make_contact("Gesa", cast.acme, "customer_admin"),
        "emil": make_contact("Emil", cast.acme, visibility="all"),
        "bruno": make_contact("Bruno", cast.borealis, "billing_viewer", "customer_admin"),
        "clara": cast.clara,
    }


def work(cast, ticket, day, minutes, *, by=None, **fields):
    """An accepted offer of a request and minutes on a day; returns the offer."""
    order = fields.pop("order_number", "")
    concern = concern_of(ticket)
    offer = steps.send(cast, concern, at=berlin(f"{day} 09:10"), **fields)
    steps.accept(offer, by or cast.astrid, at=berlin(f"{day} 09:30"), order_number=order)
    steps.work(cast, concern, "10:00", f"10:{minutes}", day=day)
    return steps.refresh(offer)


@pytest.fixture
def bills(cast, people, make_ticket, clock):
    """Billed: an open request in October, a confidential one and one of Borealis in November."""
    day = {"plain": "2026-10-20", "secret": "2026-11-10", "clara": "2026-11-11"}
    at = {name: berlin(f"{one} 09:00") for name, one in day.items()}
    tickets = {
        "plain": make_ticket(title="Verteilerschlüssel Haus 7", now=at["plain"]),
        "secret": make_ticket(title="Personalsache Müller", confidential=True, now=at["secret"]),
        "clara": make_ticket(title="Inventur Borealis", contact=cast.clara, now=at["clara"]),
    }
    offers = {
        "plain": work(cast, tickets["plain"], day["plain"], 47, order_number="B-4711"),
        "secret": work(cast, tickets["secret"], day["secret"], 20, by=cast.bernd),
        "clara": work(cast, tickets["clara"], day["clara"], 30, by=cast.clara),
    }
    clock.set("2027-01-04 12:00")
    run_steps.frozen()
    return {"tickets": tickets, "offers": offers}


def page(browser_of, contact, query=""):
    answer = browser_of(contact).get(f"/costs/{query}")
    assert answer.status_code == 200, query
    return html.unescape(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


def table(browser_of, contact, query=""):
    answer = browser_of(contact).get(f"/costs/table/{query}")
    assert answer.status_code == 200
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline=""), delimiter=";"))


def shown_in(page):
    """Which of the three requests a page names by title, by number, and with a link."""
    return {word for word in ("Verteilerschlüssel Haus 7", "Personalsache Müller", "Inventur Borealis") if word in page}


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

PLAIN, SECRET = "Verteilerschlüssel Haus 7", "Personalsache Müller"
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
    from tests.test_isolation import rows, sight

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


# --- Figures ---


def test_the_month_says_what_was_billed_and_why(bills, people, browser_of):
    """47 minutes at 132: 103.40, rounded up once to 60: 132.00; VAT 25.08."""
    found = page(browser_of, people["astrid"], "?period=2026-10")
    for words in ("Oktober 2026", "132,00 €", "103,40 €", "28,60 €", "25,08 €", "47 Min.", "60 Min.", "B-4711"):
        assert words in found, words
    rows = table(browser_of, people["astrid"], "?period=2026-10")
    assert sorted((row["Art"], row["Minuten"], row["Netto"]) for row in rows) == [
        ("Arbeit", "47", "103,40"), ("Aufrundung", "13", "28,60"),
    ]  # fmt: skip


def test_the_tables_hold_exactly_the_filtered_rows(bills, people, browser_of, cast):
    count = lambda query: len(table(browser_of, people["gesa"], query))  # noqa: E731
    assert count("?show=bills") == 4
    assert count("?show=bills&period=2026-10") == 2
    assert count("?show=bills&period=2026") == 4
    assert count("?show=bills&period=2025") == 0
    assert count("?show=bills&kind=rounding") == 2
    assert count(f"?show=bills&person={cast.astrid.pk}") == 2
    assert count(f"?show=bills&person={cast.bernd.pk}") == 4  # he asked
    assert count(f"?show=bills&product={cast.other.code}") == 0
    assert count("?show=offers") == 2
    assert count("?show=offers&kind=declined") == 0
    assert count("?show=offers&period=2026-10") == 1


def test_a_title_cannot_become_a_formula(cast, people, make_ticket, browser_of, clock):
    clock.set("2026-11-10 18:00")
    work(cast, make_ticket(title="=HYPERLINK(1)", now=berlin("2026-11-10 08:00")), "2026-11-10", 20)
    assert table(browser_of, people["gesa"], "?show=offers")[0]["Titel"] == "'=HYPERLINK(1)"


def test_running_use_is_provisional_and_less_what_was_billed(bills, people, browser_of, cast):
    """20 minutes were billed as 30; with 20 more they are 40, rounded to 45."""
    concern = concern_of(bills["tickets"]["secret"])
    steps.work(cast, concern, "10:00", "10:20", day="2026-12-01")
    found = page(browser_of, people["gesa"], "?show=running")
    row = re.search(r"<tr>(?:(?!</tr>).)*Personalsache.*?</tr>", found, re.DOTALL)[0]
    assert re.findall(r"[\d.,]+ €", row) == ["264,00 €", "99,00 €", "66,00 €", "33,00 €"]
    assert "vorläufig" in found
    assert "33,00 €" in found.partition("<table")[0]


def test_an_ended_order_stays_until_it_is_billed(bills, people, browser_of, cast, make_ticket):
    from klarfall.billing.actions import resolution

    ticket = make_ticket(title="Neue Vorlage", now=berlin("2026-12-02 08:00"))
    work(cast, ticket, "2026-12-02", 10)
    resolution.finish_concern(concern_of(ticket), actor=cast.anna, now=berlin("2026-12-02 18:00"))
    assert "Neue Vorlage" in page(browser_of, people["gesa"], "?show=running")
    run_steps.frozen(run_steps.DECEMBER)
    assert "Neue Vorlage" not in page(browser_of, people["gesa"], "?show=running")
    assert "Neue Vorlage" in page(browser_of, people["gesa"])


def test_goodwill_is_visible_on_the_bill(cast, people, make_ticket, browser_of, clock):
    ticket = make_ticket(now=berlin("2026-11-10 08:00"))
    work(cast, ticket, "2026-11-10", 47)
    goodwill.grant_goodwill(
        concern_of(ticket), minutes=30, reason="Lange Wartezeit", actor=cast.dora, now=berlin("2026-11-10 17:30")
    )
    clock.set("2027-01-04 12:00")
    run_steps.frozen()
    found = page(browser_of, people["gesa"])
    assert "Kulanz" in found
    assert {row["Art"] for row in table(browser_of, people["gesa"])} == {"Arbeit", "Aufrundung", "Kulanz"}


def test_the_outlook_is_what_python_says(bills, people, cast, make_ticket, clock):
    """Exposure in SQL is that of the engine, chosen caps and half cents included."""
    from klarfall.billing.amounts import cap_amount
    from klarfall.billing.engine import Caps
    from klarfall.portal.cost_rows import caps_of
    from tests.test_isolation import sight

    for n, (caps, chosen) in enumerate(
        [({"cap_minutes": 61}, None), ({"cap_minutes": 120, "cap_net": Decimal("200.01")}, None),
         ({"cap_minutes": 120, "lower_caps": [Caps(minutes=61)]}, Caps(minutes=61))]
    ):  # fmt: skip
        concern = concern_of(make_ticket(title=f"Nummer {n}", now=berlin("2026-12-03 08:00")))
        offer = steps.send(cast, concern, at=berlin("2026-12-03 08:10"), **caps)
        steps.accept(offer, cast.astrid, at=berlin("2026-12-03 08:20"), cap=chosen)
    steps.send(cast, concern_of(make_ticket(now=berlin("2026-12-03 08:00"))), at=berlin("2026-12-03 08:30"))
    with viewing_as(sight(people["gesa"])):
        offers = decided_offers(type(offer).objects.filter(status="accepted"))
        most = sum(cap_amount(one, caps_of(one)) for one in offers)
        assert outlook([cast.acme.pk]) == Outlook(
            running=5, most=most - Decimal("132.00") - Decimal("66.00"), waiting=1, waiting_most=Decimal("264.00")
        )


# --- Filters, pages, speed ---


SENSELESS = [
    "?period=2026-13",
    "?period=2026-00",
    "?period=9999-12",
    "?period=0000",
    "?period=2026-1",
    "?period=٢٠٢٦",
    "?period=2026-11'--",
    "?person=1%20OR%201=1",
    "?person=-1",
    "?person=99999999999999999999",
    "?customer=x",
    "?product=%27%22%3E%3Cscript%3E",
    "?kind=%27;DROP",
    "?kind=draft",
    "?show=../../etc",
    "?show=bills&older=x_y_z",
    "?older=2026-13-01_1_1",
    "?older=2026-11-01_1",
    "?newer=2026-11-01_999999999999999999_1",
    "?show=offers&older=x",
    "?show=records&older=2026-11-01T00:00:00%2B00:00_1",
    "?show=invoices&older=0",
    "?show=records&kind=draft",
    "?show=invoices&kind=x",
]


def test_senseless_filters_are_no_filters(bills, people, browser_of):
    client = browser_of(people["gesa"])
    for query in SENSELESS:
        answer = client.get(f"/costs/{query}")
        assert answer.status_code == 200, query
        assert "<script>" not in answer.content.decode().partition("<main")[2], query
        assert client.get(f"/costs/table/{query}").status_code == 200, query


def test_pages_of_bills_follow_each_other(bills, people, browser_of, monkeypatch):
    monkeypatch.setattr(paging.page_of, "__kwdefaults__", {"size": 1})
    first = page(browser_of, people["gesa"])
    assert shown_in(first) == {SECRET}
    older = re.search(r'href="([^"]+)" rel="next"', first)[1]
    second = page(browser_of, people["gesa"], older)
    assert shown_in(second) == {PLAIN}
    assert shown_in(page(browser_of, people["gesa"], re.search(r'href="([^"]+)" rel="prev"', second)[1])) == {SECRET}


def test_an_empty_page_says_what_will_stand_there(cast, people, browser_of):
    for show in ("bills", "running", "offers", "records", "invoices"):
        assert 'class="card empty"' in page(browser_of, people["gesa"], f"?show={show}")
    assert 'href="/costs/?show=bills"' in page(browser_of, people["gesa"], "?period=2026-11")


def test_htmx_gets_the_section_only(bills, people, browser_of):
    part = browser_of(people["gesa"]).get("/costs/?show=offers", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert PLAIN in part


MOST = 8


def test_a_section_takes_few_queries_however_much_it_shows(bills, people, browser_of, cast, make_ticket):
    client = browser_of(people["gesa"])

    def asked():
        sections = ("bills", "running", "offers", "records", "invoices")
        return {show: queries_of(client, f"/costs/?show={show}") for show in sections}

    few = asked()
    for n in range(4):
        ticket = make_ticket(title=f"Nummer {n}", now=berlin(f"2026-12-0{n + 1} 08:00"))
        work(cast, ticket, f"2026-12-0{n + 1}", 20)
    run_steps.frozen(run_steps.DECEMBER)
    many = asked()
    assert {show: len(found) for show, found in many.items()} == {show: len(found) for show, found in few.items()}
    assert {show: found for show, found in many.items() if len(found) > MOST} == {}


def test_a_hidden_request_costs_no_further_query(bills, people, browser_of):
    assert len(queries_of(browser_of(people["vera"]), "/costs/")) <= MOST


def test_the_list_of_lines_is_read_by_its_index_or_by_company(bills, people):
    """No query of the page looks at lines of other companies first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'billing_line_by_month'")
        assert "(customer_id, service_to, id)" in cursor.fetchone()[0]


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


def test_a_defect_found_after_billing_stands_as_a_correction_in_its_month(bills, people, browser_of, cast, clock):
    concern = concern_of(bills["tickets"]["plain"])
    assessments.report_defect(
        concern, reason="Der Fehler steckt im Programm.", actor=cast.anna, now=berlin("2027-01-05 09:00")
    )
    run_steps.frozen(run_steps.DECEMBER, at="2027-01-05 10:00")
    clock.set("2027-01-05 12:00")
    rows = table(browser_of, people["gesa"], "?period=2026-10")
    assert sorted(Decimal(row["Netto"].replace(",", ".")) for row in rows) == [
        Decimal("-103.40"), Decimal("-28.60"), Decimal("28.60"), Decimal("103.40"),
    ]  # fmt: skip
    assert [row["Art"] for row in rows].count("Korrektur") == 2
    shown = page(browser_of, people["gesa"], "?period=2026-10&show=bills")
    assert "0,00 € netto, zzgl. 19 % USt 0,00 €" in re.sub(r"<[^>]+>", "", shown)
    assert "-103,40 €" in shown
    assert PLAIN not in page(browser_of, people["gesa"], "?show=running")
