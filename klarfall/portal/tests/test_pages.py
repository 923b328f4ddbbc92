"""Every page of the portal appears, in every state, without scripts."""

import pytest
from django.urls import reverse

from klarfall.billing.actions import decisions
from klarfall.portal.tests.conftest import HOST
from tests.cast import fresh

pytestmark = pytest.mark.django_db


def page(client, name, *args, **query):
    return client.get(reverse(f"portal:{name}", args=args), query)


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize(
    "name", ["home", "requests", "new", "decisions", "wishes", "new-consulting", "new-training", "catalogue", "contact"]
)
def test_it_shows_the_page_to_a_contact_who_has_asked_nothing(name, bernds):
    response = page(bernds, name)
    assert response.status_code == 200
    assert "<h1" in text_of(response)


@pytest.mark.parametrize("name", ["home", "requests", "new", "decisions", "wishes"])
def test_it_sends_a_stranger_to_the_sign_in(name, client, cast):
    response = client.get(reverse(f"portal:{name}"), **HOST)
    assert response.status_code == 302
    assert "/account/" in response["Location"]


def test_a_new_request_is_on_the_start_page_and_in_the_list(asked, bernds):
    for name in ("home", "requests"):
        assert asked.title in text_of(page(bernds, name))


def test_a_request_shows_that_it_waits_for_its_assessment(asked, bernds):
    shown = text_of(page(bernds, "ticket", asked.number))
    assert "is-open" in shown
    assert "Der Saldo der Liegenschaft 12 stimmt nicht." in shown
    assert reverse("portal:coverage-question", args=[asked.number]) in shown


def test_a_covered_request_shows_reason_and_clause(covered, cast, bernds):
    shown = text_of(page(bernds, "ticket", covered.number))
    assert "kk is-cov" in shown
    assert "Ein Schritt führt nicht zum Ergebnis." in shown
    assert cast.item("COV-USE").clause in shown


def test_a_chargeable_request_leads_to_its_decision(offer, bernds):
    shown = text_of(page(bernds, "ticket", offer.ticket.number))
    assert "kk is-fee" in shown
    assert reverse("portal:decision", args=[offer.number]) in shown
    assert reverse("portal:decision", args=[offer.number]) in text_of(page(bernds, "home"))
    assert reverse("portal:decision", args=[offer.number]) in text_of(page(bernds, "decisions"))


def test_an_accepted_request_shows_what_is_used_and_can_be_stopped(offer, bernd, bernds, now):
    decisions.accept(offer, cap=None, text_hash=offer.text_hash, actor=bernd.user, now=now)
    shown = text_of(page(bernds, "ticket", offer.ticket.number))
    assert "meter" in shown
    assert reverse("portal:stop", args=[offer.ticket.number, 1]) in shown
    assert page(bernds, "stop", offer.ticket.number, 1).status_code == 200


def test_the_decision_page_contains_the_text_word_for_word_and_chooses_nothing(offer, bernds):
    from django.utils.html import escape

    shown = text_of(page(bernds, "decision", offer.number))
    assert str(escape(offer.canonical_text)).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in shown
    assert "checked" not in shown
    assert f'value="{offer.text_hash}"' in shown


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("ticket", ["ticket"]), ("receipt", ["ticket"]), ("withdrawal", ["ticket"]), ("reopening", ["ticket"]),
        ("objection", ["ticket", 1]), ("stop", ["ticket", 1]), ("decision", ["offer"]),
    ],
)  # fmt: skip
def test_what_belongs_to_another_company_does_not_exist(name, arguments, offer, browser_of, clara):
    numbers = {"ticket": offer.ticket.number, "offer": offer.number}
    response = page(browser_of(clara), name, *[numbers.get(one, one) for one in arguments])
    assert response.status_code == 404
    assert "Saldo" not in text_of(response)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("replies", ["ticket"]), ("coverage-question", ["ticket"]), ("withdrawal", ["ticket"]), ("rating", ["ticket"]),
        ("reopening", ["ticket"]), ("objection", ["ticket", 1]), ("stop", ["ticket", 1]), ("decision", ["offer"]),
        ("passing-on", ["offer"]), ("phone-code", ["offer"]),
    ],
)  # fmt: skip
def test_nobody_changes_what_belongs_to_another_company(name, arguments, offer, browser_of, clara):
    numbers = {"ticket": offer.ticket.number, "offer": offer.number}
    address = reverse(f"portal:{name}", args=[numbers.get(one, one) for one in arguments])
    data = {"text": "fremd", "choice": "accept", "confirmed": 1, "text_hash": offer.text_hash, "stars": 5}
    assert browser_of(clara).post(address, data).status_code == 404
    assert fresh(offer).status == "sent"


def test_the_catalogue_names_every_clause_and_old_versions_stay(bernds, cast):
    shown = text_of(page(bernds, "catalogue"))
    assert 'id="{}"'.format(cast.item("CHG-DATA-POST").clause.replace(" ", "-")) in shown
    assert page(bernds, "catalogue-version", cast.terms.number).status_code == 200
    assert page(bernds, "catalogue-version", 99).status_code == 404
