"""Customers: numbers are given once, domains have one spelling, and the trail names fields, not words."""

import pytest

from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.customers.actions.customers import CustomerData, CustomerRefused, add_customer, change_customer
from klarfall.customers.mail_domains import domain_of, normalised
from tests.cast import NOW, Cast, fresh, make_customer, make_staff

pytestmark = pytest.mark.usefixtures("cast")

PUBLIC_AND_OPEN = {"mail_domains": ("GMail.com.",), "public_domains": True, "registration_policy": "automatic"}


def data(**values) -> CustomerData:
    return CustomerData(**{"number": "K-9", "name": "Neue Heimstatt", **values})


def refused(dora, **values) -> str | None:
    with pytest.raises(Refused) as problem:
        add_customer(data=data(**values), actor=dora, now=NOW)
    return problem.value.field


def test_a_customer_is_kept_with_everything_that_is_said(dora):
    given = data(mail_domains=("@Heimstatt.Example", "bücher.example"), country=" de", vat_id="DE 123456789")
    customer = fresh(add_customer(data=given, actor=dora, now=NOW))
    assert customer.mail_domains == ["heimstatt.example", "xn--bcher-kva.example"]
    assert (customer.country, customer.vat_id) == ("DE", "DE123456789")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "K 9/1"}, "number"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"country": "Germany"}, "country"),
        ({"vat_id": "ATU12345675"}, "vat_id"),
        ({"billing_email": "nobody"}, "billing_email"),
        ({"dpa_date": NOW.date()}, "dpa_reference"),
        ({"release_policy": "nobody"}, "release_policy"),
        ({"registration_policy": "everybody"}, "registration_policy"),
        ({"mail_domains": ("",)}, "mail_domains"),
        ({"mail_domains": ("localhost",)}, "mail_domains"),
        ({"mail_domains": ("10.0.0.1",)}, "mail_domains"),
        ({"mail_domains": ("https://acme.example/",)}, "mail_domains"),
        ({"mail_domains": ("a" * 130 + ".example",)}, "mail_domains"),
        ({"mail_domains": ("gmx.de",)}, "mail_domains"),
        (PUBLIC_AND_OPEN, "registration_policy"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_beside_its_field(dora, values, field):
    assert refused(dora, **values) == field


def test_a_domain_of_everybody_is_kept_only_when_it_is_confirmed(dora):
    given = data(mail_domains=("gmx.de",), public_domains=True, registration_policy="customer_admin")
    assert add_customer(data=given, actor=dora, now=NOW).mail_domains == ["gmx.de"]


def test_a_number_belongs_to_one_customer_whatever_its_case(dora, acme):
    assert refused(dora, number=acme.number.lower()) == "number"
    other = make_customer("Ceta")
    with pytest.raises(CustomerRefused):
        change_customer(other, data=data(number=acme.number), actor=dora, now=NOW)
    assert change_customer(other, data=data(number=other.number), actor=dora, now=NOW).name == "Neue Heimstatt"


def test_the_trail_names_what_was_changed_but_no_words(dora, acme):
    given = data(number=acme.number, name="Geheime Firma", dpa_reference="AVV 1", registration_policy="invitation")
    change_customer(acme, data=given, actor=dora, now=NOW)
    change_customer(acme, data=given, actor=dora, now=NOW)  # nothing differs: nothing is written
    with viewing_as(SYSTEM):
        entry = AuditEntry.objects.get(verb="customer.changed")
    assert entry.data == {"fields": ["name", "registration_policy"], "registration_policy": "invitation"}


def test_only_lead_and_administrator_change_customers(cast: Cast):
    for who in (cast.anna, cast.bernd.user, make_staff("Bill", "billing")):
        with pytest.raises(NotAllowed):
            add_customer(data=data(), actor=who, now=NOW)
    assert add_customer(data=data(), actor=make_staff("Ada", "administrator"), now=NOW).pk


def test_domains_have_one_spelling():
    assert normalised(" Straße.Example. ") == "xn--strae-oqa.example"
    assert domain_of("Max@Bücher.example") == "xn--bcher-kva.example"
    assert domain_of("max") == domain_of("max@localhost") == ""
