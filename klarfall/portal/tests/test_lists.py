"""Lists: own and all requests, filters, paging by key; and how many queries pages take."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from klarfall.billing.actions import decisions, time
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.portal import paging
from klarfall.tickets.actions import reply as replies

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(make_ticket, now):
    return [
        make_ticket(title=f"Anfrage Nummer {n:02}", description=f"Text {n}", now=now - timedelta(minutes=n))
        for n in range(7)
    ]


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(paging.page_of, "__kwdefaults__", {**paging.page_of.__kwdefaults__, "size": 3})


def titles(page):
    return [f"{n:02}" for n in range(7) if f"Anfrage Nummer {n:02}" in page]


def follow(client, page, rel):
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    return client.get("/requests/" + html.unescape(found.group(1))).content.decode() if found else None


def test_pages_follow_each_other_without_gaps_and_back(many, small_pages, bernds):
    first = bernds.get("/requests/").content.decode()
    second = follow(bernds, first, "next")
    third = follow(bernds, second, "next")
    assert [titles(one) for one in (first, second, third)] == [["00", "01", "02"], ["03", "04", "05"], ["06"]]
    assert follow(bernds, third, "next") is None
    assert titles(follow(bernds, third, "prev")) == ["03", "04", "05"]
    assert titles(follow(bernds, follow(bernds, third, "prev"), "prev")) == ["00", "01", "02"]


@pytest.mark.parametrize("key", ["x", "2026-01-01_5", "2026-01-01T00:00:00+00:00_x", "99999-01-01_1", "_", "٣_٣"])
def test_an_unreadable_key_shows_the_first_page(key, many, bernds):
    assert len(titles(bernds.get("/requests/", {"older": key}).content.decode())) == 7


def test_a_filter_narrows_and_an_empty_result_says_so(many, bernds, other):
    assert titles(bernds.get("/requests/", {"state": "open"}).content.decode())
    page = bernds.get("/requests/", {"state": "ended"}).content.decode()
    assert titles(page) == []
    assert "empty" in page
    assert titles(bernds.get("/requests/", {"product": other.code}).content.decode()) == []
    assert titles(bernds.get("/requests/", {"product": "nonsense", "state": "nonsense"}).content.decode())


def test_htmx_gets_the_list_only(many, bernds):
    part = bernds.get("/requests/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert titles(part)


def test_all_requests_are_for_those_who_may_see_them(many, browser_of, astrid):
    client = browser_of(astrid)
    assert titles(client.get("/requests/", {"scope": "all"}).content.decode()) == []
    with viewing_as(SYSTEM):
        type(astrid).objects.filter(pk=astrid.pk).update(visibility="all")
    assert len(titles(client.get("/requests/", {"scope": "all"}).content.decode())) == 7
    assert titles(client.get("/requests/").content.decode()) == []


def queries_of(client, address):
    """Queries beside session, user, seats, scope, savepoints."""
    beside = ("django_session", "accounts_user", "klarfall_seats", "set_config", "SAVEPOINT")
    client.get(address)  # what is remembered for half a minute is read now
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return [one["sql"] for one in caught if not any(word in one["sql"] for word in beside)]


MOST = 8


@pytest.mark.parametrize(
    "name", ["home", "requests", "new", "decisions", "wishes", "catalogue", "contact", "new-consulting"]
)
def test_pages_take_few_queries(name, many, offer, bernds):
    assert len(queries_of(bernds, reverse(f"portal:{name}"))) <= MOST


def test_the_page_of_a_request_takes_few_queries_however_long_it_is(offer, bernds, bernd, anna, now):
    ticket = offer.ticket
    address = reverse("portal:ticket", args=[ticket.number])
    waiting = queries_of(bernds, address)
    decisions.accept(offer, cap=None, text_hash=offer.text_hash, actor=bernd.user, now=now - timedelta(minutes=50))
    time.record_time(
        offer.concern, purpose="work", channel="internal", start=now - timedelta(minutes=40),
        end=now - timedelta(minutes=10), activity="Bereinigt", actor=anna, now=now,
    )  # fmt: skip
    for number in range(5):
        replies.reply(ticket, text=f"Nachricht {number}", actor=bernd.user, now=now)
    worked = queries_of(bernds, address)
    assert len(waiting) <= MOST
    assert len(worked) <= MOST, "\n".join(worked)


def test_the_decision_page_takes_few_queries(offer, bernds):
    found = queries_of(bernds, reverse("portal:decision", args=[offer.number]))
    assert len(found) <= MOST, "\n".join(found)
