"""The page of the search and its suggestions, as customers and visitors meet them."""

from dataclasses import replace

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.models import SearchMiss
from klarfall.knowledge.tests.search_steps import indexed
from klarfall.portal.tests.conftest import HOST
from klarfall.portal.views import help_search
from klarfall.tickets.search.reading import read_unread

pytestmark = pytest.mark.django_db
PART = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def shelf(cast):
    cache.clear()  # counts of people
    with viewing_as(SYSTEM):
        area = cast.erp.areas.get()
    indexed(cast.erp, cast.dora, "Kaution anlegen", "So legen Sie eine <b>Kaution</b> an.", area=area)
    indexed(cast.erp, cast.dora, "Kaution für alle", visibility="public", kind="update")
    indexed(cast.erp, cast.dora, "Kaution intern Zaunkönig", visibility="internal")
    return cast


@pytest.fixture
def visitor(db):
    return Client(**HOST)


def search(client, **query):
    response = client.get(reverse("portal:help-search"), query, **HOST)
    return response.content.decode()


def test_a_customer_sees_hits_with_marks_and_filters(bernds, shelf):
    shown = search(bernds, q="kaution")
    assert "<mark>Kaution</mark> anlegen" in shown
    assert "2 Treffer" in shown
    assert "kind=update" in shown
    assert "Zaunkönig" not in shown
    assert "<b>Kaution" not in shown


def test_filters_narrow_and_are_taken_off_by_their_link(bernds, shelf):
    shown = search(bernds, q="kaution", kind="update")
    assert "Kaution</mark> für alle" in shown
    assert "Kaution</mark> anlegen" not in shown
    assert 'aria-current="true"' in shown
    assert search(bernds, q="kaution", kind="nonsense", product="x", area="99999999999999999999", page="-1", fits="2")


def test_visitors_search_what_is_public(visitor, shelf):
    shown = search(visitor, q="kaution")
    assert "für alle" in shown
    assert "anlegen" not in shown
    assert "1 Treffer" in shown
    assert "Zaunkönig" not in search(visitor, q="Zaunköni")


def test_words_are_carried_over_into_a_request(bernds, shelf):
    assert "/requests/new/?title=kaution+%3Cb%3E" in search(bernds, q="kaution <b>")


def test_what_nobody_finds_shows_the_nearest_and_is_counted_once_per_search(bernds, visitor, shelf):
    shown = search(bernds, q="Kaffeemaschine petra@acme.example")
    assert "Kein genauer Treffer" in shown
    search(visitor, q="Kaffeemaschine")
    with viewing_as(SYSTEM):
        assert list(SearchMiss.objects.values_list("words", "times")) == [("kaffeemaschine", 1)]


def test_a_typing_error_is_answered_and_asked_about(bernds, shelf):
    shown = search(bernds, q="Kautoin")
    assert "Meinten Sie" in shown
    assert "Kaution</mark> anlegen" in shown


def test_own_requests_are_found_beside_the_articles(bernds, shelf, asked):
    with viewing_as(SYSTEM):
        read_unread()
    shown = search(bernds, q=asked.title)
    assert str(asked.number) in shown


def test_suggestions_are_links_and_nothing_is_suggested_that_one_may_not_read(bernds, visitor, shelf):
    address = reverse("portal:help-suggestions")
    mine = bernds.get(address, {"q": "kaut"}, **HOST, **PART).content.decode()
    assert "Kaution anlegen" in mine
    theirs = visitor.get(address, {"q": "kaut"}, **HOST, **PART).content.decode()
    assert "Kaution für alle" in theirs
    assert "anlegen" not in theirs
    for text in ("", " ", "\0", "zaunk", "x" * 5000):
        assert "<li>" not in visitor.get(address, {"q": text}, **HOST, **PART).content.decode()


def test_an_empty_search_says_what_to_type(visitor, shelf):
    assert "Wonach suchen Sie?" in search(visitor)


def test_visitors_search_so_often_a_minute(visitor, bernds, shelf, monkeypatch):
    visitors, people = help_search._SEARCHES
    monkeypatch.setattr(help_search, "_SEARCHES", (replace(visitors, most=2), replace(people, most=3)))
    address = reverse("portal:help-search")
    assert [visitor.get(address, {"q": "kaution"}, **HOST).status_code for _ in range(3)] == [200, 200, 429]
    assert [bernds.get(address, {"q": "kaution"}, **HOST).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_suggestions_that_come_too_fast_leave_the_list_as_it_is(bernds, shelf, monkeypatch):
    visitors, people = help_search._SUGGESTIONS
    monkeypatch.setattr(help_search, "_SUGGESTIONS", (visitors, replace(people, most=1)))
    address = reverse("portal:help-suggestions")
    answers = [bernds.get(address, {"q": "kaut"}, **HOST, **PART).status_code for _ in range(2)]
    assert answers == [200, 204]


def test_a_page_asks_the_database_a_bounded_number_of_times(bernds, shelf, django_assert_max_num_queries):
    search(bernds, q="kaution")
    with django_assert_max_num_queries(24):  # with session, user, seats, scope and frame
        search(bernds, q="kaution anlegen")
