"""*My contract* and colleagues: everything agreed, limits for those who may see them, and no way beyond one's role."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from klarfall.contracts.models import Contract, InstalledVersion, ProductVersion
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact, Customer, Invitation
from tests.cast import fresh, make_contact, make_contract, make_customer

pytestmark = pytest.mark.django_db


def at(name, *args, **query):
    return reverse(f"portal:{name}", args=args, query=query)


def of(contact) -> Client:
    client = Client()
    client.force_login(contact.user)
    return client


def text(response) -> str:
    return response.content.decode()


def change(model, pk, **values):
    with viewing_as(SYSTEM):
        model.objects.filter(pk=pk).update(**values)


@pytest.fixture
def gesa(acme, clock) -> Contact:
    change(Customer, acme.pk, mail_domains=["acme.example"])
    return make_contact("Gesa", acme, "requester", "customer_admin")


def test_everything_that_is_agreed_stands_there(bernd, acme, erp, clock):
    with viewing_as(SYSTEM):
        contract = Contract.objects.get(customer=acme)
        version = ProductVersion.objects.get(product=erp)
        InstalledVersion.objects.create(customer=acme, product=erp, version=version, since=date(2026, 2, 1))
    change(Contract, contract.pk, title="Rundum-Sorglos", ends_on=date(2027, 5, 31))
    page = text(of(bernd).get(at("contract")))
    for words in (
        "Rundum-Sorglos", contract.number, "31.05.2027", "Kontor ERP", "Messdienst Connect", "17 Uhr", "AVV 1",
        "Kontor ERP 2026.1", "Bernd", "Astrid", acme.number, at("catalogue"),
    ):  # fmt: skip
        assert words in page, words
    assert "Clara" not in page
    assert at("contract") in text(of(bernd).get("/"))


def test_a_person_of_two_companies_sees_both_and_nobody_else_does(bernd, clara, borealis, clock):
    with viewing_as(SYSTEM):
        Contact.objects.create(customer=borealis, user=bernd.user, roles=["requester"])
    both, one = text(of(bernd).get(at("contract"))), text(of(clara).get(at("contract")))
    assert all(words in both for words in ("Acme", "Borealis", "Astrid", "Clara"))
    assert "Borealis" in one
    assert "Acme" not in one
    assert "Astrid" not in one


def test_limits_are_seen_by_those_who_see_costs_and_by_oneself(bernd, astrid, gesa, acme, clock):
    change(Customer, acme.pk, release_policy="named")
    viewer = make_contact("Vera", acme, "billing_viewer")
    for who, sees in ((bernd, False), (astrid, True), (gesa, True), (viewer, True)):
        page = text(of(who).get(at("contract")))
        assert "Astrid" in page
        assert ("500,00" in page) is sees, who.user.name
    change(Contact, astrid.pk, release_limit=None)
    assert "until somebody is named" in text(of(bernd).get(at("contract"), headers={"accept-language": "en"})) or (
        "niemand benannt" in text(of(bernd).get(at("contract")))
    )


@pytest.mark.parametrize(
    "change_of", [{"ends_on": date(2026, 9, 30)}, {"terminated": True}, {"starts_on": date(2027, 1, 1)}]
)
def test_an_expired_contract_is_told_before_sending_and_bars_nothing(change_of, bernd, acme, erp, clock):
    asks = of(bernd)
    words = "fee"
    assert f"note is-{words}" not in text(asks.get(at("new")))
    with viewing_as(SYSTEM):
        contract = Contract.objects.get(customer=acme)
    change(Contract, contract.pk, **change_of)
    for page in (at("new"), "/", at("contract")):
        body = text(asks.get(page))
        assert f"note is-{words}" in body, page
        assert contract.number in body, page
    data = {"contact": bernd.pk, "product": erp.pk, "title": "Mahnung", "description": "Wie?", "impact": "minor"}
    assert asks.post(at("new"), data | {"kind": "unsure"}).status_code == 303


def test_the_hint_follows_the_chosen_product_and_company(bernd, other, clock, borealis):
    page = of(bernd).get(at("hints"), {"product": other.pk}, headers={"HX-Request": "true"})
    assert "note is-fee" in text(page)
    with viewing_as(SYSTEM):
        second = Contact.objects.create(customer=borealis, user=bernd.user, roles=["requester"])
    of_borealis = {"product": other.pk, "contact": second.pk}
    assert "note is-fee" not in text(of(bernd).get(at("hints"), of_borealis, headers={"HX-Request": "true"}))


def test_a_company_without_any_contract_is_told_so(clock):
    somebody = make_contact("Otto", make_customer("Ceta"))
    for page in ("/", at("contract")):
        assert "note is-fee" in text(of(somebody).get(page)), page


def test_colleagues_are_for_the_admin_of_that_company_alone(bernd, astrid, clara, gesa, acme, borealis, clock):
    foreign = make_contact("Fremd", borealis, "requester", "customer_admin")
    pages = [
        at("colleagues"), at("colleagues", customer=acme.number), at("new-colleague", customer=acme.number),
        at("colleague", bernd.pk), at("colleague-closing", bernd.pk),
    ]  # fmt: skip
    for path in pages:
        assert of(gesa).get(path).status_code == 200, path
        assert of(bernd).get(path).status_code == of(astrid).get(path).status_code == 404, path
        if path != at("colleagues"):
            assert of(foreign).get(path).status_code == 404, path
    for name in ("colleague", "colleague-closing", "colleague-reopening", "colleague-invitation"):
        assert of(foreign).post(at(name, bernd.pk), {"name": "X", "roles": ["requester"]}).status_code == 404
        assert of(gesa).post(at(name, clara.pk), {"name": "X", "roles": ["requester"]}).status_code == 404
    assert fresh(bernd).is_active
    assert "Bernd" not in text(of(foreign).get(at("colleagues")))
    assert at("colleagues") in text(of(gesa).get("/"))
    assert at("colleagues") not in text(of(bernd).get("/"))


def test_the_admin_adds_invites_raises_and_closes(gesa, acme, clock):
    admin = of(gesa)
    data = {"email": "nora@acme.example", "name": "Nora", "roles": ["requester"], "visibility": "own", "invite": "on"}
    elsewhere = admin.post(at("new-colleague"), data | {"email": "nora@borealis.example"})
    assert (elsewhere.status_code, "acme.example" in text(elsewhere)) == (422, True)
    assert admin.post(at("new-colleague"), data)["Location"] == at("colleagues", customer=acme.number)
    with viewing_as(SYSTEM):
        nora = Contact.objects.get(user__email="nora@acme.example")
        assert Invitation.objects.filter(contact=nora).count() == 1
    granted = {"name": "Nora", "roles": ["requester", "cost_release"], "visibility": "all", "release_limit": "99,50"}
    assert admin.post(at("colleague", nora.pk), granted | {"release_limit": ""}).status_code == 422
    assert admin.post(at("colleague", nora.pk), granted).status_code == 303
    assert (fresh(nora).release_limit, fresh(acme).release_policy) == (Decimal("99.50"), "named")
    page = text(admin.get(at("colleagues")))
    assert "nora@acme.example" in page
    assert "99,50" in page
    admin.post(at("colleague-invitation", nora.pk))
    assert admin.post(at("colleague-closing", nora.pk)).status_code == 303
    assert not fresh(nora).is_active
    admin.post(at("colleague-reopening", nora.pk))
    assert (fresh(nora).is_active, fresh(nora).roles) == (True, ["requester"])


def test_nobody_raises_themselves_by_typing_more_than_the_form_asks(gesa, clock):
    admin = of(gesa)
    form = text(admin.get(at("colleague", gesa.pk)))
    assert 'name="roles"' not in form
    more = {"name": "Gesa", "phone": "7", "roles": ["cost_release"], "release_limit": "9999", "visibility": "all"}
    assert admin.post(at("colleague", gesa.pk), more).status_code == 303
    own = fresh(gesa)
    assert (own.phone, set(own.roles), own.release_limit, own.visibility) == (
        "7", {"requester", "customer_admin"}, None, "own",
    )  # fmt: skip
    assert admin.get(at("colleague-closing", gesa.pk)).status_code == 404
    assert admin.post(at("colleague-closing", gesa.pk)).status_code == 404


def test_roles_of_staff_and_deputies_of_others_cannot_be_chosen(gesa, bernd, clara, clock):
    data = {"name": "Bernd", "roles": ["requester", "lead"], "visibility": "own"}
    assert of(gesa).post(at("colleague", bernd.pk), data).status_code == 422
    data = {"name": "Bernd", "roles": ["requester"], "visibility": "own", "deputy": clara.pk}
    assert of(gesa).post(at("colleague", bernd.pk), data).status_code == 422
    assert fresh(bernd).roles == ["requester"]


def test_an_admin_of_two_companies_looks_after_each_by_itself(gesa, borealis, clara, calendar, erp, clock):
    with viewing_as(SYSTEM):
        Contact.objects.create(customer=borealis, user=gesa.user, roles=["customer_admin"])
    admin = of(gesa)
    first, second = (text(admin.get(at("colleagues", customer=number))) for number in ("K-0001", "K-0002"))
    assert "Clara" in second
    assert "Clara" not in first
    assert admin.get(at("colleagues", customer="K-9999")).status_code == 404
    make_contract(borealis, calendar=calendar, number="W-extra")
    assert "W-extra" in text(admin.get(at("contract")))
