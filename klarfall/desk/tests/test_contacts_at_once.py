"""Contacts while others act: erased people stay away, two at the same moment leave one truth."""

import pytest

from klarfall.accounts.models import User
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.actions.contacts import ContactData, ContactRefused, add_contact, close_contact, reopen_contact
from klarfall.customers.actions.customers import CustomerData, add_customer
from klarfall.customers.models import Contact
from klarfall.tickets.actions.erase import erase_person
from klarfall.tickets.tests.test_at_once import at_once
from tests.cast import NOW, make_contact


def test_the_erased_do_not_come_back(bernd, dora):
    erase_person(bernd.user, actor=dora, now=NOW)
    with pytest.raises(ContactRefused):
        reopen_contact(bernd, actor=dora, now=NOW)


def test_two_admins_who_close_each_other_leave_one_behind(committed_db, acme):
    first, second = (make_contact(name, acme, "requester", "customer_admin") for name in ("Gesa", "Hanno"))
    outcomes = at_once(
        lambda: close_contact(second, actor=first.user, now=NOW),
        lambda: close_contact(first, actor=second.user, now=NOW),
    )
    assert outcomes == ["", "not_allowed"]
    with viewing_as(SYSTEM):
        left = Contact.objects.filter(customer=acme, is_active=True, roles__contains=["customer_admin"])
        assert left.count() == 1


def test_one_person_added_to_two_companies_at_once_is_one_person(committed_db, acme, borealis, dora):
    data = ContactData(email="nora@acme.example", name="Nora")
    acts = [lambda to=customer: add_contact(to, data=data, actor=dora, now=NOW) for customer in (acme, borealis)]
    assert at_once(*acts) == ["", ""]
    with viewing_as(SYSTEM):
        person = User.objects.get(email="nora@acme.example")
        assert person.contacts.count() == 2


def test_a_number_is_given_once_whoever_comes_first(committed_db, dora):
    data = CustomerData(number="K-500", name="Neu")
    assert at_once(*[lambda: add_customer(data=data, actor=dora, now=NOW)] * 2) == ["", "customer_refused"]


def test_a_request_comes_in_while_its_company_is_changed(committed_db, acme, make_ticket, dora):
    acts = [lambda n=n: make_ticket(title=f"Frage {n}") for n in range(3)]
    new = make_contact("Nora", acme)
    assert at_once(*acts, lambda: close_contact(new, actor=dora, now=NOW)) == [""] * 4
