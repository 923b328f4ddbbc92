"""The cost decision: two steps, every answer, and the ways in which it is refused."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from klarfall.billing import amounts, pricing
from klarfall.billing.actions import decisions, offers
from klarfall.billing.engine import Caps
from klarfall.billing.models import CustomerDecision, DecisionAttempt
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import ReleasePolicy
from klarfall.tickets.models import TrainingRequest
from tests.cast import fresh, make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(offer):
    return reverse("portal:decision", args=[offer.number])


def answer(offer, **data):
    return {"text_hash": offer.text_hash, **data}


def decision_of(offer):
    with viewing_as(SYSTEM):
        return CustomerDecision.objects.select_related("sealed").filter(offer=offer).first()


def attempts():
    with viewing_as(SYSTEM):
        return list(DecisionAttempt.objects.values_list("reason", flat=True))


def test_commissioning_shows_first_what_will_be_recorded(offer, address, bernds):
    page = bernds.post(address, answer(offer, choice="accept", cap="full", order_number="B-77")).content.decode()
    assert decision_of(offer) is None
    assert amounts.cap_text(offer) in page
    assert "B-77" in page
    assert offer.canonical_text.splitlines()[0] in page
    assert 'name="confirmed" value="1"' in page


def test_confirming_it_commissions(offer, address, bernds):
    data = answer(offer, choice="accept", cap="full", order_number="B-77", confirmed="1")
    page = bernds.post(address, data, follow=True).content.decode()
    decision = decision_of(offer)
    assert (decision.kind, decision.channel, decision.chosen_cap_minutes) == ("accept", "portal", None)
    assert decision.sealed.data["order_number"] == "B-77"
    assert decision.sealed.data["evidence"]["address"] == "127.0.0.1"
    assert "Bernd" in page
    assert "<form" not in page.split("<main")[1].split("</main")[0]


def test_a_lower_cap_is_an_acceptance(offer, address, bernds):
    page = bernds.post(address, answer(offer, cap="m60")).content.decode()
    assert amounts.cap_text(offer, Caps(minutes=60)) in page
    bernds.post(address, answer(offer, choice="accept", cap="m60", confirmed="1"))
    assert decision_of(offer).chosen_cap_minutes == 60


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"choice": "accept"}, {"choice": "accept", "cap": "m61"}, {"choice": "counter"}, {"choice": "other:magic"},
        {"choice": "counter", "proposal": "Billiger", "proposed_cap": "viel"},
        {"choice": "counter", "proposal": "Billiger", "proposed_cap": "-5"}, {"choice": "nonsense", "cap": "full"},
    ],
)  # fmt: skip
def test_an_incomplete_answer_is_named_and_decides_nothing(wrong, offer, address, bernds):
    response = bernds.post(address, answer(offer, confirmed="1", **wrong))
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert decision_of(offer) is None


def test_declining_takes_one_click(offer, address, bernds):
    page = bernds.post(address, answer(offer, choice="decline"), follow=True).content.decode()
    assert decision_of(offer).kind == "decline"
    assert fresh(offer).status == "declined"
    assert "Bernd" in page


@pytest.mark.parametrize(("typed", "meant"), [("150,00", "150.00"), ("150.5", "150.5"), ("", None)])
def test_a_proposal_takes_amounts_with_comma_and_point(typed, meant, offer, address, bernds):
    data = answer(offer, choice="counter", proposal="Nur Objekt 114", proposed_cap=typed)
    assert "Nur Objekt 114" in bernds.post(address, data).content.decode()
    bernds.post(address, data | {"confirmed": "1"})
    found = decision_of(offer)
    assert found.kind == "counter"
    assert "Nur Objekt 114" in found.sealed.text
    assert found.sealed.data["evidence"].get("wished_cap_net") == meant
    page = bernds.get(reverse("portal:ticket", args=[offer.ticket.number])).content.decode()
    assert "Nur Objekt 114" in page


def test_another_form_hands_over(offer, address, bernds):
    form = bernds.get(address).content.decode()
    assert 'value="other:training"' in form
    bernds.post(address, answer(offer, choice="other:training", wish="Für zwei Personen", confirmed="1"))
    assert decision_of(offer).alternative == "training"
    with viewing_as(SYSTEM):
        assert TrainingRequest.objects.get().wish.endswith("Für zwei Personen")


def test_an_altered_text_is_refused_and_logged(offer, address, bernds):
    response = bernds.post(address, {"choice": "accept", "cap": "full", "confirmed": "1", "text_hash": "0" * 64})
    assert response.status_code == 409
    assert decision_of(offer) is None
    assert attempts() == ["wrong_text"]


def test_the_second_of_two_sees_what_the_first_decided(offer, address, bernds, bernd, now):
    decisions.decline(offer, actor=bernd.user, now=now)
    response = bernds.post(address, answer(offer, choice="accept", cap="full", confirmed="1"))
    assert response.status_code == 409
    assert "Bernd" in response.content.decode()
    assert decision_of(offer).kind == "decline"
    assert attempts() == ["decided"]


def test_an_expired_offer_offers_no_answer(offer, address, bernds):
    offers.expire_offers(timezone.now() + timedelta(days=60))
    page = bernds.get(address).content.decode()
    assert 'name="choice"' not in page
    assert fresh(offer).status == "expired"
    assert bernds.post(address, answer(offer, choice="accept", cap="full", confirmed="1")).status_code == 409


def test_a_late_answer_is_refused_before_the_clock_has_expired_it(offer, address, bernds, monkeypatch):
    later = timezone.now() + timedelta(days=60)
    monkeypatch.setattr("klarfall.portal.views.decisions.timezone", SimpleNamespace(now=lambda: later))
    assert 'name="choice"' not in bernds.get(address).content.decode()
    assert bernds.post(address, answer(offer, choice="accept", cap="full", confirmed="1")).status_code == 409
    assert attempts() == ["late"]


def test_a_withdrawn_offer_says_so(offer, address, bernds, anna, now):
    offers.withdraw_offer(offer, actor=anna, now=now)
    page = bernds.get(address).content.decode()
    assert 'name="choice"' not in page


@pytest.fixture
def named(acme):
    """Acme has named people who release costs: Astrid, up to 500."""
    with viewing_as(SYSTEM):
        acme.release_policy = ReleasePolicy.NAMED
        acme.save()


def test_without_cost_release_one_passes_it_on(named, offer, address, bernds, astrid, browser_of):
    page = bernds.get(address).content.decode()
    assert 'value="accept"' not in page
    assert "Astrid" in page
    passing = reverse("portal:passing-on", args=[offer.number])
    page = bernds.post(passing, {"to": astrid.pk, "comment": "Bitte heute"}, follow=True).content.decode()
    assert 'role="status"' in page
    hers = browser_of(astrid).get(address).content.decode()
    assert 'value="accept"' in hers


def test_the_deputy_is_asked_first_if_they_may_decide(offer, address, bernd, bernds, acme, astrid):
    others = [make_contact(name, acme, "requester", visibility="all") for name in ("Emil", "Fritz")]

    def first_with(deputy):
        with viewing_as(SYSTEM):
            type(bernd).objects.filter(pk=bernd.pk).update(deputy=deputy)
        return re.findall(r'<option value="(\d+)">', bernds.get(address).content.decode())

    usual = first_with(None)
    assert usual[0] != str(others[1].pk)
    assert first_with(others[1])[0] == str(others[1].pk)
    assert sorted(first_with(others[1])) == sorted(usual)
    with viewing_as(SYSTEM):
        type(bernd).objects.filter(pk=others[1].pk).update(is_active=False)
    assert str(others[1].pk) not in first_with(others[1])


def test_after_a_lower_cap_was_chosen_that_one_is_shown(offer, address, bernd, bernds):
    before = bernds.get(address).content.decode()
    assert "angeboten bis" not in before
    (lower, *_more) = pricing.listed_caps(offer)
    with viewing_as(SYSTEM):
        full = amounts.cap_text(offer)
        chosen = amounts.cap_text(offer, amounts.caps_in_force(offer, lower))
    decisions.accept(offer, cap=lower, text_hash=offer.text_hash, actor=bernd.user, now=timezone.now())
    page = bernds.get(address).content.decode()
    big = re.search(r'<p class="price-big num">(.*?)</p>', page)[1]
    assert (big, chosen != full) == (chosen, True)
    assert f"angeboten bis {full}" in page


def test_a_crafted_acceptance_without_cost_release_is_refused_and_logged(named, offer, address, bernds):
    response = bernds.post(address, answer(offer, choice="accept", cap="full", confirmed="1"))
    assert response.status_code == 409
    assert decision_of(offer) is None
    assert attempts() == ["not_named"]


def test_staff_finds_no_way_to_decide(offer, address, anna, dora, browser_of):
    for somebody in (anna, dora):
        response = browser_of(somebody).post(address, answer(offer, choice="accept", cap="full", confirmed="1"))
        assert response.status_code in (403, 404, 409)
    assert decision_of(offer) is None


def test_passing_on_needs_a_colleague_of_the_same_company(offer, bernds, clara):
    address = reverse("portal:passing-on", args=[offer.number])
    for to in (clara.pk, "", "x", "99999999999999999999"):
        assert bernds.post(address, {"to": to}).status_code == 404


def test_the_phone_code_is_shown_once_and_not_kept(offer, bernds):
    response = bernds.post(reverse("portal:phone-code", args=[offer.number]))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    code = response.content.decode().split('id="phone-code">')[1][:6]
    assert code.isdigit()
    assert code not in bernds.get(reverse("portal:decision", args=[offer.number])).content.decode()


def test_every_form_of_the_page_posts_to_an_address_that_exists(offer, address, bernds):
    page = bernds.get(address).content.decode().split("<main")[1]
    actions = re.findall(r'action="([^"]+)"', page)
    assert len(actions) == 4
    for action in actions:
        assert bernds.get(action).status_code in (200, 405)
