"""Registering: who lets whom in, who is somebody already, and what is forgotten."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from klarfall.accounts.models import Kind, User
from klarfall.channels.jobs import sweep_registrations
from klarfall.channels.models import Notice
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.customers.models import Contact, Invitation, RegistrationPolicy
from klarfall.portal.tests.registration_walk import (
    CODE,
    DETAILS,
    DONE,
    FULL,
    NAMED,
    PASSWORD,
    START,
    acme,
    contact_with,
    policy,
    posted_code,
    prove,
    registered,
    rows,
    start,
)
from klarfall.tickets.actions.erase import erase_person
from tests.cast import make_contact, make_customer
from tests.queue import again, run_jobs, waiting_jobs

__all__ = ["acme"]  # a fixture


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


def test_an_erased_person_leaves_no_registration(acme, client):
    registered(client, acme)
    contact = contact_with("rita@acme.example")
    assert [row.email for row in rows()] == ["rita@acme.example"]
    erase_person(contact.user, actor=acme.dora, now=timezone.now())
    run_jobs()
    assert rows() == []
