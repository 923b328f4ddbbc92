"""The work lists show what is there, in order, to staff only, within their queries."""

from datetime import timedelta

import pytest
from django.test import Client

from klarfall.billing.tests.steps import publish, send
from klarfall.contracts.models import RequestKind
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk import paging, shell, worklists
from klarfall.desk.tests.conftest import HOST, at, queries_of, text
from klarfall.desk.worklists import LISTS
from klarfall.tickets.actions import assign, review
from klarfall.tickets.actions import object as objections
from klarfall.tickets.actions.reply import reply
from tests.cast import NOW, concern_of, fresh

pytestmark = pytest.mark.django_db


def listed(client, slug, **query):
    return text(client.get(at("list", slug), query))


def order_of(shown, tickets):
    """The titles in the order in which the page shows them."""
    places = {one.title: shown.find(f"<b>{one.title}</b>") for one in tickets}
    return sorted((title for title, place in places.items() if place >= 0), key=places.get)


@pytest.mark.parametrize("slug", list(LISTS))
def test_every_list_says_what_will_appear_in_it(slug, annas):
    shown = listed(annas, slug)
    assert "<h1" in shown
    assert 'class="card empty"' in shown


def test_an_unknown_list_does_not_exist(annas):
    assert annas.get(at("list", "nonsense")).status_code == 404


def test_the_start_leads_to_what_is_to_be_assessed(annas):
    assert annas.get(at("start"))["Location"] == at("list", "to-assess")


@pytest.mark.parametrize("name", ["handovers", "customers", "notices", "call"])
def test_contacts_find_nothing_and_strangers_the_sign_in(name, desk_of, bernd):
    assert desk_of(bernd).get(at(name)).status_code == 404
    answer = Client(**HOST).get(at(name))
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]


def test_new_requests_stand_in_the_order_of_their_deadlines(annas, make_ticket, clock):
    calm = make_ticket(title="Kaum hinderlich", impact="minor", now=clock())
    urgent = make_ticket(title="Alles steht", impact="blocked", now=clock())
    assert order_of(listed(annas, "to-assess"), [calm, urgent]) == ["Alles steht", "Kaum hinderlich"]
    assert order_of(listed(annas, "to-assess", sort="newest"), [calm, urgent]) == ["Alles steht", "Kaum hinderlich"]
    older = make_ticket(title="Noch einer", impact="minor", now=clock() - timedelta(hours=1))
    newest_first = order_of(listed(annas, "all-open", sort="newest"), [calm, urgent, older])
    assert newest_first == ["Noch einer", "Alles steht", "Kaum hinderlich"]


def test_the_suggestion_comes_from_the_tile_and_is_dashed(annas, make_ticket, cast, clock):
    with viewing_as(SYSTEM):
        tile = RequestKind.objects.create(
            code="data", icon="clean", title="Daten", title_en="Data", hint="", hint_en="",
            usual_item="CHG-DATA-POST", usual_outcome="chargeable",
        )  # fmt: skip
    make_ticket(kind=tile, now=clock())
    make_ticket(title="Unsicher", now=clock())
    shown = listed(annas, "to-assess")
    assert 'class="tag is-fee maybe"' in shown
    assert cast.item("CHG-DATA-POST").clause in shown
    assert 'class="tag is-open maybe"' in shown


def test_waiting_requests_stand_below_with_their_cap(annas, ticket, cast, clock):
    send(cast, concern_of(ticket), at=clock())
    shown = listed(annas, "to-assess")
    assert "264,00" in shown  # 120 minutes at 132.00
    assert 'class="grp"' in shown
    assert 'class="sla pause"' in shown
    assert ticket.title in listed(annas, "decision-open")
    assert ticket.title not in listed(annas, "in-progress")


def test_each_list_holds_its_own(annas, ticket, cast, anna, bernd, clock):
    concern = concern_of(ticket)
    review.begin_review(ticket, actor=anna, now=clock())
    assign.assign(ticket, to=anna, actor=anna, now=clock())
    assert ticket.title in listed(annas, "mine")
    assessed = publish(cast, concern, "CHG-CONF", at=clock())
    assert ticket.title in listed(annas, "all-open")
    objections.open_objection(assessed, text="Das ist ein Fehler des Programms.", actor=bernd.user, now=clock())
    assert ticket.title in listed(annas, "second-reviews")
    reply(fresh(ticket), text="Welche Version?", waits_for_customer=True, actor=anna, now=clock())
    assert ticket.title in listed(annas, "question-asked")


def test_a_deadline_is_in_danger_half_an_hour_of_service_time_before(annas, make_ticket, clock):
    ticket = make_ticket(impact="blocked", now=NOW)  # due 10:00
    clock.set("2026-11-24 09:29")
    assert ticket.title not in listed(annas, "in-danger")
    clock.set("2026-11-24 09:31")
    shown = listed(annas, "in-danger")
    assert ticket.title in shown
    assert 'class="sla hot"' in shown
    clock.set("2026-11-24 11:00")
    assert "−1:00" in listed(annas, "in-danger")


def test_filters_narrow_and_nonsense_is_left_out(annas, make_ticket, cast, clock):
    with viewing_as(SYSTEM):
        area = cast.erp.areas.get()
    wanted = make_ticket(title="Mahnung falsch", area=area, impact="blocked", now=clock())
    make_ticket(title="Etwas anderes", now=clock())
    for query in ({"area": area.pk}, {"impact": "blocked"}, {"product": cast.erp.pk, "impact": "blocked"}):
        shown = listed(annas, "to-assess", **query)
        assert wanted.title in shown, query
        assert "Etwas anderes" not in shown, query
    assert "Etwas anderes" in listed(annas, "to-assess", area="x'; DROP", impact="nope", sort="?")
    assert 'class="card empty"' in listed(annas, "to-assess", channel="email")


@pytest.mark.parametrize("sort", ["", "newest"])
def test_pages_by_key_show_every_request_once(sort, annas, make_ticket, monkeypatch, clock):
    monkeypatch.setattr(paging, "PAGE", 3)
    tickets = [make_ticket(title=f"Anfrage {n}", now=clock() - timedelta(minutes=n)) for n in range(8)]
    seen, address = [], at("list", "to-assess") + f"?sort={sort}"
    pages = []
    while address:
        shown = text(annas.get(address))
        pages.append(order_of(shown, tickets))
        seen += pages[-1]
        address = _link(shown, "next")
    assert sorted(seen) == sorted(one.title for one in tickets)
    assert [len(one) for one in pages] == [3, 3, 2]
    back = text(annas.get(_link(shown, "prev")))
    assert order_of(back, tickets) == pages[1]


def _link(shown, rel):
    before, found, _rest = shown.partition(f'rel="{rel}"')
    return before.rpartition('href="')[2].partition('"')[0].replace("&amp;", "&") if found else ""


def test_a_cursor_from_elsewhere_means_the_first_page(annas, ticket):
    for cursor in ("x", "1-", "99999999999999999999999-1", "-"):
        assert ticket.title in listed(annas, "to-assess", after=cursor)


def test_counters_end_at_their_cap(annas, make_ticket, monkeypatch, clock):
    for module in (shell, worklists):
        monkeypatch.setattr(module, "MOST", 2)
    for n in range(4):
        make_ticket(title=f"Anfrage {n}", now=clock())
    shown = listed(annas, "all-open")
    assert shown.count(">2+<") == 2  # to be assessed, all open ones
    assert ">4<" not in shown


@pytest.mark.parametrize("slug", list(LISTS))
def test_a_list_costs_at_most_eight_queries(slug, annas, make_ticket, cast, clock):
    for n in range(4):
        ticket = make_ticket(title=f"Anfrage {n}", now=clock())
        if n % 2:
            send(cast, concern_of(ticket), at=clock())
    found = queries_of(annas, at("list", slug))
    assert len(found) <= 3, "\n".join(found)
