"""Sending, withdrawing and expiring offers: defaults, refusals and what happens to the concern."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from klarfall.billing.actions import assessments, offers, resolution
from klarfall.billing.actions.offers import OfferImpossible, OfferRefused
from klarfall.billing.engine import Caps
from klarfall.billing.models import CostOffer
from klarfall.billing.tests.steps import accept, clock, decline, publish, refresh, send, send_more, terms, verdict
from klarfall.contracts.models import CatalogueItem, RateCardLine, TermsVersion
from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import NOW, concern_of
from tests.catalogue import make_terms


@pytest.fixture
def concern(cast, make_ticket):
    return concern_of(make_ticket())


def test_everything_but_the_estimate_has_a_default(cast, concern):
    offer = send(cast, concern, given=terms(45, 60))
    assert (offer.rate, offer.increment, offer.minimum, offer.currency) == (Decimal("132.00"), 15, 15, "EUR")
    assert (offer.cap_minutes, offer.cap_net) == (90, None)
    assert offer.lower_caps == [{"minutes": 45}, {"minutes": 60}]
    assert offer.valid_until == date(2026, 12, 8)
    assert (offer.status, offer.sent_at) == ("sent", NOW)
    assert refresh(concern).status == "offered"
    assert refresh(offer.ticket).status == "waiting_for_decision"
    assert refresh(offer.ticket).offered_at == NOW


def test_lower_caps_of_an_amount_are_amounts(cast, concern):
    offer = send(cast, concern, "CHG-INST-SERVER", given=terms(60, 90, cap_net=Decimal("296.00")))
    assert offer.lower_caps == [{"net": "148.00"}, {"net": "222.00"}]


def test_the_rate_is_that_of_the_tickets_terms(cast, make_ticket):
    """INV-11, INV-12: a later rate card changes neither this ticket nor an offer that was accepted."""
    concern = concern_of(make_ticket())
    with viewing_as(SYSTEM):
        newer = TermsVersion.objects.create(number=2, valid_from=date(2026, 11, 24))
        RateCardLine.objects.create(terms=newer, work_type="support", rate=Decimal("999.00"))
        TermsVersion.objects.filter(pk=newer.pk).update(published_at=NOW)
    assert send(cast, concern, at=clock("10:00")).rate == Decimal("132.00")


REFUSED = {
    "estimate of nothing": (terms(0, 60), "estimate_min"),
    "estimate of text": (terms("45", 60), "estimate_min"),
    "estimate upside down": (terms(60, 45), "estimate_max"),
    "estimate beyond reason": (terms(45, 10**9), "estimate_max"),
    "cap of nothing": (terms(cap_minutes=0), "cap_minutes"),
    "negative cap": (terms(cap_minutes=-60), "cap_minutes"),
    "cap of no amount": (terms(cap_net=Decimal("0.00")), "cap_net"),
    "cap of fractions of a cent": (terms(cap_net=Decimal("10.001")), "cap_net"),
    "cap that is no number": (terms(cap_net=Decimal("NaN")), "cap_net"),
    "cap below a minute": (terms(cap_net=Decimal("1.00")), "cap_net"),
    "cap of millions": (terms(cap_net=Decimal("99999999.00")), "cap_minutes"),
    "lower cap that is not lower": (terms(cap_minutes=60, lower_caps=[Caps(minutes=60)]), "lower_caps"),
    "lower cap of both units": (terms(lower_caps=[Caps(minutes=10, net=Decimal(1))]), "lower_caps"),
    "too many lower caps": (terms(cap_minutes=60, lower_caps=[Caps(minutes=n) for n in range(1, 9)]), "lower_caps"),
    "validity in the past": (terms(valid_until=date(2026, 11, 23)), "valid_until"),
    "validity without end": (terms(valid_until=date(2099, 1, 1)), "valid_until"),
    "validity that is an instant": (terms(valid_until=datetime(2026, 12, 1)), "valid_until"),
    "unknown work": (terms(work_type="magic"), "work_type"),
    "scope of blanks": (offers.OfferTerms(estimate_min=45, estimate_max=60, scope=" \n\u200b"), "scope"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_an_offer_is_refused_and_nothing_is_left(why, cast, concern, system):
    given, field = REFUSED[why]
    with pytest.raises(Refused) as refused:
        send(cast, concern, given=given)
    assert refused.value.field == field
    assert str(refused.value.message)
    assert not CostOffer.objects.exists()
    assert refresh(concern).status == "open"


def test_the_last_day_of_validity_may_be_today(cast, concern):
    assert send(cast, concern, valid_until=date(2026, 11, 24)).valid_until == date(2026, 11, 24)


def test_only_staff_sends(cast, concern):
    with pytest.raises(NotAllowed):
        send(cast, concern, actor=cast.bernd.user)


def test_no_offer_where_nothing_is_chargeable(cast, concern):
    for code in ("COV-USE", "NOT-PRODUCT"):
        publish(cast, concern, code, trigger="new_information")
        with pytest.raises(OfferImpossible):
            send_more(cast, concern)


def test_withdrawing_the_only_offer_leaves_us_to_send_another(cast, concern):
    offer = send(cast, concern)
    offers.withdraw_offer(offer, actor=cast.anna, now=clock("09:10"))
    assert (refresh(offer).status, refresh(concern).status) == ("withdrawn", "chargeable")
    assert refresh(offer.ticket).status == "in_progress"
    with pytest.raises(offers.NotWithdrawable):
        offers.withdraw_offer(offer, actor=cast.anna, now=clock("09:11"))
    assert send_more(cast, concern, at=clock("09:20")).status == "sent"
    assert refresh(concern).status == "offered"


def test_an_accepted_offer_is_not_withdrawn_by_staff(cast, concern):
    offer = send(cast, concern)
    accept(offer, cast.bernd)
    with pytest.raises(offers.NotWithdrawable):
        offers.withdraw_offer(offer, actor=cast.anna, now=clock("09:30"))


def test_an_offer_expires_after_its_last_day_in_the_vendors_zone(cast, concern):
    offer = send(cast, concern, valid_until=date(2026, 11, 25))
    assert offers.expire_offers(clock("23:59", "2026-11-25")) == 0
    assert offers.expire_offers(clock("00:00", "2026-11-26")) == 1
    assert offers.expire_offers(clock("00:05", "2026-11-26")) == 0
    assert (refresh(offer).status, refresh(concern).status) == ("expired", "expired")
    assert refresh(offer.ticket).status == "resolved"


def test_of_two_offers_that_wait_the_second_keeps_the_concern_open(cast, concern):
    first = send(cast, concern)
    second = send_more(cast, concern, at=clock("09:05"), cap_minutes=60)
    decline(first, cast.bernd, at=clock("09:10"))
    assert refresh(concern).status == "offered"
    decline(second, cast.bernd, at=clock("09:11"))
    assert refresh(concern).status == "declined"


def test_a_cost_notice_replaces_the_one_that_waits(cast, concern):
    first = send(cast, concern)
    second = assessments.send_cost_notice(
        concern,
        verdict=verdict(cast, "CHG-CONF", trigger="new_information"),
        offer=terms(30, 30),
        actor=cast.anna,
        now=clock("09:30"),
    )
    assert (refresh(first).status, refresh(second).status, refresh(concern).status) == ("withdrawn", "sent", "offered")


def test_an_extension_leaves_the_acceptance_alone(cast, concern):
    first = send(cast, concern)
    accept(first, cast.bernd)
    extension = send_more(cast, concern, at=clock("10:00"), cap_minutes=30)
    assert (extension.extends_id, refresh(concern).status) == (first.pk, "accepted")
    decline(extension, cast.bernd, at=clock("10:05"))
    assert (refresh(first).status, refresh(concern).status) == ("accepted", "accepted")
    assert not refresh(concern).extension_open


def test_an_extension_keeps_the_kind_of_work_and_so_the_rate(cast, concern):
    offer = send(cast, concern, at=clock("08:00"), work_type="train")
    accept(offer, cast.bernd, at=clock("08:30"))
    extension = send_more(cast, concern, at=clock("09:00"))
    assert (extension.extends, extension.work_type, extension.rate) == (offer, "train", offer.rate)


def test_only_an_accepted_offer_of_the_same_concern_is_extended(cast, concern, make_ticket):
    elsewhere = send(cast, concern_of(make_ticket(title="Anderes", description="Etwas anderes.")))
    accept(elsewhere, cast.bernd)
    send(cast, concern)
    with pytest.raises(OfferRefused) as refused:
        send_more(cast, concern, extends=elsewhere)
    assert refused.value.field == "extends"


def test_the_first_acceptance_sets_increment_and_minimum(cast, make_ticket):
    """Rule 3: sent offers with others are withdrawn; later ones take those of the first."""
    with viewing_as(SYSTEM):
        made = make_terms(2, date(2026, 11, 1))
        assert made.number == 2
        mixed = TermsVersion.objects.create(number=3, valid_from=date(2026, 11, 2))
        for item in CatalogueItem.objects.filter(terms=made):
            item.pk, item.terms = None, mixed
            item.save(force_insert=True)
        RateCardLine.objects.create(terms=mixed, work_type="support", rate=Decimal("132.00"), increment=15, minimum=15)
        RateCardLine.objects.create(terms=mixed, work_type="senior", rate=Decimal("150.00"), increment=5, minimum=0)
        TermsVersion.objects.filter(pk=mixed.pk).update(published_at=datetime.fromisoformat("2026-11-02T00:00:00Z"))
        cast.terms = mixed
    concern = concern_of(make_ticket())
    first = send(cast, concern)
    other = send_more(cast, concern, at=clock("09:05"), work_type="senior")
    same = send_more(cast, concern, at=clock("09:06"), cap_minutes=60)
    assert (other.increment, other.minimum) == (5, 0)
    accept(first, cast.bernd, at=clock("09:10"))
    assert [refresh(one).status for one in (first, other, same)] == ["accepted", "withdrawn", "sent"]
    later = send_more(cast, concern, at=clock("09:20"), work_type="senior")
    assert (later.rate, later.increment, later.minimum) == (Decimal("150.00"), 15, 15)
    accept(later, cast.bernd, at=clock("09:30"))


def test_resolving_completes_offers_and_withdraws_those_sent(cast, concern):
    first = send(cast, concern)
    accept(first, cast.bernd)
    extension = send_more(cast, concern, at=clock("10:00"))
    resolution.resolve(
        first.ticket,
        solution="Erledigt.",
        resolution_kind="commissioned_done",
        actor=cast.anna,
        now=clock("11:00"),
    )
    assert [refresh(one).status for one in (first, extension, concern)] == ["completed", "withdrawn", "done"]


def test_an_open_first_offer_keeps_a_ticket_from_being_resolved(cast, concern):
    offer = send(cast, concern)
    with pytest.raises(resolution.NotResolvable):
        resolution.resolve(
            offer.ticket,
            solution="Erledigt.",
            resolution_kind="use_clarified",
            actor=cast.anna,
            now=clock("11:00"),
        )
    assert refresh(concern).status == "offered"
