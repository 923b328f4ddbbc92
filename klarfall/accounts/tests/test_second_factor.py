"""The second factor: switched on, asked for at sign-in, guessed in vain, lost, and taken away."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from klarfall.accounts.jobs import forget
from klarfall.core.isolation import NOBODY, SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from tests.queue import run_jobs

PASSWORD = "Kaffeetasse-im-Schnee"
ON, OFF, CODES = (f"/account/second-factor/{part}/" for part in ("activation", "removal", "recovery-codes"))
ASKED = "/account/second-factor/code/"


@pytest.fixture
def person(cast):
    """Bernd, who has a password."""
    cache.clear()
    with viewing_as(SYSTEM):
        cast.bernd.user.set_password(PASSWORD)
        cast.bernd.user.save()
    return cast.bernd.user


def sign_in(client, user, **extra):
    return client.post("/account/login/", {"login": user.email, "password": PASSWORD, **extra})


def now_shown(secret: str, ahead: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + ahead))


def switched_on(client, user, callbacks) -> tuple[str, list[str]]:
    """Switch it on as people do; returns the key and the recovery codes."""
    sign_in(client, user)
    asked = client.get(ON)
    assert asked.headers["Location"].startswith("/account/password/confirmation/"), "the password once more"
    answer = client.post(asked.headers["Location"], {"password": PASSWORD})
    assert answer.headers["Location"] == ON
    page = client.get(ON).content.decode()
    secret = re.search(r"num\">([A-Z2-7]{32})<", page)[1]
    with callbacks(execute=True):
        answer = client.post(ON, {"code": now_shown(secret)})
    assert answer.headers["Location"] == CODES
    return secret, re.findall(r"<li>(\d{8})</li>", client.get(CODES).content.decode())


@pytest.fixture
def callbacks(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


def test_it_is_off_until_somebody_wants_it(person, client):
    assert sign_in(client, person).headers["Location"] == "/"
    page = client.get("/account/second-factor/").content.decode()
    assert ON in page
    assert "freiwillig" in page


def test_switched_on_it_is_asked_for_and_the_way_goes_on(person, client, callbacks):
    secret, codes = switched_on(client, person, callbacks)
    assert len(set(codes)) == 10
    run_jobs()
    assert "zweite Faktor" in mail.outbox[-1].subject
    other = Client()
    assert sign_in(other, person, next="/requests/").headers["Location"] == ASKED
    assert other.get("/").status_code == 302, "the password alone opens nothing"
    page = other.get(ASKED)
    assert page.status_code == 200
    answer = other.post(ASKED, {"code": now_shown(secret, 1)})
    assert answer.headers["Location"] == "/requests/"
    assert other.get("/requests/").status_code == 200


def test_a_code_counts_once_in_whatever_process(person, client, callbacks):
    secret, _codes = switched_on(client, person, callbacks)
    code = now_shown(secret, 1)
    for expected in (302, 200):
        cache.clear()  # another process remembers nothing of this one
        thief = Client()
        sign_in(thief, person)
        assert thief.post(ASKED, {"code": code}).status_code == expected
    assert "_auth_user_id" not in thief.session


def test_guessing_ends_after_ten_tries_whatever_the_process_remembers(person, client, callbacks):
    secret, _codes = switched_on(client, person, callbacks)
    thief = Client()
    sign_in(thief, person)
    for number in range(10):
        cache.clear()
        thief.post(ASKED, {"code": f"{number:06d}"})
    cache.clear()
    answer = thief.post(ASKED, {"code": now_shown(secret, 1)})
    assert "_auth_user_id" not in thief.session
    assert "Zu viele Versuche" in answer.content.decode()


def test_a_recovery_code_opens_once(person, client, callbacks):
    _secret, codes = switched_on(client, person, callbacks)
    for expected in (302, 200):
        other = Client()
        sign_in(other, person)
        assert other.post(ASKED, {"code": codes[0]}).status_code == expected
    assert "9 Wiederherstellungscodes" in client.get("/account/second-factor/").content.decode()
    saved = client.get(f"{CODES}file/")
    assert saved["Content-Disposition"].startswith("attachment")
    assert codes[1] in saved.content.decode()
    assert codes[0] not in saved.content.decode()


def test_new_recovery_codes_replace_the_old_ones(person, client, callbacks):
    _secret, codes = switched_on(client, person, callbacks)
    with callbacks(execute=True):
        client.post(f"{CODES}new/")
    fresh = re.findall(r"<li>(\d{8})</li>", client.get(CODES).content.decode())
    assert not set(fresh) & set(codes)
    run_jobs()
    assert "Wiederherstellungscodes" in mail.outbox[-1].subject


def test_switching_it_off_asks_who_it_is_and_says_so_by_mail(person, client, callbacks):
    secret, _codes = switched_on(client, person, callbacks)
    stolen = Client()
    stolen.force_login(person)  # a session without a recent password
    assert "/account/" in stolen.post(OFF).headers["Location"]
    with viewing_as(NOBODY):
        assert Authenticator.objects.filter(user=person).count() == 2
    with callbacks(execute=True):
        assert client.post(OFF).status_code == 302
    run_jobs()
    assert "aus" in mail.outbox[-1].subject
    assert sign_in(Client(), person).headers["Location"] == "/"
    assert secret


def test_a_new_password_by_mail_does_not_get_around_it(person, client, callbacks):
    switched_on(client, person, callbacks)
    other = Client()
    other.post("/account/password/reset/", {"email": person.email})
    run_jobs()
    (link,) = re.findall(r"http://localhost:\d+(/account/password/reset/key/\S+)", mail.outbox[-1].body)
    address = other.get(link, follow=True).redirect_chain[-1][0]
    other.post(address, {"password1": "Teekanne-im-Regen", "password2": "Teekanne-im-Regen"})
    answer = other.post("/account/login/", {"login": person.email, "password": "Teekanne-im-Regen"})
    assert answer.headers["Location"] == ASKED


def test_the_code_page_without_a_password_leads_to_sign_in(db, client):
    assert client.get(ASKED).headers["Location"] == "/account/login/"
    assert client.post(ASKED, {"code": "123456"}).headers["Location"] == "/account/login/"


def test_who_lost_everything_is_helped_by_the_operator(person, client, callbacks):
    switched_on(client, person, callbacks)
    call_command("remove_second_factor", person.email.upper(), stdout=open("/dev/null", "w"))  # noqa: SIM115
    assert sign_in(Client(), person).headers["Location"] == "/"
    run_jobs()
    assert mail.outbox[-1].to == ["Bernd <bernd@acme.example>"]
    with viewing_as(SYSTEM):
        assert AuditEntry.objects.filter(verb="second_factor.removed", subject_id=person.pk).exists()
    for address in (person.email, "nobody@acme.example"):
        with pytest.raises(CommandError):
            call_command("remove_second_factor", address)


def test_an_erased_person_keeps_no_key(person, client, callbacks):
    switched_on(client, person, callbacks)
    forget(person_id=person.pk)
    with viewing_as(NOBODY):
        assert not Authenticator.objects.filter(user=person).exists()
