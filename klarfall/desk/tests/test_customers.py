"""Customers at the desk: found by what one knows, looked after by who may, read by everybody else."""

import pytest

from klarfall.contracts.models import Contract, ContractLine, InstalledVersion, ProductVersion, TrainingRecord
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact, Customer, Invitation
from klarfall.desk import customer_search
from klarfall.desk.tests.conftest import at, text
from tests.cast import fresh, make_customer
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db
FACTS = {"name": "Ceta Wohnen", "number": "K-77", "country": "DE", "registration_policy": "specialist"}
FACTS |= {"release_policy": "every_contact"}


def the(model, **which):
    with viewing_as(SYSTEM):
        return model.objects.get(**which)


def names(page) -> list[str]:
    shown = ("Acme", "Borealis", "Ceta", "Delta", "Epsilon")
    body = text(page)
    return sorted((one for one in shown if f"<b>{one}" in body), key=body.index)


def test_a_customer_is_found_by_what_one_knows(annas, cast):
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=cast.acme.pk).update(mail_domains=["bücher.example".encode("idna").decode()])
    for words in ("acm", cast.acme.number, "bücher.example", "bern", "bernd@acme"):
        assert names(annas.get(at("customers"), {"q": words})) == ["Acme"], words
    assert names(annas.get(at("customers"), {"q": "Lager Plus"})) == ["Borealis"]
    assert names(annas.get(at("customers"), {"product": cast.other.pk})) == ["Borealis"]
    assert names(annas.get(at("customers"), {"product": "x", "sort": "x", "after": "x"})) == ["Acme", "Borealis"]
    assert 'class="card empty"' in text(annas.get(at("customers"), {"q": "%"}))


@pytest.mark.parametrize("sort", ["name", "number", "newest"])
def test_pages_by_key_show_everybody_once(sort, annas, cast, monkeypatch):
    for name in ("Ceta", "Delta", "Epsilon"):
        make_customer(name)
    monkeypatch.setattr(customer_search, "PAGE", 2)
    seen, query = [], f"sort={sort}"
    while query:
        page = annas.get(f"{at('customers')}?{query}")
        seen.append(names(page))
        query = _next(page)
    everybody = sorted(["Acme", "Borealis", "Ceta", "Delta", "Epsilon"], reverse=sort == "newest")
    assert [name for names_of_page in seen for name in names_of_page] == everybody
    assert [len(one) for one in seen] == [2, 2, 1]


def _next(page) -> str:
    _, _, rest = text(page).partition('rel="next"')
    before = text(page)[: len(text(page)) - len(rest)]
    return before.rpartition('href="?')[2].partition('"')[0].replace("&amp;", "&") if rest else ""


def test_who_may_not_change_sees_everything_and_no_button(annas, doras, cast, acme):
    page = text(annas.get(at("customer", acme.number)))
    for words in ("Bernd", "bernd@acme.example", f"W-{acme.number}", "Kontor ERP", "AVV 1"):
        assert words in page
    for name, args in (("contact", [cast.bernd.pk]), ("new-contact", [acme.number]), ("customer-facts", [acme.number])):
        assert f'href="{at(name, *args)}"' not in page
        assert annas.get(at(name, *args)).status_code == 404
        assert f'href="{at(name, *args)}"' in text(doras.get(at("customer", acme.number)))
        assert doras.get(at(name, *args)).status_code == 200


def test_a_customer_is_added_and_changed(doras):
    bad = doras.post(at("new-customer"), FACTS | {"mail_domains": "gmx.de"})
    assert bad.status_code == 422
    assert "gmx.de" in text(bad)
    answer = doras.post(at("new-customer"), FACTS | {"mail_domains": "ceta.example, Ceta-Bau.example\nceta.example"})
    assert answer["Location"] == at("customer", "K-77")
    assert the(Customer, number="K-77").mail_domains == ["ceta.example", "ceta-bau.example"]
    answer = doras.post(at("customer-facts", "K-77"), FACTS | {"number": "K-78", "city": "Mainz"})
    assert answer["Location"] == at("customer", "K-78")
    assert (the(Customer, number="K-78").city, the(Customer, number="K-78").mail_domains) == ("Mainz", [])


def test_a_contact_is_added_invited_changed_closed_and_reopened(doras, acme, astrid):
    data = {"email": "nora@acme.example", "name": "Nora", "roles": ["requester"], "visibility": "own", "invite": "on"}
    assert doras.post(at("new-contact", acme.number), data).status_code == 303
    nora = the(Contact, user__email="nora@acme.example")
    assert the(Invitation, contact=nora).used_at is None
    granted = {"name": "Nora Neu", "roles": ["requester", "cost_release"], "visibility": "all", "deputy": astrid.pk}
    wrong = doras.post(at("contact", nora.pk), granted | {"release_limit": "viel"})
    assert (wrong.status_code, "viel" in text(wrong)) == (422, True)
    assert doras.post(at("contact", nora.pk), granted | {"release_limit": "1.250,00"}).status_code == 303
    nora = fresh(nora)
    assert (str(nora.release_limit), nora.visibility, nora.deputy_id) == ("1250.00", "all", astrid.pk)
    page = text(doras.get(at("contact-closing", astrid.pk)))
    assert at("contact-closing", astrid.pk) in page
    assert doras.post(at("contact-closing", astrid.pk)).status_code == 303
    assert not fresh(astrid).is_active
    assert fresh(nora).deputy_id is None
    assert doras.post(at("contact-reopening", astrid.pk)).status_code == 303
    assert fresh(astrid).is_active
    run_jobs()


def test_closing_the_last_named_person_says_what_it_means(doras, acme, astrid):
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=acme.pk).update(release_policy="named")
    before = text(doras.get(at("contact-closing", astrid.pk)))
    page = text(doras.post(at("contact-closing", astrid.pk), follow=True))
    words = "Niemand im Unternehmen" if 'lang="de"' in page else "Nobody of the company"
    assert words in before
    assert words in page


def test_a_contract_gets_its_products(doras, acme, erp, other, calendar, make_ticket):
    ticket = make_ticket()
    contract = {"kind": "service", "number": "S-9", "title": "Rundum", "starts_on": "01.01.2026"}
    assert doras.post(at("new-contract", acme.number), contract | {"ends_on": "31.12.2025"}).status_code == 422
    doras.post(at("new-contract", acme.number), contract)
    made = the(Contract, number="S-9")
    line = {"product": other.pk, "calendar": calendar.pk, "channels": ["phone"]}
    assert doras.post(at("contract-lines", made.pk), line | {"product": 0}).status_code == 422
    assert doras.post(at("contract-lines", made.pk), line).status_code == 303
    added = the(ContractLine, contract=made)
    assert doras.post(at("contract-line", added.pk), line | {"channels": ["email"]}).status_code == 303
    assert fresh(added).channels == ["portal", "email"]
    assert doras.post(at("contract", made.pk), contract | {"terminated": "on"}).status_code == 303
    assert fresh(made).terminated
    doras.post(at("contract-line-removal", ticket.contract_line_id))
    doras.post(at("contract-line-removal", added.pk))
    with viewing_as(SYSTEM):
        assert list(ContractLine.objects.filter(customer=acme)) == [ticket.contract_line]
    assert "Rundum" in text(doras.get(at("customer", acme.number)))


def test_versions_and_trainings_are_written_down(doras, acme, bernd, erp):
    version = the(ProductVersion, product=erp)
    assert doras.post(at("installations", acme.number), {"version": version.pk, "since": "morgen"}).status_code == 422
    doras.post(at("installations", acme.number), {"version": version.pk, "since": "01.02.2026"})
    training = {"product": erp.pk, "topic": "Mahnwesen", "on": "2026-03-01"}
    assert doras.post(at("trainings", bernd.pk), training | {"topic": ""}).status_code == 422
    doras.post(at("trainings", bernd.pk), training)
    page = text(doras.get(at("customer", acme.number)))
    assert "Kontor ERP 2026.1" in page
    assert "Mahnwesen" in page
    doras.post(at("installation-removal", the(InstalledVersion).pk))
    doras.post(at("training-removal", the(TrainingRecord).pk))
    with viewing_as(SYSTEM):
        assert not InstalledVersion.objects.exists()
        assert not TrainingRecord.objects.exists()
