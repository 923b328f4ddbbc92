"""The personal link: opening it consumes nothing, the code proves who it is, and it opens one offer only."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from klarfall.accounts.models import User
from klarfall.billing.actions import decisions, links
from klarfall.billing.models import CustomerDecision, PersonalLink
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.portal.tests.conftest import HOST
from tests.cast import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def system_user(cast):
    with viewing_as(SYSTEM):
        found, _made = User.objects.get_or_create(kind="system", defaults={"email": "s@x.example", "name": "System"})
    return found


@pytest.fixture
def token(offer, bernd, system_user, now):
    return links.make_link(offer, contact=bernd, actor=system_user, now=now)


@pytest.fixture
def stranger(db):
    return Client(**HOST)


def link_of(offer):
    with viewing_as(SYSTEM):
        return PersonalLink.objects.get(offer=offer)


@pytest.fixture
def code(token, offer, system_user, now):
    return links.issue_link_code(link_of(offer), actor=system_user, now=now)


def at(name, token):
    return reverse(f"portal:{name}", args=[token])


def test_opening_it_asks_for_a_code_and_shows_nothing(token, offer, stranger):
    for _time in range(3):
        page = stranger.get(at("link", token)).content.decode()
        assert "Saldo" not in page
        assert "296" not in page
        assert "bernd@" not in page
    assert link_of(offer).used_at is None
    assert fresh(offer).status == "sent"


def test_the_decision_behind_it_is_closed_without_the_code(token, offer, stranger):
    response = stranger.post(at("link-decision", token), {"choice": "decline", "text_hash": offer.text_hash})
    assert response.status_code == 303
    assert response["Location"] == at("link", token)
    assert fresh(offer).status == "sent"


def test_a_wrong_code_opens_nothing(token, code, stranger):
    wrong = "000000" if code != "000000" else "111111"
    assert stranger.post(at("link-code", token), {"code": wrong}).status_code == 422
    assert stranger.get(at("link-decision", token)).status_code == 303


def test_the_code_opens_this_offer_and_takes_the_answer(token, offer, code, stranger):
    page = stranger.post(at("link-code", token), {"code": f" {code[:3]} {code[3:]} "}, follow=True).content.decode()
    assert offer.canonical_text.splitlines()[0] in page
    assert reverse("portal:requests") not in page
    data = {"choice": "accept", "cap": "full", "confirmed": "1", "text_hash": offer.text_hash}
    done = stranger.post(at("link-decision", token), data, follow=True).content.decode()
    with viewing_as(SYSTEM):
        decision = CustomerDecision.objects.get(offer=offer)
    assert (decision.kind, decision.channel) == ("accept", "personal_link")
    assert "Bernd" in done
    assert link_of(offer).used_at is not None


def test_the_code_opens_nothing_else(token, offer, code, stranger):
    stranger.post(at("link-code", token), {"code": code})
    for address in ("/", "/requests/", reverse("portal:ticket", args=[offer.ticket.number])):
        assert stranger.get(address).status_code == 302


def test_the_proof_counts_for_its_own_link_only(token, offer, code, stranger, now, bernd, system_user):
    stranger.post(at("link-code", token), {"code": code})
    other = links.make_link(offer, contact=bernd, actor=system_user, now=now)
    assert stranger.get(at("link-decision", other)).status_code == 303


@pytest.mark.parametrize("token_typed", ["x", "a" * 43, "..", "%00", "' OR 1=1 --"])
def test_an_unknown_link_says_so(token_typed, cast, stranger):
    response = stranger.get(at("link", token_typed))
    assert response.status_code == 404
    assert stranger.post(at("link-code", token_typed)).status_code == 404


def test_a_used_link_says_so(token, offer, bernd, stranger, now):
    decisions.decline(offer, actor=bernd.user, now=now)
    assert stranger.get(at("link", token)).status_code == 410


def test_an_expired_link_says_so(token, offer, stranger, monkeypatch, now):
    monkeypatch.setattr("klarfall.portal.views.links.timezone", SimpleNamespace(now=lambda: now + timedelta(days=90)))
    assert stranger.get(at("link", token)).status_code == 410


def test_whoever_is_signed_in_goes_on_without_a_code(token, offer, bernds, browser_of, astrid):
    assert bernds.get(at("link", token))["Location"] == reverse("portal:decision", args=[offer.number])
    assert browser_of(astrid).get(at("link", token)).status_code == 200


def test_the_code_is_sent_by_a_job_and_not_shown(token, offer, stranger):
    page = stranger.post(at("link-code", token), follow=True).content.decode()
    assert "…@acme.example" in page
    assert 'name="code"' in page


def test_nothing_of_it_is_kept_by_browsers(token, stranger):
    assert "no-store" in stranger.get(at("link", token))["Cache-Control"]


def test_staff_gets_no_further_even_with_link_and_code(token, code, offer, anna, browser_of, stranger):
    """INV-6: what a customer forwards or reads out does not let a specialist decide."""
    staff = browser_of(anna)
    answer = {"choice": "accept", "cap": "full", "confirmed": "1", "text_hash": offer.text_hash}
    asked = [staff.get(at("link", token)), staff.post(at("link-code", token), {"code": code})]
    asked.append(staff.post(at("link-decision", token), answer))
    assert [response.status_code for response in asked] == [403] * 3
    assert "nur die Kundenseite" in asked[0].content.decode()
    with viewing_as(SYSTEM):
        assert not CustomerDecision.objects.filter(offer=offer).exists()
    assert stranger.post(at("link-code", token), {"code": code}).status_code == 303


def test_behind_a_proxy_the_evidence_names_the_person_not_the_proxy(token, code, offer, stranger, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    stranger.post(at("link-code", token), {"code": code})
    answer = {"choice": "decline", "text_hash": offer.text_hash}
    stranger.post(at("link-decision", token), answer, headers={"X-Forwarded-For": "198.51.100.9, 203.0.113.7"})
    with viewing_as(SYSTEM):
        sealed = CustomerDecision.objects.select_related("sealed").get(offer=offer).sealed
    assert sealed.data["evidence"]["address"] == "203.0.113.7"


def test_the_right_code_gives_the_session_a_new_key(token, code, stranger):
    """Whoever planted a session in this browser beforehand cannot decide with it afterwards."""
    session = stranger.session
    session["planted"] = True
    session.save()
    name = settings.SESSION_COOKIE_NAME
    stranger.cookies[name] = planted = session.session_key
    stranger.post(at("link-code", token), {"code": code})
    assert stranger.cookies[name].value != planted
    assert stranger.get(at("link-decision", token)).status_code == 200
    other = Client(**HOST)
    other.cookies[name] = planted
    assert other.get(at("link-decision", token)).status_code != 200
