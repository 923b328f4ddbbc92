"""The acceptance scenarios S1, S2, S3, S7 and S16, played through the actions."""

from decimal import Decimal

import pytest

from klarfall.accounts.models import User
from klarfall.billing import capping
from klarfall.billing.actions import assessments, decisions, offers
from klarfall.billing.actions.caps import watch_cap
from klarfall.billing.actions.time import stop_timer
from klarfall.billing.engine import MinuteClass as M
from klarfall.billing.facts import facts_of
from klarfall.billing.models import CostOffer, TimeEntry
from klarfall.billing.pricing import OfferImpossible
from klarfall.billing.settlement import net_so_far
from klarfall.billing.tests.steps import (
    EVIDENCE,
    accept,
    by_offer,
    classes,
    clock,
    publish,
    refresh,
    send,
    send_more,
    split_off,
    terms,
    timer,
    verdict,
    work,
)
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.models import ConsultantRequest, TicketEvent, TrainingRequest
from tests.cast import berlin, concern_of


def net(concern, now):
    with viewing_as(SYSTEM):
        return net_so_far(facts_of([concern])[concern.pk], now)


def test_s1_plain_acceptance(cast, make_ticket):
    concern = concern_of(make_ticket(now=clock("07:50")))
    work(cast, concern, "08:20", "08:31", purpose="triage")
    offer = send(cast, concern, at=clock("08:40"))
    accept(offer, cast.astrid, at=clock("09:00"))
    for start, end in (("09:10", "09:32"), ("10:05", "10:23"), ("11:00", "11:27")):
        work(cast, concern, start, end)
    assert classes(concern) == {M.TRIAGE: 11, M.BILLABLE: 67}
    assert by_offer(concern) == {offer.pk: 67}
    assert net(concern, clock("12:00")) == {offer.pk: Decimal("165.00")}
    assert refresh(offer).used_minutes == 67
    assert refresh(concern).status == "accepted"


S2 = "2026-12-01"


def test_s2_cap_used_up_and_accepted_again(cast, make_ticket):
    concern = concern_of(make_ticket(now=clock("08:00", S2)))
    first = send(cast, concern, "CHG-INFRA-OS", at=clock("08:10", S2), low=90, high=120, cap_minutes=120)
    accept(first, cast.bernd, at=clock("08:30", S2))
    work(cast, concern, "09:00", "10:35", day=S2)
    work(cast, concern, "11:00", "11:40", day=S2)
    used_up = refresh(first)
    assert (used_up.status, refresh(concern).status) == ("exhausted", "cap_reached")
    assert used_up.warned_at_80 == clock("11:01", S2)
    assert used_up.warned_at_100 == clock("11:25", S2)
    second = send_more(cast, concern, at=clock("12:00", S2), low=30, high=45, cap_minutes=60)
    assert (second.extends_id, refresh(concern).extension_open) == (first.pk, True)
    accept(second, cast.bernd, at=clock("13:00", S2))
    assert (refresh(concern).status, refresh(concern).extension_open) == ("accepted", False)
    work(cast, concern, "13:10", "13:32", day=S2)
    assert classes(concern) == {M.BILLABLE: 142, M.OVER_CAP: 15}
    assert by_offer(concern) == {first.pk: 120, second.pk: 22}
    assert net(concern, clock("14:00", S2)) == {first.pk: Decimal("264.00"), second.pk: Decimal("66.00")}


def test_s2_a_running_timer_crosses_warning_and_cap_by_itself(cast, make_ticket, monkeypatch):
    planned = []
    monkeypatch.setattr(capping, "enqueue", lambda name, at, key, concern_id: planned.append(at))
    concern = concern_of(make_ticket(now=clock("08:00", S2)))
    offer = send(cast, concern, "CHG-INFRA-OS", at=clock("08:10", S2), cap_minutes=120)
    accept(offer, cast.bernd, at=clock("08:30", S2))
    work(cast, concern, "09:00", "10:35", day=S2)
    timer(cast, concern, clock("11:00", S2))
    assert planned == [clock("11:01", S2), clock("11:25", S2)]
    watch_cap(concern, actor=_system(), now=clock("11:01", S2))
    assert (refresh(offer).warned_at_80, refresh(offer).status) == (clock("11:01", S2), "accepted")
    watch_cap(concern, actor=_system(), now=clock("11:25", S2))
    watch_cap(concern, actor=_system(), now=clock("11:25", S2))
    assert (refresh(offer).warned_at_100, refresh(offer).status) == (clock("11:25", S2), "exhausted")
    assert refresh(concern).status == "cap_reached"
    with viewing_as(SYSTEM):
        told = (
            TicketEvent.objects.filter(kind="offer.warned").order_by("sequence").values_list("data__level", flat=True)
        )
        assert list(told) == [80, 100]
        assert TimeEntry.objects.get(status="running").concern_id == concern.pk
    assert classes(concern, until=clock("11:40", S2)) == {M.BILLABLE: 120, M.OVER_CAP: 15}


def _system():
    with viewing_as(SYSTEM):
        return User.objects.system()


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_s3_discovered_half_way(cast, make_ticket, answer):
    ticket = make_ticket(now=clock("12:00"))
    cause = concern_of(ticket)
    (cleaning,) = split_off(cast, ticket, "Doppelte Buchungen bereinigen", at=clock("12:10"))
    publish(cast, cause, "COV-INVESTIGATE", cause="unknown", at=clock("12:30"))
    work(cast, cause, "13:00", "13:50")
    offer = send(cast, cleaning, "CHG-DATA-POST", at=clock("14:00"), given=terms(60, 85, cap_net=Decimal("190.00")))
    running = timer(cast, cleaning, clock("14:05"))
    if answer == "accept":
        accept(offer, cast.bernd, at=clock("14:20:00"))
    else:
        decisions.decline(offer, evidence=EVIDENCE, actor=cast.bernd.user, now=clock("14:20:00"))
    stop_timer(running, actor=cast.anna, now=clock("15:40"))
    assert classes(cause) == {M.COVERED: 50}
    if answer == "accept":
        assert classes(cleaning) == {M.PRE_DECISION: 15, M.BILLABLE: 80}
        assert net(cleaning, clock("16:00")) == {offer.pk: Decimal("190.00")}
    else:
        assert classes(cleaning) == {M.PRE_DECISION: 95}
        assert net(cleaning, clock("16:00")) == {}
        assert refresh(cause).status == "covered"


def test_s7_decline_another_form_not_offered(cast, make_ticket):
    ticket = make_ticket(now=clock("09:00"))
    key = concern_of(ticket)
    work(cast, key, "09:05", "09:19", purpose="triage")
    onsite, legal = split_off(cast, ticket, "Jemand soll kommen", "Dürfen wir so umlegen?", at=clock("09:20"))
    offer = send(cast, key, at=clock("09:30"), low=30, high=40, cap_minutes=45)
    assessments.refer(
        onsite,
        verdict=verdict(cast, "NOT-ONSITE"),
        wish="Termin vor Ort",
        place="Mainz",
        actor=cast.anna,
        now=clock("09:35"),
    )
    publish(cast, legal, "NOT-LEGAL", at=clock("09:40"))
    with pytest.raises(OfferImpossible):
        offers.send_offer(legal, terms=terms(), actor=cast.anna, now=clock("09:41"))
    with pytest.raises(OfferImpossible):
        assessments.send_cost_notice(
            legal, verdict=verdict(cast, "NOT-LEGAL"), offer=terms(), actor=cast.anna, now=clock("09:42")
        )
    decisions.choose_other_form(
        offer,
        alternative="training",
        with_article=True,
        wish="Bitte eine Schulung zum Verteilerschlüssel",
        evidence=EVIDENCE,
        actor=cast.bernd.user,
        now=clock("10:00"),
    )
    assert classes(key) == {M.TRIAGE: 14}
    assert [refresh(one).status for one in (key, onsite, legal)] == ["other_form", "referred", "done"]
    with viewing_as(SYSTEM):
        assert TrainingRequest.objects.get().concern_id == key.pk
        assert ConsultantRequest.objects.get().concern_id == onsite.pk
        assert list(CostOffer.objects.values_list("status", flat=True)) == ["declined"]
    with viewing_as(SYSTEM):
        assert refresh(legal).current_assessment.reason == "Wir beraten nicht rechtlich."
    assert (refresh(ticket).status, refresh(ticket).resolution_kind) == ("resolved", "no_work")


@pytest.mark.parametrize(("cap", "billable"), [("222.00", 90), ("148.00", 60)])
def test_s16_caps_in_euros_at_a_rate_that_does_not_divide(cast, make_ticket, cap, billable):
    day = "2026-11-25"
    concern = concern_of(make_ticket(now=berlin(f"{day} 08:00")))
    offer = send(cast, concern, "CHG-INST-SERVER", at=clock("08:10", day), given=terms(60, 90, cap_net=Decimal(cap)))
    accept(offer, cast.bernd, at=clock("08:30", day))
    work(cast, concern, "09:00", "10:35", day=day)
    assert classes(concern) == {M.BILLABLE: billable, M.OVER_CAP: 95 - billable}
    assert net(concern, clock("11:00", day)) == {offer.pk: Decimal(cap)}
    assert refresh(concern).status == "cap_reached"
