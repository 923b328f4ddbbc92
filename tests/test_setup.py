"""The wizard: from an empty database to a portal that takes requests; every step can be left and taken up again."""

import re
import time
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from klarfall.accounts import founding
from klarfall.accounts.actions.founding import FoundingData, FoundingRefused, found_house
from klarfall.accounts.models import User
from klarfall.accounts.permissions import StaffRole
from klarfall.contracts.models import ContactChannel, Product, RequestKind, TermsVersion
from klarfall.contracts.queries import terms_in_force
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry, VendorProfile
from klarfall.desk.setup_tasks import needed_rates
from klarfall.service_levels.models import ServiceCalendar
from tests.cast import NOW, make_staff

pytestmark = pytest.mark.django_db
PASSWORD = "Ein langer Satz 7"
FOUNDER = {
    "vendor_name": "Nordlicht Software", "name": "Nora Nord", "email": "Nora@Nordlicht.example",
    "password1": PASSWORD, "password2": PASSWORD,
}  # fmt: skip
WEEK = {f"{end}_{day}": at for day in range(5) for end, at in (("from", "08:00"), ("to", "16:30"))}
HOURS = {"name": "Support", "state": "SH", "blocked": "2", "hindered": "4", "minor": "8", **WEEK}


def rates(**more):
    given = {f"{kind.value}_rate": "120" for kind in needed_rates()}
    return given | {"increment": "15", "minimum": "15"} | more


@pytest.fixture
def empty(db):
    """A house in which nobody is."""
    cache.clear()


@pytest.fixture
def nora(empty):
    """The browser of the founder, in an empty house."""
    client = Client()
    assert client.post("/account/setup/", FOUNDER).status_code == 303
    return client


def text(answer) -> str:
    return answer.content.decode().replace("\u00ad", "")


def at(step):
    return f"/desk/setup/{step}/"


def test_the_first_page_of_an_empty_house_founds_it(empty):
    assert Client().get("/account/login/")["Location"] == "/account/setup/"
    page = text(Client().get("/account/setup/"))
    assert "Eigenes Haus einrichten" in page
    client = Client()
    answer = client.post("/account/setup/", FOUNDER)
    assert (answer.status_code, answer["Location"]) == (303, "/desk/setup/")
    with viewing_as(SYSTEM):
        nora = User.objects.get(email="nora@nordlicht.example")
        profile = VendorProfile.objects.get()
        entry = AuditEntry.objects.get(verb="house.founded")
    assert set(nora.staff_roles) == set(StaffRole.values)
    assert nora.check_password(PASSWORD)
    assert (profile.name, profile.is_demo, profile.sample_values) == ("Nordlicht Software", False, False)
    assert "steuer" in profile.legal_notice.lower()
    assert entry.actor_id == nora.pk
    assert client.get("/desk/setup/")["Location"] == at("products")


def test_nobody_founds_a_house_twice(nora):
    assert Client().get("/account/setup/").status_code == 404
    assert Client().post("/account/setup/", FOUNDER | {"email": "eve@evil.example"}).status_code == 404
    assert Client().get("/account/login/").status_code == 200
    with viewing_as(SYSTEM):
        system = User.objects.system()
        data = FoundingData(vendor_name="X", name="Eve", email="eve@evil.example", password=PASSWORD)
        with pytest.raises(FoundingRefused):
            found_house(data=data, actor=system, now=NOW)
        assert User.objects.filter(kind="staff").count() == 1


def test_only_the_page_founds_a_house(cast):
    data = FoundingData(vendor_name="X", name="Eve", email="eve@evil.example", password=PASSWORD)
    with viewing_as(SYSTEM), pytest.raises(NotAllowed):
        found_house(data=data, actor=make_staff("Hedwig", "administrator"), now=NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [("vendor_name", " "), ("name", ""), ("email", "nora"), ("password2", "Ein anderer Satz 8"), ("password1", "kurz")],
)
def test_the_first_page_says_what_is_wrong(empty, field, value):
    assert Client().post("/account/setup/", FOUNDER | {field: value}).status_code == 422
    assert not founding.is_founded()


def test_a_password_like_the_address_is_refused(empty):
    weak = {"password1": "nora@nordlicht", "password2": "nora@nordlicht"}
    assert Client().post("/account/setup/", FOUNDER | weak).status_code == 422


def test_where_others_reach_us_a_key_decides(empty, capsys):
    with override_settings(DEMO_ALLOWED=False):
        for address in ("/account/setup/", "/account/setup/?key=", "/account/setup/?key=x"):
            assert Client().get(address).status_code == 404
        assert Client().post("/account/setup/", FOUNDER).status_code == 404
        assert Client().get("/account/login/").status_code == 200
        call_command("setup_link")
        key = re.search(r"/account/setup/\?key=(\S+)", capsys.readouterr().out)[1]
        assert Client().get("/account/setup/", {"key": key}).status_code == 200
        assert Client().get("/account/setup/", {"key": key[:-1] + "?"}).status_code == 404
        assert Client().post("/account/setup/", FOUNDER | {"key": key}).status_code == 303
        assert Client().get("/account/setup/", {"key": key}).status_code == 404
        with pytest.raises(CommandError):
            call_command("setup_link")


def test_a_key_ends_after_a_day(empty, monkeypatch):
    key, begun = founding.new_key(), time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: begun + 24 * 3600 - 60)
    with override_settings(DEMO_ALLOWED=False):
        assert founding.may_found(key)
    monkeypatch.setattr("django.core.signing.time.time", lambda: begun + 24 * 3600 + 60)
    with override_settings(DEMO_ALLOWED=False):
        assert not founding.may_found(key)


def test_the_wizard_ends_in_a_portal_that_takes_requests(nora):
    product = {"name": "Hafenmeister", "areas": "Liegeplätze\n\nGebühren\nLiegeplätze", "version": "3.1"}
    assert nora.post(at("products"), product)["Location"] == at("channels")
    with viewing_as(SYSTEM):
        made = Product.objects.get()
        assert [one.name for one in made.areas.all()] == ["Liegeplätze", "Gebühren"]
    ways = {f"phone_{made.pk}": "0431 1234-0", f"free_{made.pk}": "on", f"email_{made.pk}": "hilfe@nordlicht.example"}
    assert nora.post(at("channels"), ways)["Location"] == at("hours")
    assert nora.post(at("hours"), HOURS)["Location"] == at("catalogue")
    assert nora.post(at("catalogue"), rates())["Location"] == at("colleagues")
    assert nora.get("/desk/setup/")["Location"] == at("finish")
    assert nora.post(at("finish"))["Location"] == at("finish")
    with viewing_as(SYSTEM):
        assert VendorProfile.objects.get().set_up_at is not None
        assert [one.kind for one in made.channels.all()] == ["portal", "phone", "email"]
        calendar = ServiceCalendar.objects.get()
        assert (calendar.state, calendar.sample, calendar.intervals.count()) == ("SH", False, 5)
        assert dict(calendar.targets.values_list("impact", "minutes"))["blocked"] == 120
        terms = terms_in_force(timezone.now())
        assert terms is not None
        assert {one.rate for one in terms.rates.all()} == {Decimal(120)}
        assert RequestKind.objects.filter(active=True).count() > 3
    contact = text(Client().get("/contact/"))
    assert "Hafenmeister" in contact
    assert "0431 1234-0" in contact.replace("\xa0", " ")
    assert nora.get("/desk/").status_code in (200, 302)


def test_every_step_can_be_left_and_taken_up_again(nora):
    nora.post(at("products"), {"name": "Hafenmeister"})
    nora.post(at("hours"), HOURS)
    page = nora.get(at("hours")).content.decode()
    assert 'value="16:30"' in page
    assert '<option value="SH" selected>' in page
    later = HOURS | {"to_4": "12:00", "name": "Kernzeit"}
    assert nora.post(at("hours"), later).status_code == 303
    with viewing_as(SYSTEM):
        calendar = ServiceCalendar.objects.get()
        assert calendar.name == "Kernzeit"
        assert sorted(str(one.ends) for one in calendar.intervals.all())[0] == "12:00:00"
    assert "Eigenes Haus einrichten" in text(nora.get("/desk/settings/"))
    assert nora.get("/desk/setup/")["Location"] == at("catalogue")


def test_another_product_follows_on_the_same_page(nora):
    assert nora.post(at("products"), {"name": "Hafenmeister", "another": "1"})["Location"] == at("products")
    assert "Hafenmeister" in text(nora.get(at("products")))
    assert nora.post(at("products"), {"name": "Hafenmeister"}).status_code == 422


def test_emptied_ways_of_contact_go(nora):
    nora.post(at("products"), {"name": "Hafenmeister"})
    with viewing_as(SYSTEM):
        pk = Product.objects.get().pk
    nora.post(at("channels"), {f"phone_{pk}": "0431 1234-0", f"remote_{pk}": "on"})
    nora.post(at("channels"), {f"email_{pk}": "a@nordlicht.example"})
    with viewing_as(SYSTEM):
        assert [one.kind for one in ContactChannel.objects.all()] == ["portal", "email"]
    refused = nora.post(at("channels"), {f"phone_{pk}": "ruf mich an"})
    assert refused.status_code == 422
    assert f'id="id_phone_{pk}_error"' in refused.content.decode()


def test_a_catalogue_without_rates_is_not_published(nora):
    assert nora.post(at("catalogue"), rates(support_rate="")).status_code == 422
    assert nora.post(at("catalogue"), rates(support_rate="-5")).status_code == 422
    assert nora.post(at("catalogue"), rates(support_rate="0")).status_code == 422
    with viewing_as(SYSTEM):
        assert not TermsVersion.objects.filter(published_at__isnull=False).exists()
    assert nora.post(at("catalogue"), rates()).status_code == 303
    assert "Version 1" in text(nora.get(at("catalogue")))
    nora.post(at("catalogue"), rates(support_rate="1"))
    with viewing_as(SYSTEM):
        assert TermsVersion.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"from_0": ""}, {"from_0": "17:00"}, {"state": "XX"}, {"blocked": "0"}, {"name": ""}]
)
def test_hours_that_cannot_be_are_refused(nora, wrong):
    assert nora.post(at("hours"), HOURS | wrong).status_code == 422
    with viewing_as(SYSTEM):
        assert not ServiceCalendar.objects.exists()


def test_a_house_without_hours_at_all_is_refused(nora):
    assert nora.post(at("hours"), HOURS | dict.fromkeys(WEEK, "")).status_code == 422


def test_the_portal_does_not_open_before_the_needed_steps(nora):
    page = text(nora.get(at("finish")))
    assert "Fehlt noch" in page
    assert nora.post(at("finish")).status_code == 200
    with viewing_as(SYSTEM):
        assert VendorProfile.objects.get().set_up_at is None


def test_colleagues_are_added_with_their_roles(nora):
    colleague = {"name": "Per Sund", "email": "per@nordlicht.example", "roles": ["agent", "lead"]}
    assert nora.post(at("colleagues"), colleague)["Location"] == at("finish")
    with viewing_as(SYSTEM):
        assert User.objects.get(email="per@nordlicht.example").staff_roles == ["agent", "lead"]
    assert nora.post(at("colleagues"), colleague | {"roles": []}).status_code == 422


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_the_wizard_is_for_administrators(cast):
    for step in ("products", "channels", "hours", "catalogue", "colleagues", "finish"):
        assert signed_in(cast.dora).get(at(step)).status_code == 404
        assert signed_in(cast.anna).post(at(step), {"name": "X"}).status_code == 404
    assert signed_in(make_staff("Hedwig", "administrator")).get(at("nowhere")).status_code == 404


def test_all_pages_of_the_desk_work_in_a_house_that_has_nothing_yet(nora):
    for path in ("/desk/lists/to-assess/", "/desk/lists/in-danger/", "/desk/customers/", "/desk/settings/",
                 "/desk/calls/", "/desk/handovers/", "/desk/billing/", "/desk/notices/", "/account/me/",
                 "/contact/", "/catalogue/", "/faq/", "/accessibility/", at("products"), at("finish")):  # fmt: skip
        assert nora.get(path).status_code == 200, path


def test_who_works_alone_has_one_queue(nora):
    page = text(nora.get("/desk/lists/to-assess/"))
    links = re.findall(r'href="/desk/lists/([a-z-]+)/"', page)
    assert "all-open" in links
    assert not {"mine", "in-progress"} & set(links)
    assert page.count("<h2>Team</h2>") == 0
    nora.post(at("colleagues"), {"name": "Per Sund", "email": "per@nordlicht.example", "roles": ["agent"]})
    page = text(nora.get("/desk/lists/to-assess/"))
    assert {"mine", "in-progress"} <= set(re.findall(r'href="/desk/lists/([a-z-]+)/"', page))
    assert "<h2>Team</h2>" in page


@pytest.mark.parametrize("step", ["products", "channels", "hours", "catalogue", "colleagues", "finish"])
def test_a_step_asks_the_database_little(nora, step):
    nora.post(at("products"), {"name": "Hafenmeister"})
    nora.post(at("hours"), HOURS)
    nora.get(at(step))
    with CaptureQueriesContext(connection) as captured:
        assert nora.get(at(step)).status_code == 200
    beside = ("django_session", "set_config", "SAVEPOINT", '"accounts_user"."password"')
    asked = [one["sql"] for one in captured if not any(word in one["sql"] for word in beside)]
    assert len(asked) <= 8, asked
