"""Registering: the way through, and every way to get in that must not work."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from klarfall.accounts.limits import Limit
from klarfall.accounts.models import Tally
from klarfall.channels import registering
from klarfall.core.isolation import NOBODY, SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.customers.models import Contact, Customer, RegistrationPolicy
from klarfall.customers.registrations import one_spelling
from klarfall.portal.tests.registration_walk import (
    CODE,
    DETAILS,
    DONE,
    FULL,
    NAMED,
    PASSWORD,
    SECRET,
    START,
    acme,
    contact_with,
    policy,
    posted_code,
    prove,
    registered,
    rows,
    scrubbed,
    start,
)
from tests.queue import run_jobs, waiting_jobs

__all__ = ["acme"]  # a fixture


def test_from_number_and_address_into_the_portal(acme, client):
    assert start(client, acme).headers["Location"] == CODE
    page = client.get(CODE).content.decode()
    assert "rita@acme.example" in page
    assert not any(word in page.replace("rita@acme.example", "") for word in SECRET)
    code = posted_code()
    assert client.post(CODE, {"code": f" {code[:3]} {code[3:]} "}).headers["Location"] == DETAILS
    assert "Acme" in client.get(DETAILS).content.decode(), "after the code the company is shown"
    assert client.post(DETAILS, FULL).headers["Location"] == DONE
    shown = client.get(DONE).content.decode()
    assert "Anfragesteller" in shown or "Anfrage" in shown
    contact = contact_with("rita@acme.example")
    assert (contact.customer_id, contact.roles, contact.visibility) == (acme.acme.pk, ["requester"], "own")
    assert contact.user.check_password(PASSWORD)
    assert client.get("/").status_code == 200, "signed in at once"
    with viewing_as(SYSTEM):
        assert AuditEntry.objects.filter(verb="registration.admitted").count() == 1


def test_the_code_is_stored_as_a_keyed_hash_and_stands_in_no_queue(acme, client):
    start(client, acme)
    ((_pk, name, arguments),) = waiting_jobs()
    assert name == "channels.register"
    code = posted_code()
    (row,) = rows()
    assert code not in str(arguments)
    assert row.code_hash not in (code, hashlib.sha256(code.encode()).hexdigest())
    assert client.session["klarfall.registration"]["token"] not in (row.token_hash, str(arguments))
    assert row.expires_at - row.created_at == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("number", "email"),
    [
        ("", "rita@acme.example"),
        ("K-9999", "rita@acme.example"),
        ("", "rita@borealis.example"),
        ("", "rita@mail.acme.example"),
        ("", "rita@notacme.example"),
        ("", "rita@acme.example.evil.example"),
        ("", "bernd@acme.example"),
        ("", "anna@vendor.example"),
        ("", "clara@borealis.example"),
    ],
)
def test_every_page_answers_the_same_whatever_is_true(acme, number, email):
    """Known or not, fitting or not, colleague, staff: same status, same page, same work in the request."""
    usual = _answers(acme, "", "nora@acme.example")
    assert _answers(acme, number, email) == usual


def _answers(acme, number, email):
    client = Client()
    first = start(client, acme, email, number or None)
    jobs = [name for _pk, name, _arguments in waiting_jobs()]
    run_jobs()
    shown, wrong = client.get(CODE), client.post(CODE, {"code": "12"})
    tries = [client.post(CODE, {"code": "12"}) for _try in range(5)]
    answers = [first, shown, wrong, *tries, client.get(DETAILS), client.get(DONE)]
    return jobs, [(one.status_code, one.headers.get("Location"), scrubbed(one)) for one in answers]


def test_strangers_get_one_polite_mail_a_day_without_code_or_company(acme):
    for number in ("K-9999", acme.acme.number, "K-9999"):
        start(Client(), acme, "stranger@elsewhere.example", number)
    run_jobs()
    (sent,) = mail.outbox
    assert sent.to == ["stranger@elsewhere.example"]
    assert "Acme" not in sent.subject + sent.body
    assert not re.search(r"\b\d{6}\b", sent.body)
    assert rows() == []


def test_many_strangers_are_never_mailed(acme, monkeypatch):
    monkeypatch.setattr(registering, "_STRANGERS", Limit("registration.strangers", 3, timedelta(hours=1)))
    for number in range(6):
        start(Client(), acme, f"stranger{number}@elsewhere.example")
    run_jobs()
    assert len(mail.outbox) == 3


def test_by_invitation_only_means_no_code(acme, client):
    policy(acme.acme, RegistrationPolicy.INVITATION)
    start(client, acme)
    assert posted_code() == ""
    assert rows() == []


def test_without_domains_nobody_registers(acme, client):
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=acme.acme.pk).update(mail_domains=[])
    start(client, acme)
    assert posted_code() == ""


@pytest.mark.parametrize(
    ("domain", "typed"),
    [
        ("bücher.example", "rita@BÜCHER.example"),
        ("xn--bcher-kva.example", "rita@bücher.example"),
        ("Bücher.Example", "rita@xn--bcher-kva.EXAMPLE"),
        ("acme.example", "RITA@Acme.Example"),
        ("acme.example", "rita+portal@acme.example"),
    ],
)
def test_a_domain_has_many_spellings(acme, client, domain, typed):
    policy(acme.acme, RegistrationPolicy.AUTOMATIC, domain)
    assert prove(client, acme, typed).headers["Location"] == DETAILS
    client.post(DETAILS, FULL)
    assert contact_with(one_spelling(typed)).customer_id == acme.acme.pk


@pytest.mark.parametrize(
    "typed",
    ['"a b"@acme.example', '"rita@evil.example"@acme.example', "rita@acme.example, x@evil.example", "rita@",
     "@acme.example",
     "rita%evil.example@acme.example", "rita@acme.example\nBcc: x@evil.example", "rita@[127.0.0.1]"],
)  # fmt: skip
def test_addresses_that_servers_read_differently_are_none(acme, client, typed):
    answer = start(client, acme, typed)
    assert answer.status_code == 422
    assert waiting_jobs() == []


def test_a_look_alike_domain_is_another_domain(acme, client):
    start(client, acme, "rita@аcme.example")  # the first a is a Cyrillic letter
    assert posted_code() == ""
    assert rows() == []


def test_five_wrong_codes_end_it_even_for_the_right_one(acme, client):
    start(client, acme)
    code = posted_code()
    for number in range(5):
        assert client.post(CODE, {"code": f"{number:06d}"}).status_code == 422
    answer = client.post(CODE, {"code": code})
    assert answer.status_code == 422
    assert "zu oft falsch" in answer.content.decode()
    assert rows()[0].confirmed_at is None


def test_attempts_are_counted_where_they_are_kept_not_in_the_browser(acme, client):
    """The counter of the row holds even if that of the browser were gone."""
    start(client, acme)
    code = posted_code()
    for number in range(5):
        client.post(CODE, {"code": f"{number:06d}"})
    with viewing_as(NOBODY):
        Tally.objects.all().delete()
    assert client.post(CODE, {"code": code}).status_code == 422


def test_a_code_ends_after_a_quarter_of_an_hour(acme, client, clock):
    start(client, acme)
    code = posted_code()
    clock.forward(minutes=15)
    assert client.post(CODE, {"code": code}).status_code == 422


def test_a_code_is_worth_nothing_in_another_browser(acme, client):
    start(client, acme)
    code, thief = posted_code(), Client()
    start(thief, acme)
    assert thief.post(CODE, {"code": code}).status_code == 422
    assert thief.get(DETAILS).headers["Location"] == CODE
    assert Client().post(CODE, {"code": code}).headers["Location"] == START


def test_a_new_code_replaces_the_old_one_after_forty_seconds(acme, client, clock):
    start(client, acme)
    old = posted_code()
    assert client.post(CODE, {"again": "1"}).status_code == 422
    clock.forward(seconds=41)
    assert client.post(CODE, {"again": "1"}).headers["Location"] == CODE
    new = posted_code()
    if old != new:
        assert client.post(CODE, {"code": old}).status_code == 422
    assert client.post(CODE, {"code": new}).headers["Location"] == DETAILS


def test_mails_to_one_mailbox_are_few_whoever_asks(acme):
    """Twenty browsers from twenty places ask for the same address: five mails."""
    statuses = [
        Client(REMOTE_ADDR=f"10.0.0.{number}").post(START, {"number": acme.acme.number, "email": "rita@acme.example"})
        for number in range(20)
    ]
    assert [one.status_code for one in statuses] == [303] * 5 + [429] * 15
    run_jobs()
    assert len(mail.outbox) == 5


def test_the_limit_holds_for_addresses_that_nobody_knows_as_well(acme):
    for number in range(6):
        answer = start(Client(REMOTE_ADDR=f"10.0.0.{number}"), acme, "x@unknown.example", "nonsense")
    assert answer.status_code == 429


def test_limits_stand_in_the_database_as_hashes(acme, client):
    start(client, acme)
    with viewing_as(NOBODY):
        found = list(Tally.objects.values_list("key", "count"))
    assert len(found) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", key) and count == 1 for key, count in found)


def test_the_address_cannot_be_changed_after_the_code(acme, client):
    """What is posted later is read by nobody: the address that got the code is the one that comes in."""
    prove(client, acme)
    client.post(DETAILS, {**FULL, "email": "chef@acme.example", "number": "K-9999", "username": "chef@acme.example"})
    assert contact_with("rita@acme.example") is not None
    assert contact_with("chef@acme.example") is None


def test_another_address_after_the_code_needs_another_code(acme, client):
    prove(client, acme)
    start(client, acme, "chef@acme.example")
    assert client.get(DETAILS).headers["Location"] == CODE
    assert client.post(DETAILS, FULL).headers["Location"] == CODE
    assert contact_with("chef@acme.example") is None


def test_the_session_changes_with_the_code_and_with_signing_in(acme, client):
    """Somebody who planted a session before has nothing of it."""
    start(client, acme)
    planted = client.session.session_key
    client.post(CODE, {"code": posted_code()})
    proved = client.session.session_key
    client.post(DETAILS, FULL)
    assert len({planted, proved, client.session.session_key}) == 3
    for key in (planted, proved):
        thief = Client()
        thief.cookies.load({name: key for name in client.cookies if "csrf" not in name})
        assert thief.get(DETAILS).headers["Location"] in (START, CODE)


def test_steps_cannot_be_skipped(acme, client):
    assert client.get(CODE).headers["Location"] == START
    assert client.get(DETAILS).headers["Location"] == CODE
    assert client.get(DONE).headers["Location"] == START
    start(client, acme)
    run_jobs()
    assert client.post(DETAILS, FULL).headers["Location"] == CODE
    assert contact_with("rita@acme.example") is None


def test_an_hour_after_the_code_it_is_over(acme, client, clock):
    prove(client, acme)
    clock.forward(minutes=61)
    assert client.post(DETAILS, FULL).headers["Location"] == CODE
    assert contact_with("rita@acme.example") is None


def test_a_double_submit_makes_one_contact_and_keeps_the_first_password(acme, client):
    prove(client, acme)
    assert [client.post(DETAILS, FULL).headers["Location"] for _click in range(2)] == [DONE, DONE]
    again = {**FULL, "password1": "Teekanne-im-Regen", "password2": "Teekanne-im-Regen"}
    assert client.post(DETAILS, again).headers["Location"] == DONE
    assert contact_with("rita@acme.example").user.check_password(PASSWORD)
    with viewing_as(SYSTEM):
        assert Contact.objects.filter(user__email="rita@acme.example").count() == 1


@pytest.mark.parametrize(
    "name", ["", "http://evil.example", "www.evil.example", "<b>", "a@b.example", "12345", "\u202eeva"]
)
def test_a_name_is_a_name(acme, client, name):
    assert registered(client, acme, data={**FULL, "name": name}).status_code == 422
    assert contact_with("rita@acme.example") is None


@pytest.mark.parametrize("password", ["kurz", "1234567890123", "rita@acme.example"])
def test_a_weak_password_is_refused(acme, client, password):
    data = {**NAMED, "password1": password, "password2": password}
    assert registered(client, acme, data=data).status_code == 422
