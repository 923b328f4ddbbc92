"""Decisions: what makes one effective, and every refusal, which is kept (INV-1, INV-5, INV-6)."""

from datetime import date
from decimal import Decimal

import pytest

from klarfall.billing.actions import decisions, offers
from klarfall.billing.actions.decisions import DecisionRefused
from klarfall.billing.authority import authority
from klarfall.billing.engine import Caps
from klarfall.billing.engine import MinuteClass as M
from klarfall.billing.models import CustomerDecision, DecisionAttempt
from klarfall.billing.tests.steps import (
    EVIDENCE,
    accept,
    classes,
    clock,
    decline,
    publish,
    refresh,
    send,
    send_more,
    split_off,
    timer,
    work,
)
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.models import TicketEvent
from tests.cast import concern_of, make_contact

LATE = "2026-12-09"


@pytest.fixture
def concern(cast, make_ticket):
    return concern_of(make_ticket())


@pytest.fixture
def offer(cast, concern):
    return send(cast, concern, lower_caps=[Caps(minutes=45), Caps(minutes=60)])


def attempts():
    with viewing_as(SYSTEM):
        return list(DecisionAttempt.objects.order_by("pk").values_list("reason", flat=True))


def refused(code, *args, **kwargs):
    """An acceptance that must be refused for this reason, with nothing changed and the attempt kept."""
    offer = args[0]
    before = refresh(offer).status
    with pytest.raises(DecisionRefused) as refusal:
        accept(*args, **kwargs)
    assert refusal.value.code == code
    assert str(refusal.value.message)
    assert refresh(offer).status == before
    with viewing_as(SYSTEM):
        attempt = DecisionAttempt.objects.latest("pk")
        assert (attempt.reason, attempt.offer_id, attempt.kind) == (code, offer.pk, "accept")
        assert not CustomerDecision.objects.filter(offer=offer, at=kwargs.get("at")).exists()
    return refusal.value


def test_an_acceptance_keeps_its_evidence(cast, offer, concern):
    decision = accept(offer, cast.astrid, at=clock("09:30"), comment="Bitte heute", order_number="PO 1")
    with viewing_as(SYSTEM):
        kept = CustomerDecision.objects.select_related("sealed").get()
        event = TicketEvent.objects.get(kind="decision.made")
    assert (kept.pk, kept.kind, kept.channel, kept.at) == (decision.pk, "accept", "portal", clock("09:30"))
    assert (kept.text_hash, kept.role_then, kept.limit_then) == (offer.text_hash, "requester", None)
    assert kept.sealed.text == "Bitte heute"
    assert kept.sealed.data["name"] == "Astrid"
    assert (event.data["offer"], event.data["cap"], event.public) == (offer.pk, None, True)
    assert (refresh(offer).status, refresh(concern).status) == ("accepted", "accepted")
    assert refresh(offer).decided_at == clock("09:30")
    assert refresh(offer.ticket).status == "in_progress"
    assert attempts() == []


def test_a_listed_lower_cap_counts_instead(cast, offer, concern):
    accept(offer, cast.bernd, at=clock("09:30"), cap=Caps(minutes=45))
    work(cast, concern, "10:00", "11:00")
    assert classes(concern) == {M.BILLABLE: 45, M.OVER_CAP: 15}


def test_the_offered_cap_itself_is_a_full_acceptance(cast, offer):
    assert accept(offer, cast.bernd, cap=Caps(minutes=120)).chosen is None


@pytest.mark.parametrize(
    ("cap", "code"),
    [
        (Caps(minutes=61), "cap_not_listed"),
        (Caps(minutes=600), "cap_not_lower"),
        (Caps(net=Decimal("300.00")), "cap_not_lower"),
        (Caps(net=Decimal("10.00")), "cap_not_listed"),
        (Caps(minutes=0), "cap_not_listed"),
        (Caps(minutes=45, net=Decimal(10)), "cap_not_listed"),
        (Caps(net=Decimal("NaN")), "cap_not_listed"),
    ],
)
def test_another_cap_is_a_counter_proposal_and_no_acceptance(cap, code, cast, offer):
    refused(code, offer, cast.bernd, cap=cap)


def test_a_late_click_is_no_acceptance(cast, offer):
    accepted_by_state = refresh(offer).status
    assert accepted_by_state == "sent"  # nobody has let it expire yet
    refused("late", offer, cast.bernd, at=clock("00:00", LATE))
    offers.expire_offers(clock("00:10", LATE))
    refused("late", offer, cast.bernd, at=clock("00:11", LATE))


def test_the_last_minute_of_the_last_day_counts(cast, offer):
    accept(offer, cast.bernd, at=clock("23:59:59", "2026-12-08"))


def test_another_text_is_no_acceptance(cast, offer, make_ticket):
    elsewhere = send(cast, concern_of(make_ticket(title="Anderes", description="Anderes.")))
    refused("wrong_text", offer, cast.bernd, text_hash=elsewhere.text_hash)
    refused("wrong_text", offer, cast.bernd, text_hash="")
    refused("wrong_text", offer, cast.bernd, text_hash="ü" * 64)


def test_a_withdrawn_offer_is_not_accepted(cast, offer):
    offers.withdraw_offer(offer, actor=cast.anna, now=clock("09:10"))
    refused("withdrawn", offer, cast.bernd, at=clock("09:11"))


def test_an_offer_is_decided_once_and_the_second_hears_by_whom(cast, offer):
    accept(offer, cast.astrid, at=clock("09:30"))
    told = refused("decided", offer, cast.bernd, at=clock("09:31"))
    assert "Astrid" in str(told.message)
    assert "24.11.2026, 09:30 Uhr" in str(told.message)
    refused("decided", offer, cast.astrid, at=clock("09:30:01"))
    with pytest.raises(DecisionRefused):
        decline(offer, cast.bernd, at=clock("09:32"))
    assert attempts() == ["decided", "decided", "decided"]


def test_staff_never_accepts(cast, offer):
    for colleague in (cast.anna, cast.dora):
        with pytest.raises(DecisionRefused) as refusal:
            decisions.accept(
                offer, cap=None, text_hash=offer.text_hash, evidence=EVIDENCE, actor=colleague, now=clock("09:30")
            )
        assert refusal.value.code == "staff"
    for channel in ("phone_code", "personal_link", "fax"):
        with pytest.raises(DecisionRefused):
            decisions.accept(
                offer, cap=None, text_hash=offer.text_hash, channel=channel, actor=cast.anna, now=clock("09:30")
            )
    assert attempts() == ["staff"] * 5


def test_people_of_other_companies_never_accept(cast, offer):
    refused("foreign", offer, cast.clara)


def test_a_contact_cannot_claim_another_way(cast, offer):
    refused("no_proof", offer, cast.bernd, channel="phone_code")
    refused("no_proof", offer, cast.bernd, channel="personal_link")


def test_people_without_the_role_or_the_sight_do_not_accept(cast, offer):
    viewer = make_contact("Vera", cast.acme, "billing_viewer", "customer_admin", visibility="all")
    colleague = make_contact("Emil", cast.acme)
    refused("no_role", offer, viewer)
    refused("not_visible", offer, colleague)


def test_a_person_who_left_does_not_accept(cast, offer):
    with viewing_as(SYSTEM):
        type(cast.bernd).objects.filter(pk=cast.bernd.pk).update(is_active=False)
    refused("foreign", offer, cast.bernd)


@pytest.fixture
def named(cast):
    with viewing_as(SYSTEM):
        cast.acme.release_policy = "named"
        cast.acme.save()
    return cast


def test_named_people_decide_up_to_their_limit(named, concern):
    """Exposure is that of the chosen cap, and of what was accepted before on the concern."""
    offer = send(named, concern, cap_minutes=240, lower_caps=[Caps(minutes=60), Caps(minutes=120)])
    told = refused("not_named", offer, named.bernd, at=clock("09:10"))
    assert "500" not in str(told.message)
    told = refused("over_limit", offer, named.astrid, at=clock("09:11"))
    assert "500,00" in str(told.message)
    decision = accept(offer, named.astrid, at=clock("09:12"), cap=Caps(minutes=120))
    assert (decision.role_then, decision.limit_then) == ("cost_release", Decimal("500.00"))
    more = send_more(named, concern, at=clock("10:00"), cap_minutes=120, lower_caps=[Caps(minutes=60)])
    answer = authority(more, named.astrid, None, clock("10:01"))
    assert (answer.allowed, answer.reason, answer.exposure) == (False, "over_limit", Decimal("528.00"))
    refused("over_limit", more, named.astrid, at=clock("10:02"))
    accept(more, named.astrid, at=clock("10:03"), cap=Caps(minutes=60))


def test_of_ended_offers_only_their_net_counts_against_the_limit(named, concern):
    first = send(named, concern, cap_minutes=200)
    accept(first, named.astrid, at=clock("09:10"))
    work(named, concern, "09:20", "09:50")
    decisions.stop(concern, actor=named.astrid.user, now=clock("10:00"))
    second = send_more(named, concern, at=clock("10:10"), cap_minutes=190)
    answer = authority(second, named.astrid, None, clock("10:20"))
    assert (answer.allowed, answer.exposure) == (True, Decimal("484.00"))  # 66.00 + 418.00
    third = send_more(named, concern, at=clock("10:11"), cap_minutes=200)
    assert not authority(third, named.astrid, None, clock("10:20")).allowed


@pytest.mark.parametrize(
    "fields",
    [
        {"release_limit": None},
        {"release_to": date(2026, 11, 23)},
        {"release_from": date(2026, 11, 25)},
        {"roles": ["requester"]},
    ],
)
def test_a_release_that_does_not_count_today_is_none(fields, named, concern):
    with viewing_as(SYSTEM):
        type(named.astrid).objects.filter(pk=named.astrid.pk).update(**fields)
    offer = send(named, concern)
    assert not authority(offer, named.astrid, None, clock("09:10")).allowed


def test_declining_costs_nothing_and_leaves_the_others(cast, offer, concern):
    """INV-15."""
    (other,) = split_off(cast, offer.ticket, "Anderes", at=clock("09:05"))
    publish(cast, other, "COV-USE", at=clock("09:06"))
    decline(offer, cast.bernd, at=clock("09:30"))
    assert (refresh(offer).status, refresh(concern).status) == ("declined", "declined")
    assert (refresh(other).status, refresh(offer.ticket).status) == ("covered", "in_progress")
    again = send_more(cast, concern, at=clock("10:00"))
    accept(again, cast.bernd, at=clock("10:05"))
    assert refresh(concern).status == "accepted"


def test_a_counter_proposal_waits_for_a_new_offer(cast, offer, concern):
    decisions.counter(
        offer, text="Höchstens 100 Euro", cap_net=Decimal("100.00"), actor=cast.bernd.user, now=clock("09:30")
    )
    row = refresh(concern)
    assert (refresh(offer).status, row.status, row.wish_open) == ("countered", "declined", True)
    assert refresh(offer.ticket).status == "in_progress"
    send_more(cast, concern, at=clock("10:00"), cap_net=Decimal("100.00"))
    assert not refresh(concern).wish_open


def test_a_counter_proposal_says_something(cast, offer):
    for fields in ({"text": " "}, {"text": "", "cap_net": Decimal(-1)}, {"text": "x", "cap_net": Decimal("Infinity")}):
        with pytest.raises(DecisionRefused):
            decisions.counter(offer, actor=cast.bernd.user, now=clock("09:30"), **fields)
    assert refresh(offer).status == "sent"


def test_an_article_needs_nobody(cast, offer, concern):
    decisions.choose_other_form(offer, alternative="article", actor=cast.bernd.user, now=clock("09:30"))
    assert (refresh(offer).status, refresh(concern).status) == ("declined", "other_form")
    with pytest.raises(DecisionRefused):
        decisions.choose_other_form(offer, alternative="magic", actor=cast.bernd.user, now=clock("09:31"))


def test_a_stop_ends_the_offer_at_once(cast, offer, concern):
    """INV-16."""
    accept(offer, cast.bernd, at=clock("09:10"))
    timer(cast, concern, clock("09:20"))
    extension = send_more(cast, concern, at=clock("09:25"))
    stopped = decisions.stop(concern, actor=cast.bernd.user, now=clock("09:40:30"))
    assert [refresh(one).status for one in (offer, extension, concern)] == ["stopped", "withdrawn", "stopped"]
    assert refresh(offer).ended_fact > stopped.fact
    assert classes(concern, until=clock("10:00")) == {M.BILLABLE: 20, M.AFTER_STOP: 20}
    with pytest.raises(decisions.NotStoppable):
        decisions.stop(concern, actor=cast.bernd.user, now=clock("09:41"))


def test_at_one_instant_the_stop_wins(cast, offer, concern):
    accept(offer, cast.bernd, at=clock("09:10"))
    decisions.stop(concern, actor=cast.bernd.user, now=clock("09:40"))
    again = send_more(cast, concern, at=clock("09:40"))
    refused("stopped", again, cast.bernd, at=clock("09:40"))
    accept(again, cast.bernd, at=clock("09:40:01"))


def test_only_people_who_see_it_stop_it(cast, offer, concern):
    accept(offer, cast.bernd)
    for actor in (cast.anna, cast.clara.user, make_contact("Emil", cast.acme).user):
        with pytest.raises(NotAllowed):
            decisions.stop(concern, actor=actor, now=clock("09:40"))


def test_an_offer_is_passed_on_to_somebody_who_may(named, offer):
    event = decisions.pass_on(offer, to=named.astrid, comment="Bitte du", actor=named.bernd.user, now=clock("09:30"))
    assert event.data["to"] == named.astrid.user_id
    for wrong in (named.bernd, named.clara, make_contact("Emil", named.acme)):
        with pytest.raises(DecisionRefused):
            decisions.pass_on(offer, to=wrong, actor=named.bernd.user, now=clock("09:31"))
    with pytest.raises(NotAllowed):
        decisions.pass_on(offer, to=named.astrid, actor=named.anna, now=clock("09:31"))
