"""Contacts: one person, several customers; nobody raises themselves; closing ends everything at once."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from klarfall.accounts.models import User
from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.customers.actions.contacts import (
    ContactData,
    ContactRefused,
    add_contact,
    change_contact,
    close_contact,
    reopen_contact,
)
from klarfall.customers.actions.customers import CustomerData, change_customer
from klarfall.customers.actions.invite import invite
from klarfall.customers.actions.release import ReleaseRefused, grant_release, take_release
from klarfall.customers.models import Contact, Customer
from klarfall.customers.named import nobody_decides
from tests.cast import NOW, fresh, make_contact, make_customer

TODAY = NOW.date()


def data(email="nora@acme.example", **values) -> ContactData:
    return ContactData(**{"email": email, "name": "Nora Neu", **values})


def of(contact: Contact, **values) -> ContactData:
    """What is kept of the contact, with what is to differ."""
    contact = fresh(contact)
    with viewing_as(SYSTEM):
        user, deputy = contact.user, contact.deputy
    kept = ContactData(
        email=user.email, name=user.name, phone=contact.phone, roles=tuple(contact.roles),
        visibility=contact.visibility, deputy=deputy, release_limit=contact.release_limit,
        release_from=contact.release_from, release_to=contact.release_to,
    )  # fmt: skip
    return replace(kept, **values)


def field_of(act, *args, **kwargs) -> str | None:
    with pytest.raises(Refused) as problem:
        act(*args, **kwargs, now=NOW)
    return problem.value.field


@pytest.fixture
def gesa(acme) -> Contact:
    """The admin of Acme, whose domain is on file."""
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=acme.pk).update(mail_domains=["acme.example", "gmx.de"])
    return make_contact("Gesa", acme, "requester", "customer_admin")


@pytest.fixture
def told(monkeypatch) -> list[str]:
    """The names of the jobs that follow."""
    found: list[str] = []
    monkeypatch.setattr("klarfall.customers.actions.release.enqueue", lambda name, **_ids: found.append(name))
    return found


def test_a_new_person_gets_no_account_and_no_mail(acme, dora, told):
    contact = add_contact(acme, data=data("  Nora@Acme.example ", phone=" 030  1 "), actor=dora, now=NOW)
    assert (contact.user.email, contact.user.has_usable_password()) == ("nora@acme.example", False)
    assert (contact.phone, contact.roles, contact.invited_at, told) == ("030 1", ["requester"], None, [])


def test_who_is_known_stays_who_they_are_in_every_company(acme, borealis, clara, dora):
    contact = add_contact(acme, data=data(clara.user.email.upper(), name="Falsch"), actor=dora, now=NOW)
    assert (contact.user_id, fresh(clara.user).name) == (clara.user_id, "Clara")
    assert field_of(add_contact, acme, data=data(clara.user.email), actor=dora) == "email"


def test_staff_and_nonsense_are_no_contacts(acme, anna, dora, astrid, clara):
    assert field_of(add_contact, acme, data=data(anna.email), actor=dora) == "email"
    assert field_of(add_contact, acme, data=data("nobody"), actor=dora) == "email"
    assert field_of(add_contact, acme, data=data("erased-1@klarfall.invalid"), actor=dora) == "email"
    assert field_of(add_contact, acme, data=data(name=" "), actor=dora) == "name"
    assert field_of(add_contact, acme, data=data(roles=("lead",)), actor=dora) == "roles"
    assert field_of(add_contact, acme, data=data(roles=()), actor=dora) == "roles"
    assert field_of(add_contact, acme, data=data(visibility="everything"), actor=dora) == "visibility"
    assert field_of(add_contact, acme, data=data(deputy=clara), actor=dora) == "deputy"
    assert field_of(add_contact, acme, data=data(roles=("cost_release",)), actor=dora) == "release_limit"
    assert field_of(change_contact, astrid, data=of(astrid, deputy=astrid), actor=dora) == "deputy"
    with viewing_as(SYSTEM):
        assert not User.objects.filter(name="Nora Neu").exists()


def test_the_admin_of_a_company_learns_of_nobody_elsewhere(acme, gesa, clara):
    """Whether somebody is known or not, the answer for an address of another company is the same."""
    answers = set()
    for email in (clara.user.email, "unknown@borealis.example", "anna@vendor.example", "x@gmx.de"):
        with pytest.raises(ContactRefused) as problem:
            add_contact(acme, data=data(email), actor=gesa.user, now=NOW)
        answers.add((str(problem.value.message), problem.value.field))
    assert len(answers) == 1
    assert "acme.example" in answers.pop()[0]
    assert add_contact(acme, data=data(), actor=gesa.user, now=NOW).pk


def test_the_admin_of_another_company_and_colleagues_without_the_role_do_nothing(acme, gesa, bernd, borealis):
    foreign = make_contact("Fremd", borealis, "requester", "customer_admin")
    both = make_contact("Beide", acme)
    with viewing_as(SYSTEM):
        Contact.objects.create(customer=borealis, user=both.user, roles=["requester", "customer_admin"])
    for who in (foreign.user, bernd.user, both.user):
        for act in (
            lambda who: add_contact(acme, data=data(), actor=who, now=NOW),
            lambda who: change_contact(gesa, data=of(gesa, phone="1"), actor=who, now=NOW),
            lambda who: close_contact(gesa, actor=who, now=NOW),
            lambda who: reopen_contact(gesa, actor=who, now=NOW),
            lambda who: take_release(gesa, actor=who, now=NOW),
        ):
            with pytest.raises(NotAllowed):
                act(who)


@pytest.mark.parametrize(
    "raised",
    [
        {"roles": ("requester", "customer_admin", "cost_release"), "release_limit": Decimal(9)},
        {"roles": ("requester",)},
        {"roles": ("requester", "customer_admin", "billing_viewer")},
        {"visibility": "all"},
        {"release_limit": Decimal(9)},
        {"release_to": date(2030, 1, 1)},
    ],
)
def test_nobody_changes_their_own_roles_sight_and_limit(gesa, raised):
    assert field_of(change_contact, gesa, data=of(gesa, **raised), actor=gesa.user) == "roles"
    with pytest.raises(ContactRefused):
        close_contact(gesa, actor=gesa.user, now=NOW)
    changed = change_contact(gesa, data=of(gesa, phone="030 7", name="Gesa Groß"), actor=gesa.user, now=NOW)
    assert (changed.phone, fresh(gesa.user).name) == ("030 7", "Gesa Groß")


def test_the_last_admin_is_removed_by_no_admin(acme, gesa, dora):
    second = make_contact("Hanno", acme, "requester", "customer_admin")
    change_contact(gesa, data=of(gesa, roles=("requester",)), actor=second.user, now=NOW)
    with pytest.raises(NotAllowed):
        change_contact(second, data=of(second, roles=("requester",)), actor=gesa.user, now=NOW)
    assert field_of(change_contact, second, data=of(second, roles=("requester",)), actor=second.user) == "roles"
    assert change_contact(second, data=of(second, roles=("requester",)), actor=dora, now=NOW).roles == ["requester"]


def test_the_name_of_somebody_with_an_account_or_another_company_stays(acme, borealis, gesa, bernd, dora):
    change_contact(bernd, data=of(bernd, name="Bernd Berg"), actor=gesa.user, now=NOW)
    assert fresh(bernd.user).name == "Bernd Berg"
    with viewing_as(SYSTEM):
        Contact.objects.create(customer=borealis, user=bernd.user, roles=["requester"])
    assert field_of(change_contact, bernd, data=of(bernd, name="Spott"), actor=gesa.user) == "name"
    emil = make_contact("Emil", acme)
    emil.user.set_password("Kaffeetasse-im-Schnee")
    emil.user.save()
    assert field_of(change_contact, emil, data=of(emil, name="Spott"), actor=gesa.user) == "name"
    change_contact(emil, data=of(emil, name="Emil Ernst"), actor=dora, now=NOW)
    assert fresh(emil.user).name == "Emil Ernst"


def test_granting_and_raising_a_limit_is_told_and_staying_the_same_is_not(acme, gesa, bernd, told):
    roles = ("requester", "cost_release")
    given = of(bernd, roles=roles, release_limit=Decimal("300.00"), release_to=date(2027, 1, 1))
    bernd = change_contact(bernd, data=given, actor=gesa.user, now=NOW)
    assert (set(bernd.roles), bernd.release_limit) == (set(roles), Decimal("300.00"))
    assert fresh(acme).release_policy == "named"
    change_contact(bernd, data=of(bernd, phone="1"), actor=gesa.user, now=NOW)
    assert told == ["channels.tell_release"]
    change_contact(bernd, data=of(bernd, release_limit=Decimal("400.00")), actor=gesa.user, now=NOW)
    assert told == ["channels.tell_release"] * 2
    backwards = of(bernd, release_from=date(2027, 1, 1), release_to=date(2026, 1, 1))
    assert field_of(change_contact, bernd, data=backwards, actor=gesa.user) == "release_to"
    for much in ("0", "-1", "0.001", "100000000"):
        wrong = of(bernd, release_limit=Decimal(much))
        assert field_of(change_contact, bernd, data=wrong, actor=gesa.user) == "release_limit"


def test_nobody_grants_themselves_and_the_closed_get_nothing(gesa, bernd, dora):
    with pytest.raises(ReleaseRefused):
        grant_release(gesa, limit=Decimal(5), actor=gesa.user, now=NOW)
    close_contact(bernd, actor=dora, now=NOW)
    with pytest.raises(ReleaseRefused):
        grant_release(bernd, limit=Decimal(5), actor=dora, now=NOW)


def test_when_the_last_named_person_goes_nobody_decides(acme, dora, astrid, gesa):
    change_contact(astrid, data=of(astrid, release_limit=Decimal(9)), actor=dora, now=NOW)
    customer = fresh(acme)
    with viewing_as(SYSTEM):
        assert not nobody_decides(customer, TODAY)
        assert nobody_decides(customer, TODAY, without=astrid)
    change_contact(astrid, data=of(astrid, roles=("requester",), release_limit=None), actor=gesa.user, now=NOW)
    astrid = fresh(astrid)
    assert (astrid.roles, astrid.release_limit) == (["requester"], None)
    given = CustomerData(number=customer.number, name=customer.name)
    with viewing_as(SYSTEM):
        assert nobody_decides(fresh(acme), TODAY)
        everybody = change_customer(customer, data=given, actor=dora, now=NOW)
        assert not nobody_decides(everybody, TODAY)


def test_closing_ends_session_invitation_release_and_deputies_but_no_request(acme, gesa, astrid, bernd, make_ticket):
    ticket = make_ticket(contact=astrid)
    invitation = invite(astrid, actor=gesa.user, now=NOW)
    change_contact(bernd, data=of(bernd, deputy=astrid), actor=gesa.user, now=NOW)
    browser = Client()
    browser.force_login(astrid.user)
    assert browser.get(f"/requests/{ticket.number}/").status_code == 200
    close_contact(astrid, actor=gesa.user, now=NOW)
    closed = fresh(astrid)
    assert (closed.is_active, closed.release_limit, closed.roles) == (False, None, ["requester"])
    assert fresh(bernd).deputy_id is None
    assert fresh(invitation).expires_at <= NOW
    assert browser.get("/requests/").status_code == 302  # to sign in
    admin = Client()
    admin.force_login(gesa.user)
    assert admin.get(f"/requests/{ticket.number}/").status_code == 200


def test_closing_in_one_company_leaves_the_other(acme, borealis, gesa, bernd):
    with viewing_as(SYSTEM):
        Contact.objects.create(customer=borealis, user=bernd.user, roles=["requester"])
    browser = Client()
    browser.force_login(bernd.user)
    close_contact(bernd, actor=gesa.user, now=NOW)
    assert fresh(bernd.user).is_active
    assert browser.get("/requests/").status_code == 200


def test_coming_back_brings_no_power(acme, gesa, dora):
    admin = make_contact("Hanno", acme, "requester", "customer_admin", "cost_release", release_limit=Decimal(5))
    close_contact(admin, actor=gesa.user, now=NOW)
    back = reopen_contact(admin, actor=gesa.user, now=NOW)
    assert (back.is_active, back.roles, back.release_limit) == (True, ["requester"], None)
    assert fresh(admin.user).is_active
    close_contact(admin, actor=dora, now=NOW)
    assert field_of(change_contact, admin, data=of(admin), actor=dora) is None


def test_who_was_closed_everywhere_can_be_added_elsewhere(acme, borealis, bernd, dora):
    close_contact(bernd, actor=dora, now=NOW)
    assert not fresh(bernd.user).is_active
    add_contact(make_customer("Ceta"), data=data(bernd.user.email), actor=dora, now=NOW)
    assert fresh(bernd.user).is_active
    assert not fresh(bernd).is_active
    assert field_of(add_contact, acme, data=data(bernd.user.email), actor=dora) == "email"


def test_the_trail_holds_ids_and_codes_but_no_names(acme, gesa, told):
    contact = add_contact(acme, data=data(phone="030 123"), actor=gesa.user, now=NOW)
    change_contact(contact, data=of(contact, name="Nora Nun", phone="7"), actor=gesa.user, now=NOW)
    close_contact(contact, actor=gesa.user, now=NOW)
    with viewing_as(SYSTEM):
        trail = list(AuditEntry.objects.filter(subject_id=contact.pk, subject_type="customers.contact").order_by("pk"))
    assert [one.verb for one in trail] == ["contact.added", "contact.renamed", "contact.changed", "contact.closed"]
    assert "Nora" not in str([one.data for one in trail])
