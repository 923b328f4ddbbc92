"""Products at the desk: what is set up here counts everywhere at once, and what is switched off is gone."""

import itertools

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from klarfall.contracts.actions import contact_channels as ways
from klarfall.contracts.actions.contact_channels import ChannelData
from klarfall.contracts.models import Area, Product, ProductVersion
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.mail import sender
from klarfall.desk.tests.conftest import HOST, at, queries_of, text
from klarfall.tickets.actions.submit import NewRequest, NotSubmittable, submit
from tests.cast import NOW, fresh, make_staff
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db
_COUNT = itertools.count(1)
PHONE, MAIL = "0800 / 47 11 47 11", "kontor-hilfe@vendor.example"


@pytest.fixture
def ada(cast):
    return make_staff("Ada", "administrator")


@pytest.fixture
def adas(desk_of, ada):
    return desk_of(ada)


@pytest.fixture
def phone(ada, cast):
    who = {"actor": ada, "now": NOW}
    ways.add_channel(cast.erp, data=ChannelData(kind="portal"), **who)
    ways.add_channel(cast.erp, data=ChannelData(kind="email", value=MAIL), **who)
    return ways.add_channel(cast.erp, data=ChannelData(kind="phone", value=PHONE, toll_free=True), **who)


def product(**values):
    with viewing_as(SYSTEM):
        return Product.objects.get(**values)


def step(client, channel, do, **more):
    return client.post(at("product-channel", "kontor", channel.pk), {"do": do, **more})


def seen_by_customers(cast, desk_of):
    """Every place that tells customers how to reach us, by name: its words."""
    visitor, bernd = Client(**HOST), desk_of(cast.bernd)
    places = {
        "contact page": text(visitor.get(reverse("portal:contact"))),
        "contact page of a customer": text(bernd.get(reverse("portal:contact"))),
        "start page": text(bernd.get(reverse("portal:home"))),
        "questions and answers": text(visitor.get(reverse("portal:faq"))),
        "registration": text(visitor.get(reverse("register"))),
    }
    mail.outbox.clear()
    title = f"Frage {next(_COUNT)}"
    request = NewRequest(product=cast.erp, title=title, description=title, impact="minor")
    submit(cast.bernd, request=request, actor=cast.bernd.user, now=NOW)
    run_jobs()
    return places | {"mail": next(one.body for one in mail.outbox if cast.bernd.user.email in one.to[0])}


def places_with(words, places):
    digits = words.replace(" ", "").replace("\xa0", "")
    return {name for name, shown in places.items() if digits in shown.replace(" ", "").replace("\xa0", "")}


def test_what_is_switched_off_is_gone_everywhere_at_once(adas, cast, desk_of, phone):
    before = seen_by_customers(cast, desk_of)
    assert places_with(PHONE, before) == set(before)
    question = step(adas, phone, "off")
    assert question.status_code == 200
    assert fresh(phone).active  # it is asked first
    step(adas, phone, "off", confirmed="1")
    assert not fresh(phone).active
    after = seen_by_customers(cast, desk_of)
    assert places_with(PHONE, after) == set()
    assert {"contact page", "mail", "start page"} <= places_with(MAIL, after)
    step(adas, phone, "on")
    assert places_with(PHONE, seen_by_customers(cast, desk_of)) == set(before)


def test_no_request_comes_by_a_way_that_is_switched_off(adas, annas, anna, cast, phone):
    step(adas, phone, "off", confirmed="1")
    request = NewRequest(product=cast.erp, title="A", description="B", impact="minor", channel="phone")
    with pytest.raises(NotSubmittable) as problem:
        submit(cast.bernd, request=request, actor=anna, now=NOW)
    assert problem.value.field == "channel"


def test_a_product_that_is_switched_off_cannot_be_chosen_and_comes_back(adas, cast, desk_of):
    where = at("product-state", "kontor")
    question = text(adas.post(where, {"do": "off"}))
    assert "2 Verträge nennen es." in question
    adas.post(where, {"do": "off", "confirmed": "1"})
    assert not fresh(cast.erp).active
    assert "Kontor ERP" not in text(desk_of(cast.bernd).get(reverse("portal:new")))
    adas.post(where, {"do": "on"})
    assert "Kontor ERP" in text(desk_of(cast.bernd).get(reverse("portal:new")))


def test_a_new_product_from_the_form(adas, cast):
    data = {"name": "Ablage", "code": "", "kind": "module", "parent": cast.erp.pk, "linked": [cast.partner.pk],
            "media": ["video"], "onsite_by_support": "on"}  # fmt: skip
    answer = adas.post(at("product-new"), data)
    assert answer.headers["Location"] == at("product", "ablage")
    found = product(code="ablage")
    with viewing_as(SYSTEM):
        assert [one.pk for one in found.linked.all()] == [cast.partner.pk]
    assert (found.parent_id, found.media, found.onsite_by_support) == (cast.erp.pk, ["video"], True)


def test_a_refusal_stands_beside_its_field_and_nothing_typed_is_lost(adas, cast):
    answer = adas.post(at("product-new"), {"name": "Kontor ERP", "kind": "erp"})
    assert answer.status_code == 422
    assert "So heißt schon ein anderes Produkt." in text(answer)
    answer = adas.post(at("product-channels", "kontor"), {"kind": "phone", "value": "Nummer", "note": "Mo bis Fr"})
    assert answer.status_code == 422
    assert 'value="Nummer"' in text(answer)
    assert 'id="channel-new-value_error"' in text(answer)
    assert "Mo bis Fr" in text(answer)


def test_areas_and_versions_are_changed_in_their_rows(adas, cast):
    area, version = cast.erp.areas.get(), cast.erp.versions.get()
    adas.post(at("product-areas", "kontor"), {"name": "Zahlungen"})
    adas.post(at("product-area", "kontor", area.pk), {"do": "save", "name": "Mahnungen"})
    adas.post(at("product-area", "kontor", area.pk), {"do": "down"})
    with viewing_as(SYSTEM):
        assert [one.name for one in Area.objects.filter(product=cast.erp)] == ["Zahlungen", "Mahnungen"]
    dates = {"do": "save", "name": "2026.1", "released_on": "15.01.2026", "supported_until": "31.12.2027"}
    adas.post(at("product-version", "kontor", version.pk), dates)
    assert str(fresh(version).supported_until) == "2027-12-31"
    adas.post(at("product-version", "kontor", version.pk), {"do": "remove", "confirmed": "1"})
    with viewing_as(SYSTEM):
        assert not ProductVersion.objects.filter(pk=version.pk).exists()


def test_what_is_used_stays_and_the_page_says_why(adas, cast, make_ticket):
    area = cast.erp.areas.get()
    make_ticket(area=area)
    answer = adas.post(at("product-area", "kontor", area.pk), {"do": "remove", "confirmed": "1"}, follow=True)
    assert "Bitte schalten Sie ihn ab." in text(answer)
    assert fresh(area).active


def test_rows_of_another_product_are_not_there(adas, cast, phone):
    area = cast.other.areas.get()
    for where in (at("product-area", "kontor", area.pk), at("product-channel", "lager", phone.pk)):
        assert adas.post(where, {"do": "remove", "confirmed": "1"}).status_code == 404
    assert adas.get(at("product", "unbekannt")).status_code == 404


def test_only_administrators_find_these_pages(annas, doras, cast):
    for client in (annas, doras):
        for name, args in (("products", ()), ("product-new", ()), ("product", ("kontor",))):
            assert client.get(at(name, *args)).status_code == 404
        assert client.post(at("product-state", "kontor"), {"do": "off", "confirmed": "1"}).status_code == 404
    assert fresh(cast.erp).active


def test_the_pages_take_few_queries(adas, phone):
    for path in (at("products"), at("product", "kontor"), at("product-new")):
        assert len(queries_of(adas, path)) <= 8, path


def test_an_administrator_gives_a_product_its_sender_and_signature(adas, cast):
    data = {"name": "Kontor ERP", "code": "kontor", "kind": "erp", "mail_signature": "Ihr Team"}
    refused = adas.post(at("product", "kontor"), data | {"mail_from": "hilfe@elsewhere.example"})
    assert refused.status_code == 422
    assert "hilfe@elsewhere.example" in text(refused)
    own = sender().rpartition("@")[2]
    assert adas.post(at("product", "kontor"), data | {"mail_from": f"Hilfe@{own}"}).status_code == 303
    cast.erp.refresh_from_db()
    assert (cast.erp.mail_from, cast.erp.mail_signature) == (f"hilfe@{own}", "Ihr Team")
