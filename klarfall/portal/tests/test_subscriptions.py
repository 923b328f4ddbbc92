"""The page of subscriptions, and feeds: only what one may read, by an address that only the reader knows."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse

from klarfall.accounts.models import User
from klarfall.contracts.models import Contract
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from klarfall.knowledge import feeds
from klarfall.knowledge.actions.shelf import withdraw_article
from klarfall.knowledge.actions.subscriptions import renew_feed, subscribe
from klarfall.knowledge.models import Subscription
from klarfall.knowledge.tests.help_steps import make_article
from klarfall.portal.tests.conftest import HOST

pytestmark = pytest.mark.django_db
PAGE = "/help/subscriptions/"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def subscription(bernd, erp, now):
    return subscribe(
        bernd, product=erp, kinds=["update", "knowledge"], pace="daily", actor=bernd.user, now=now - timedelta(days=9)
    )


@pytest.fixture
def feed(subscription, bernd, now):
    return reverse("portal:help-feed", args=[renew_feed(subscription, actor=bernd.user, now=now)])


@pytest.fixture
def reader(db):
    """A feed reader: nobody who is signed in."""
    return Client(**HOST)


@pytest.fixture
def update(cast, now):
    return make_article(cast.erp, cast.dora, kind="update", title="Neu & besser in 8.4.2", now=now - timedelta(days=1))


def kept(**filters):
    with viewing_as(SYSTEM):
        return list(Subscription.objects.filter(**filters))


def titles(answer):
    return [one.findtext(f"{ATOM}title") for one in ET.fromstring(answer.content).iter(f"{ATOM}entry")]  # noqa: S314


def test_one_subscribes_changes_and_ends_it(bernds, erp):
    page = bernds.get(PAGE).content.decode()
    assert erp.name in page
    for pace, kinds in (("each", ["update"]), ("weekly", ["update"])):
        bernds.post(PAGE, {"product": erp.pk, "kinds": kinds, "pace": pace})
        (found,) = kept()
        assert (found.pace, found.kinds) == (pace, kinds)
    bernds.post(reverse("portal:subscription-ending", args=[found.pk]))
    assert kept() == []


def test_only_products_that_one_may_read_about_are_offered(bernds, cast, now):
    assert cast.other.name not in bernds.get(PAGE).content.decode()
    given = {"kinds": ["update"], "pace": "each"}
    assert bernds.post(PAGE, {"product": cast.other.pk, **given}).status_code == 404
    make_article(cast.other, cast.dora, kind="update", visibility="signed_in", now=now)
    assert cast.other.name in bernds.get(PAGE).content.decode()
    assert bernds.post(PAGE, {"product": cast.other.pk, **given}).status_code == 303


def test_kinds_that_a_product_does_not_have_are_not_offered(bernds, update):
    page = bernds.get(PAGE).content.decode()
    assert 'value="update"' in page
    assert 'value="video"' not in page


@pytest.mark.parametrize(
    "wrong", [{"kinds": []}, {"kinds": ["nonsense"]}, {"pace": "x"}, {"product": "x"}, {"product": ""}]
)
def test_wrong_input_changes_nothing(wrong, bernds, erp):
    answer = bernds.post(PAGE, {"product": erp.pk, "kinds": ["update"], "pace": "each"} | wrong)
    assert answer.status_code in (404, 422)
    assert kept() == []


def test_nobody_touches_the_subscription_of_somebody_else(browser_of, astrid, clara, subscription):
    for person in (astrid, clara):
        for name in ("portal:subscription-ending", "portal:subscription-feed"):
            assert browser_of(person).post(reverse(name, args=[subscription.pk])).status_code == 404
    assert [one.feed_hash for one in kept()] == [""]


def test_the_address_of_a_feed_is_shown_once_and_ends_with_a_new_one(bernds, reader, subscription):
    make = reverse("portal:subscription-feed", args=[subscription.pk])
    addresses = []
    for _turn in range(2):
        page = bernds.post(make).content.decode()
        token = page.partition("/help/feeds/")[2].partition(".xml")[0]
        addresses.append(reverse("portal:help-feed", args=[token]))
        assert token not in bernds.get(PAGE).content.decode()
        assert token not in kept()[0].feed_hash
    assert [reader.get(one).status_code for one in addresses] == [404, 200]
    bernds.post(make, {"end": "1"})
    assert reader.get(addresses[1]).status_code == 404


def test_a_feed_names_what_its_contact_reads_now(reader, feed, cast, update, now):
    make_article(cast.erp, cast.dora, kind="update", title="Intern", visibility="internal", now=now)
    make_article(cast.erp, cast.dora, kind="video", title="Nicht gewählt", now=now)
    make_article(cast.other, cast.dora, kind="update", title="Anderes Produkt", now=now)
    make_article(cast.erp, cast.dora, kind="update", title="Entwurf", published=False, now=now)
    answer = reader.get(feed)
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert titles(answer) == ["Neu & besser in 8.4.2"]
    assert reverse("portal:article", args=[update.pk]) in answer.content.decode()
    assert answer.cookies == {}
    assert answer["Cache-Control"].startswith("private")


def test_hostile_words_stay_words_in_feed_readers(reader, feed, cast, now):
    evil = "<script>alert(1)</script> & ]]>"
    make_article(cast.erp, cast.dora, kind="update", title=evil, summary=evil, now=now)
    (entry,) = ET.fromstring(reader.get(feed).content).iter(f"{ATOM}entry")  # noqa: S314
    assert entry.findtext(f"{ATOM}title") == evil
    assert entry.findtext(f"{ATOM}summary") == "&lt;script&gt;alert(1)&lt;/script&gt; &amp; ]]&gt;"


def test_a_feed_asked_again_is_not_sent_again(reader, feed, cast, update, now):
    first = reader.get(feed)
    marks = {"HTTP_IF_NONE_MATCH": first["ETag"], "HTTP_IF_MODIFIED_SINCE": first["Last-Modified"]}
    for one in (marks, {"HTTP_IF_NONE_MATCH": first["ETag"]}, {"HTTP_IF_MODIFIED_SINCE": first["Last-Modified"]}):
        again = reader.get(feed, **one)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    make_article(cast.erp, cast.dora, kind="update", title="Noch neuer", now=now)
    assert titles(reader.get(feed, **marks))[0] == "Noch neuer"
    withdraw_article(update, actor=cast.dora, now=now)
    assert titles(reader.get(feed, HTTP_IF_NONE_MATCH=first["ETag"])) == ["Noch neuer"]


def test_a_feed_ends_with_contact_person_and_contract(reader, feed, bernd, acme, update):
    def shown():
        answer = reader.get(feed)
        return titles(answer) if answer.status_code == 200 else answer.status_code

    assert shown() == ["Neu & besser in 8.4.2"]
    for rows, on, off in (
        (Contact.objects, {"is_active": True}, {"is_active": False}),
        (User.objects, {"is_active": True}, {"is_active": False}),
    ):
        with viewing_as(SYSTEM):
            rows.filter(pk=bernd.pk if rows.model is Contact else bernd.user_id).update(**off)
        assert shown() == 404
        with viewing_as(SYSTEM):
            rows.filter(pk=bernd.pk if rows.model is Contact else bernd.user_id).update(**on)
    with viewing_as(SYSTEM):
        Contract.objects.filter(customer=acme).update(terminated=True)
    assert shown() == []


def test_hostile_tokens_are_nothing(reader):
    for token in ("x", "a" * 5_000, "..%2F..", "%00"):
        assert reader.get(f"/help/feeds/{token}.xml").status_code in (400, 404)


def test_who_asks_too_often_is_told_when_to_come_back(reader, feed, monkeypatch):
    monkeypatch.setattr(feeds, "_PER_FEED", feeds.Limit("help-feed", 2, timedelta(hours=1)))
    answers = [reader.get(feed) for _turn in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0


def test_a_reader_that_is_signed_in_gets_the_feed_of_its_address(bernds, browser_of, clara, feed, update):
    """The address is the proof, also in a browser in which somebody else is signed in."""
    assert titles(browser_of(clara).get(feed)) == titles(bernds.get(feed)) == ["Neu & besser in 8.4.2"]
