"""Registering: every way through, and every way to get in that must not work."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from klarfall.accounts.limits import Limit
from klarfall.accounts.models import Kind, Tally, User
from klarfall.channels import registering
from klarfall.channels.jobs import sweep_registrations
from klarfall.channels.models import Notice
from klarfall.core.isolation import NOBODY, SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.customers.models import Contact, Customer, Invitation, Registration, RegistrationPolicy
from klarfall.customers.registrations import one_spelling
from tests.cast import make_contact, make_customer
from tests.queue import again, run_jobs, waiting_jobs

START, CODE, DETAILS, DONE = (f"/account/register/{part}" for part in ("", "code/", "details/", "done/"))
PASSWORD = "Kaffeetasse-im-Schnee"
NAMED = {"name": "Rita Registriert"}
FULL = {**NAMED, "password1": PASSWORD, "password2": PASSWORD}
SECRET = ("Acme", "bernd")


@pytest.fixture
def acme(cast, clock):
    """Acme lets people of its domain in by itself; tests change that."""
    policy(cast.acme, RegistrationPolicy.AUTOMATIC)
    return cast


def policy(customer, how, *domains):
    with viewing_as(SYSTEM):
        values = {"registration_policy": how, "mail_domains": list(domains) or ["acme.example"]}
        Customer.objects.filter(pk=customer.pk).update(**values)


def start(client, acme, email="rita@acme.example", number=None):
    return client.post(START, {"number": number or acme.acme.number, "email": email})


def posted_code() -> str:
    """The code in the newest mail, after the mails that wait were sent."""
    run_jobs()
    found = re.search(r"Code\D*(\d{6})", mail.outbox[-1].body)
    return found[1] if found else ""


def prove(client, acme, email="rita@acme.example", **values):
    start(client, acme, email, **values)
    return client.post(CODE, {"code": posted_code()})


def registered(client, acme, email="rita@acme.example", data=FULL):
    prove(client, acme, email)
    return client.post(DETAILS, data)


def rows():
    with viewing_as(SYSTEM):
        return list(Registration.objects.order_by("pk"))


def contact_with(email):
    with viewing_as(SYSTEM):
        return Contact.objects.select_related("user", "customer").filter(user__email=email).first()


def scrubbed(answer) -> str:
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|X-CSRFToken[^}]*', "", answer.content.decode())
    return re.sub(r"\b[\w.+-]+@[\w.-]+\b", "ADDRESS", page)


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


def admin_of(acme):
    return make_contact("Gesa", acme.acme, "requester", "customer_admin")


def test_the_admin_lets_somebody_in(acme, client):
    policy(acme.acme, RegistrationPolicy.CUSTOMER_ADMIN)
    admin = admin_of(acme)
    assert registered(client, acme, data=NAMED).headers["Location"] == DONE
    assert "Kundenadministration" in client.get(DONE).content.decode()
    assert contact_with("rita@acme.example") is None, "nobody has an account before"
    mail.outbox.clear()
    run_jobs()
    assert [one.to for one in mail.outbox] == [["Gesa <gesa@acme.example>"]]
    assert "Rita Registriert" in mail.outbox[0].body
    assert "rita@acme.example" in mail.outbox[0].body
    desk = Client()
    desk.force_login(admin.user)
    page = desk.get("/colleagues/registrations/")
    assert "Rita Registriert" in page.content.decode()
    assert desk.post(f"/colleagues/registrations/{rows()[0].pk}/decision/", {"admit": "1"}).status_code == 303
    run_jobs()
    told = mail.outbox[-1]
    assert told.to == ["Rita Registriert <rita@acme.example>"]
    (link,) = re.findall(r"(/account/invitation/\S+)", told.body)
    newcomer = Client()
    assert newcomer.post(link, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 303
    assert newcomer.get("/").status_code == 200
    with viewing_as(SYSTEM):
        notice = Notice.objects.get(kind="registration_admitted")
    assert link.rstrip("/").rpartition("/")[2] not in notice.text + notice.html
    assert "Rita" not in desk.get("/colleagues/registrations/").content.decode()


def test_specialists_are_asked_where_the_customer_has_no_admin_or_wants_it(acme):
    for how, email in (
        (RegistrationPolicy.CUSTOMER_ADMIN, "rita@acme.example"),
        (RegistrationPolicy.SPECIALIST, "rolf@acme.example"),
    ):
        policy(acme.acme, how)
        registered(Client(), acme, email, data=NAMED)
        mail.outbox.clear()
        run_jobs()
        assert {one.to[0] for one in mail.outbox} == {"Anna <anna@vendor.example>", "Dora <dora@vendor.example>"}


def test_the_desk_decides_and_refusing_needs_no_reason(acme, client):
    policy(acme.acme, RegistrationPolicy.SPECIALIST)
    admin = admin_of(acme)
    registered(client, acme, data=NAMED)
    run_jobs()
    (row,) = rows()
    theirs, ours = Client(), Client()
    theirs.force_login(admin.user)
    ours.force_login(acme.anna)
    theirs.post(f"/colleagues/registrations/{row.pk}/decision/", {"admit": "1"})
    assert contact_with("rita@acme.example") is None, "as agreed, specialists decide"
    assert "Rita" in ours.get("/desk/registrations/").content.decode()
    ours.post(f"/desk/registrations/{row.pk}/decision/", {"admit": "0"})
    run_jobs()
    assert mail.outbox[-1].to == ["Rita Registriert <rita@acme.example>"]
    assert "nicht freigegeben" in " ".join(mail.outbox[-1].body.split())
    assert ours.post(f"/desk/registrations/{row.pk}/decision/", {"admit": "1"}).status_code == 404, "decided is decided"
    assert contact_with("rita@acme.example") is None
    with viewing_as(SYSTEM):
        assert not User.objects.filter(email="rita@acme.example").exists()


def test_others_neither_see_nor_decide_registrations(acme, client):
    policy(acme.acme, RegistrationPolicy.CUSTOMER_ADMIN)
    foreign = make_contact("Bea", acme.borealis, "requester", "customer_admin")
    registered(client, acme, data=NAMED)
    (row,) = rows()
    for user, listed in ((foreign.user, 200), (acme.bernd.user, 404)):
        other = Client()
        other.force_login(user)
        page = other.get("/colleagues/registrations/")
        assert (page.status_code, "Rita" in page.content.decode()) == (listed, False)
        assert other.post(f"/colleagues/registrations/{row.pk}/decision/", {"admit": "1"}).status_code == 404
    assert contact_with("rita@acme.example") is None


def test_who_has_an_account_there_gets_a_way_in_instead_of_a_code(acme, client):
    with viewing_as(SYSTEM):
        acme.bernd.user.set_password(PASSWORD)
        acme.bernd.user.save()
    start(client, acme, "bernd@acme.example")
    assert posted_code() == ""
    body = mail.outbox[-1].body
    assert "/account/login/" in body
    assert "/account/password/reset/" in body
    assert rows() == []


def test_a_named_contact_without_a_password_only_proves_the_address(acme, client):
    """Imported people were named by their company: neither policy nor domain stands in their way."""
    policy(acme.acme, RegistrationPolicy.INVITATION, "other.example")
    assert prove(client, acme, "bernd@acme.example").headers["Location"] == DETAILS
    assert client.post(DETAILS, {"password1": PASSWORD, "password2": PASSWORD}).headers["Location"] == DONE
    contact = contact_with("bernd@acme.example")
    assert (contact.pk, contact.user.name) == (acme.bernd.pk, "Bernd")
    assert contact.user.check_password(PASSWORD)


def test_one_person_at_two_companies_keeps_one_account(acme, client):
    """Clara of Borealis also works for Acme: after the code she signs in as usual, nobody signs in for her."""
    policy(acme.acme, RegistrationPolicy.AUTOMATIC, "borealis.example")
    with viewing_as(SYSTEM):
        acme.clara.user.set_password(PASSWORD)
        acme.clara.user.save()
    prove(client, acme, "clara@borealis.example")
    page = client.get(DETAILS).content.decode()
    assert "password1" not in page
    other = {"password1": "Teekanne-im-Regen", "password2": "Teekanne-im-Regen", "name": "Mallory"}
    assert client.post(DETAILS, other).headers["Location"] == DONE
    assert "_auth_user_id" not in client.session
    with viewing_as(SYSTEM):
        clara = User.objects.get(email="clara@borealis.example")
        assert clara.contacts.count() == 2
    assert clara.check_password(PASSWORD)
    assert clara.name == "Clara"


@pytest.mark.parametrize("closed", ["contact", "user"])
def test_who_was_closed_does_not_come_back_by_registering(acme, client, closed):
    with viewing_as(SYSTEM):
        row = acme.bernd if closed == "contact" else acme.bernd.user
        row.is_active = False
        row.save()
    start(client, acme, "bernd@acme.example")
    assert posted_code() == ""


def test_who_was_closed_meanwhile_does_not_finish(acme, client):
    prove(client, acme, "bernd@acme.example")
    with viewing_as(SYSTEM):
        Contact.objects.filter(pk=acme.bernd.pk).update(is_active=False)
    assert client.post(DETAILS, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 422
    assert not contact_with("bernd@acme.example").user.has_usable_password()


def test_a_customer_that_closes_its_doors_meanwhile_keeps_people_out(acme, client):
    prove(client, acme)
    policy(acme.acme, RegistrationPolicy.INVITATION)
    assert client.post(DETAILS, FULL).status_code == 422
    assert contact_with("rita@acme.example") is None


def test_a_second_registration_finds_the_one_that_waits(acme):
    policy(acme.acme, RegistrationPolicy.SPECIALIST)
    first, second, third = Client(), Client(), Client()
    prove(first, acme)
    prove(second, acme)
    for client in (first, second):
        client.post(DETAILS, NAMED)
    run_jobs()
    asked = [one for one in mail.outbox if "Anna" in one.to[0]]
    assert len(asked) == 1, "one person, one question"
    start(third, acme)
    assert posted_code() == ""
    assert "wartet" in mail.outbox[-1].subject
    ours = Client()
    ours.force_login(acme.anna)
    ours.post(f"/desk/registrations/{rows()[0].pk}/decision/", {"admit": "1"})
    assert all(one.contact_id for one in rows()), "one person, one answer"
    with viewing_as(SYSTEM):
        assert Contact.objects.filter(user__email="rita@acme.example").count() == 1
        assert Invitation.objects.count() == 1


def test_staff_never_becomes_a_contact(acme, client):
    policy(acme.acme, RegistrationPolicy.AUTOMATIC, "vendor.example")
    start(client, acme, "anna@vendor.example")
    assert posted_code() == ""
    prove(client, acme, "rolf@vendor.example")
    with viewing_as(SYSTEM):
        User.objects.create_user("rolf@vendor.example", name="Rolf", kind=Kind.STAFF, staff_roles=["agent"])
    assert client.post(DETAILS, FULL).status_code == 422
    with viewing_as(SYSTEM):
        assert not Contact.objects.filter(user__email="rolf@vendor.example").exists()


def test_the_number_of_one_company_and_the_domain_of_another_open_neither(acme, client):
    policy(acme.borealis, RegistrationPolicy.AUTOMATIC, "borealis.example")
    start(client, acme, "rita@borealis.example")
    assert posted_code() == ""


def test_numbers_are_found_with_blanks_and_in_any_case(acme, client):
    customer = make_customer("Capital", mail_domains=["capital.example"], registration_policy="automatic")
    number = f" {customer.number[:3].lower()} {customer.number[3:]} "
    assert prove(client, acme, "rita@capital.example", number=number).headers["Location"] == DETAILS


def test_the_mail_speaks_the_language_of_the_page(acme, client):
    client.post("/account/language/", {"language": "en", "next": START})
    start(client, acme)
    run_jobs()
    assert "your six-digit code is" in mail.outbox[-1].body


def test_the_sign_in_page_leads_here(acme, client):
    assert START in client.get("/account/login/").content.decode()


def test_a_form_without_token_is_refused(acme):
    strict = Client(enforce_csrf_checks=True)
    assert start(strict, acme).status_code == 403


def test_registering_the_job_twice_sends_one_usable_code(acme, client):
    """The worker died after sending: the newest mail counts, and a code typed meanwhile stays typed."""
    start(client, acme)
    ((_pk, name, arguments),) = waiting_jobs()
    first = posted_code()
    again(name, **arguments)
    second = re.search(r"Code\D*(\d{6})", mail.outbox[-1].body)[1]
    if first != second:
        assert client.post(CODE, {"code": first}).status_code == 422
    assert client.post(CODE, {"code": second}).headers["Location"] == DETAILS
    sent = len(mail.outbox)
    again(name, **arguments)
    assert len(mail.outbox) == sent
    assert client.get(DETAILS).status_code == 200
    assert timezone.now() < rows()[0].expires_at


def test_who_never_finished_is_forgotten_and_who_waits_is_not(acme, clock):
    policy(acme.acme, RegistrationPolicy.SPECIALIST)
    start(Client(), acme, "never@acme.example")
    prove(Client(), acme, "half@acme.example")
    registered(Client(), acme, "waits@acme.example", data=NAMED)
    run_jobs()
    registered(Client(), acme, "refused@acme.example", data=NAMED)
    ours = Client()
    ours.force_login(acme.anna)
    ours.post(f"/desk/registrations/{rows()[-1].pk}/decision/", {"admit": "0"})
    run_jobs()
    clock.forward(days=2)
    sweep_registrations()
    assert [row.email for row in rows()] == ["waits@acme.example", "refused@acme.example"]
    clock.forward(days=29)
    sweep_registrations()
    assert [row.email for row in rows()] == ["waits@acme.example"]
    with viewing_as(SYSTEM):
        assert AuditEntry.objects.filter(verb="registration.refused").exists()
