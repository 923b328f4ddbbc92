"""Sign-in, sign-out, passwords, language: what works, what is refused, and with which words."""

import re

import pytest
from axes.models import AccessAttempt, AccessLog
from django.core import mail
from django.core.cache import cache
from django.test import Client

from klarfall.accounts.models import User
from klarfall.core.isolation import NOBODY, SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from tests.queue import run_jobs, waiting_jobs

PASSWORD = "Kaffeetasse-im-Schnee"


@pytest.fixture
def people(cast):
    with viewing_as(SYSTEM):
        for user in (cast.anna, cast.bernd.user):
            user.set_password(PASSWORD)
            user.save()
    cache.clear()
    return cast


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra):
    return client.post("/account/login/", {"login": email, "password": password, **extra})


def test_contacts_come_to_the_portal_and_staff_to_the_desk(people, client):
    assert sign_in(client, "bernd@acme.example").headers["Location"] == "/"
    client.logout()
    assert sign_in(client, "ANNA@vendor.example").headers["Location"] == "/desk/"


@pytest.mark.parametrize(
    ("email", "asked", "expected"),
    [
        ("bernd@acme.example", "/requests/new/", "/requests/new/"),
        ("bernd@acme.example", "/desk/", "/"),
        ("anna@vendor.example", "/desk/tickets/7/", "/desk/tickets/7/"),
        ("anna@vendor.example", "/", "/desk/"),
        ("bernd@acme.example", "https://evil.example/", "/"),
        ("bernd@acme.example", "//evil.example/", "/"),
        ("bernd@acme.example", "/\\evil.example/", "/"),
    ],
)
def test_signing_in_leads_only_where_the_person_may_go(people, client, email, asked, expected):
    assert sign_in(client, email, next=asked).headers["Location"] == expected


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(people, client):
    wrong, unknown = sign_in(client, "bernd@acme.example", "x"), sign_in(client, "nobody@acme.example", "x")
    assert "gehören nicht zusammen" in wrong.content.decode()
    scrub = lambda r: re.sub(r'value="[^"]*"|X-CSRFToken[^}]*', "", r.content.decode())  # noqa: E731
    assert scrub(wrong) == scrub(unknown)
    assert wrong.status_code == unknown.status_code


def test_too_many_attempts_lock_this_address_for_this_person_only(people, client):
    for _attempt in range(8):
        response = sign_in(client, "bernd@acme.example", "wrong")
    assert response.status_code == 429
    assert "Zu viele Versuche" in response.content.decode()
    assert sign_in(client, "bernd@acme.example").status_code == 429, "even the right password waits now"
    elsewhere = Client(REMOTE_ADDR="10.9.8.7")
    assert sign_in(elsewhere, "bernd@acme.example").status_code == 302
    assert sign_in(client, "anna@vendor.example").status_code == 302


def test_a_closed_account_stays_outside(people, client):
    with viewing_as(SYSTEM):
        User.objects.filter(email="bernd@acme.example").update(is_active=False)
    response = client.post("/account/login/", {"login": "bernd@acme.example", "password": PASSWORD}, follow=True)
    assert "_auth_user_id" not in client.session
    assert response.status_code == 200


@pytest.mark.parametrize(
    "path",
    ["signup/", "email/", "inactive/", "confirm-email/", "password/set/", "reauthenticate/", "login/code/confirm/"],
)
def test_what_we_do_not_need_of_allauth_does_not_exist(people, client, path):
    client.force_login(people.anna)
    assert client.get(f"/account/{path}").status_code == 404


def test_signing_out_takes_a_post(people, client):
    client.force_login(people.bernd.user)
    assert client.get("/account/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    client.post("/account/logout/")
    assert "_auth_user_id" not in client.session


def test_a_reset_says_the_same_for_known_and_unknown_addresses(people, client):
    answers = [
        client.post("/account/password/reset/", {"email": email})
        for email in ("bernd@acme.example", "clara@borealis.example", "nobody@acme.example")
    ]
    assert {(a.status_code, a.headers["Location"]) for a in answers} == {(303, "/account/password/reset/done/")}
    assert len(waiting_jobs()) == 3, "the work is the same as well"
    run_jobs()
    assert [message.to for message in mail.outbox] == [["Bernd <bernd@acme.example>"]], "Clara has no password yet"


def test_the_way_to_a_new_password(people, client):
    client.post("/account/password/reset/", {"email": "Bernd@Acme.example"})
    run_jobs()
    (link,) = re.findall(r"http://localhost:\d+(/account/password/reset/key/\S+)", mail.outbox[0].body)
    form = client.get(link, follow=True)
    assert "MD5" not in link
    address = form.redirect_chain[-1][0]
    assert "set-password" in address, "the token leaves the address bar"
    weak = client.post(address, {"password1": "1234567890", "password2": "1234567890"})
    assert weak.status_code == 200
    done = client.post(address, {"password1": "Teekanne-im-Regen", "password2": "Teekanne-im-Regen"})
    assert done.headers["Location"] == "/account/login/"
    assert sign_in(Client(), "bernd@acme.example", "Teekanne-im-Regen").status_code == 302
    again = Client().get(link)
    assert "nicht mehr gültig" in again.content.decode()


@pytest.mark.parametrize("key", ["1-abc", "zzzzzz-c0ffee-abc", "1-%00", "9999999999-x-y"])
def test_a_made_up_reset_link_says_so(people, client, key):
    response = client.get(f"/account/password/reset/key/{key}/")
    assert response.status_code == 200
    assert "nicht mehr gültig" in response.content.decode()


def test_changing_the_password_needs_the_old_one(people, client):
    client.force_login(people.bernd.user)
    new = {"password1": "Teekanne-im-Regen", "password2": "Teekanne-im-Regen"}
    wrong = client.post("/account/password/change/", {"oldpassword": "x", **new})
    assert "nicht Ihr aktuelles Passwort" in wrong.content.decode()
    right = client.post("/account/password/change/", {"oldpassword": PASSWORD, **new})
    assert right.headers["Location"] == "/account/me/"
    assert sign_in(Client(), "bernd@acme.example", "Teekanne-im-Regen").status_code == 302


def test_the_language_is_remembered_for_mails(people, client):
    client.force_login(people.bernd.user)
    client.post("/account/language/", {"language": "en", "next": "/account/me/"})
    assert User.objects.get(pk=people.bernd.user_id).language == "en"
    assert "My details" in client.get("/account/me/").content.decode()
    client.post("/account/language/", {"language": "xx"})
    assert User.objects.get(pk=people.bernd.user_id).language == "en"


def test_shortcuts_can_be_switched_off(people, client):
    client.force_login(people.anna)
    client.post("/account/shortcuts/", {})
    assert not User.objects.get(pk=people.anna.pk).shortcuts
    client.post("/account/shortcuts/", {"on": "1"})
    assert User.objects.get(pk=people.anna.pk).shortcuts
    assert client.get("/account/shortcuts/").status_code == 405


def test_my_details_show_roles_visibility_and_limit_of_the_person_only(people, client):
    client.force_login(people.astrid.user)
    page = client.get("/account/me/").content.decode()
    assert "Acme" in page
    assert "500,00" in page
    assert "Kostenfreigabe" in page
    assert "Borealis" not in page
    assert "Bernd" not in page


@pytest.mark.parametrize("path", ["/account/me/", "/account/password/change/"])
def test_pages_of_the_account_need_a_sign_in(people, client, path):
    assert client.get(path).headers["Location"].startswith("/account/login/")


def test_the_desk_does_not_exist_for_contacts_nor_the_portal_for_staff(people, client):
    client.force_login(people.bernd.user)
    assert client.get("/desk/").status_code == 404
    client.force_login(people.anna)
    assert client.get("/").status_code == 404
    assert Client().get("/desk/").headers["Location"].startswith("/account/login/")
    assert Client().get("/").headers["Location"].startswith("/account/login/")


class TestDemo:
    @pytest.fixture
    def demo(self, people, settings):
        settings.DEMO_ALLOWED = True
        with viewing_as(SYSTEM):
            VendorProfile.objects.update(is_demo=True)
        cache.clear()
        return people

    def test_the_sign_in_page_lists_the_people(self, demo, client):
        page = client.get("/account/login/").content.decode()
        assert all(name in page for name in ("Anna", "Dora", "Bernd", "Astrid", "Clara", "Acme"))

    def test_one_click_signs_in(self, demo, client):
        response = client.post("/account/demo/", {"user": demo.bernd.user_id})
        assert response.headers["Location"] == "/"
        assert client.session["_auth_user_id"] == str(demo.bernd.user_id)

    @pytest.mark.parametrize("user", ["", "0", "abc", "-1", "1 OR 1=1"])
    def test_only_people_of_the_list(self, demo, client, user):
        assert client.post("/account/demo/", {"user": user}).status_code == 404

    def test_the_system_user_is_not_in_the_list(self, demo, client):
        with viewing_as(SYSTEM):
            system = User.objects.system()
        assert client.post("/account/demo/", {"user": system.pk}).status_code == 404

    @pytest.mark.parametrize(("allowed", "marked"), [(False, True), (True, False)])
    def test_it_exists_only_where_allowed_and_marked(self, demo, settings, client, allowed, marked):
        settings.DEMO_ALLOWED = allowed
        with viewing_as(SYSTEM):
            VendorProfile.objects.update(is_demo=marked)
        cache.clear()
        assert client.post("/account/demo/", {"user": demo.bernd.user_id}).status_code == 404
        assert "Bernd" not in client.get("/account/login/").content.decode()
        assert client.get("/demo/mails/").status_code == 404


def test_nobody_fills_a_mailbox_with_links(people, client):
    answers = [client.post("/account/password/reset/", {"email": "bernd@acme.example"}) for _again in range(6)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [429]


@pytest.mark.parametrize("path", ["/desk/customers/%00/", "/desk/customers/?q=%00", "/desk/calls/?q=a%00b"])
def test_an_address_with_a_nul_does_not_exist(people, client, path):
    sign_in(client, "anna@vendor.example")
    assert client.get(path).status_code == 404


def test_failures_are_counted_and_who_signed_in_when_is_not_kept(people, client):
    sign_in(client, "bernd@acme.example", "falsch")
    sign_in(client, "bernd@acme.example", PASSWORD)
    client.logout()
    with viewing_as(NOBODY):
        assert not AccessLog.objects.exists()
    sign_in(client, "bernd@acme.example", "falsch")
    with viewing_as(NOBODY):
        assert AccessAttempt.objects.get().failures_since_start == 1


def test_wrong_passwords_of_a_network_are_counted_for_all_processes(people):
    """Thirty people tried once each; another process, which remembers nothing, refuses as well."""
    for number in range(30):
        sign_in(Client(REMOTE_ADDR="10.1.1.1"), f"person{number}@acme.example", "wrong")
    cache.clear()
    answer = sign_in(Client(REMOTE_ADDR="10.1.1.1"), "anna@vendor.example")
    assert "Zu viele Versuche" in answer.content.decode()
    assert sign_in(Client(REMOTE_ADDR="10.1.1.2"), "anna@vendor.example").status_code == 302


def test_right_passwords_are_no_attempts(people):
    for _colleague in range(40):
        assert sign_in(Client(REMOTE_ADDR="10.1.1.3"), "anna@vendor.example").status_code == 302


def test_links_to_a_new_password_are_counted_for_all_processes(people, client):
    for _try in range(5):
        client.post("/account/password/reset/", {"email": "bernd@acme.example"})
        cache.clear()
    assert client.post("/account/password/reset/", {"email": "BERND@acme.example"}).status_code == 429
