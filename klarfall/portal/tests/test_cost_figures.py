"""The page of costs: its sums and kinds, filters, pages, tables, and what they ask of the database."""

import re
from decimal import Decimal

import pytest

from klarfall.billing.actions import assessments, goodwill, resolution
from klarfall.billing.amounts import cap_amount
from klarfall.billing.engine import Caps
from klarfall.billing.tests import run_steps, steps
from klarfall.core.isolation import viewing_as
from klarfall.portal import cost_export, paging
from klarfall.portal.cost_rows import caps_of, decided_offers
from klarfall.portal.costs import Outlook, outlook
from klarfall.portal.tests.cost_steps import PLAIN, SECRET, page, shown_in, table, work
from klarfall.portal.tests.test_lists import queries_of
from tests.cast import berlin, concern_of
from tests.test_isolation import sight

pytestmark = pytest.mark.django_db


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


def test_more_rows_than_one_file_holds_ask_for_a_period(bills, people, browser_of, monkeypatch):
    monkeypatch.setattr(cost_export, "MOST_ROWS", 3)
    client = browser_of(people["gesa"])
    answer = client.get("/costs/table/?show=bills&kind=")
    assert (answer.status_code, answer["Location"]) == (303, "/costs/?show=bills&kind=")
    assert "Bitte wählen Sie einen Monat oder ein Jahr." in client.get(answer["Location"]).content.decode()
    assert len(table(browser_of, people["gesa"], "?show=bills&period=2026-10")) == 2


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
    monkeypatch.setattr(paging.page_of, "__kwdefaults__", {"size": 1, "ascending": False})
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
