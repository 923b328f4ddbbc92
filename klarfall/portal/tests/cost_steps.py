"""Who looks at costs at Acme and Borealis, what was billed there, and how pages and tables are read."""

import csv
import html
from io import StringIO

import pytest

from klarfall.billing.tests import run_steps, steps
from tests.cast import berlin, concern_of, make_contact

PLAIN, SECRET = "Verteilerschlüssel Haus 7", "Personalsache Müller"


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
