"""The promises of domain.md, section 8, one by one, through the actions: offers, decisions and assessments."""

from datetime import date
from decimal import Decimal

import pytest

from klarfall.billing.actions import assessments, decisions, offers
from klarfall.billing.actions.time import stop_timer
from klarfall.billing.engine import Caps, MinuteClass
from klarfall.billing.models import CostOffer, CustomerDecision, DecisionAttempt
from klarfall.billing.tests.bills import billed, lines_of
from klarfall.billing.tests.steps import (
    accept,
    by_offer,
    classes,
    clock,
    decline,
    publish,
    refresh,
    send,
    send_more,
    split_off,
    terms,
    timer,
    verdict,
    work,
)  # fmt: skip
from klarfall.contracts.models import RateCardLine
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions import object as objections
from klarfall.tickets.models import Assessment, Ticket
from tests.cast import concern_of, fresh
from tests.catalogue import RATES, make_terms

BILLABLE, TRIAGE = MinuteClass.BILLABLE, MinuteClass.TRIAGE


@pytest.fixture
def concern(cast, make_ticket):
    return concern_of(make_ticket())


def rows(model, **fields):
    with viewing_as(SYSTEM):
        return list(model.objects.filter(**fields))


def test_inv_1_no_minute_is_billable_without_an_acceptance_of_that_offer_before_it(cast, concern):
    offer = send(cast, concern)
    work(cast, concern, "09:10", "09:20")
    accept(offer, cast.bernd, at=clock("09:30"))
    work(cast, concern, "09:25", "09:40")
    assert classes(concern) == {MinuteClass.PRE_DECISION: 15, BILLABLE: 10}
    more = send_more(cast, concern, at=clock("09:41"), cap_minutes=60)
    work(cast, concern, "10:00", "12:30")
    assert by_offer(concern) == {offer.pk: 120}, "the cap of the first, and nothing of the one that waits"
    assert fresh(more).status == "sent"
    batch = billed()
    assert {line.offer_id for line in rows(batch.billing_lines.model, batch=batch)} == {offer.pk}


def test_inv_3_minutes_beyond_the_cap_stay_free_for_ever(cast, concern):
    offer = send(cast, concern, cap_minutes=30)
    accept(offer, cast.bernd, at=clock("09:05"))
    work(cast, concern, "09:10", "10:00")
    more = send_more(cast, concern, at=clock("10:00"), cap_minutes=60)
    accept(more, cast.bernd, at=clock("10:05"))
    assert classes(concern) == {BILLABLE: 30, MinuteClass.OVER_CAP: 20}
    work(cast, concern, "10:10", "10:20")
    assert by_offer(concern) == {offer.pk: 30, more.pk: 10}


def test_inv_5_a_late_or_unauthorised_click_has_no_effect_and_is_logged(cast, concern):
    offer = send(cast, concern, valid_until=date(2026, 11, 25))
    for contact, at in ((cast.bernd, clock("00:00", "2026-11-26")), (cast.clara, clock("09:10"))):
        with pytest.raises(Refused):
            accept(offer, contact, at=at)
    assert rows(CustomerDecision) == []
    late, foreign = sorted(rows(DecisionAttempt), key=lambda one: one.actor_id)
    assert {late.actor_id, foreign.actor_id} == {cast.bernd.user_id, cast.clara.user_id}
    work(cast, concern, "09:10", "09:40", day="2026-11-26")
    assert BILLABLE not in classes(concern)


def test_inv_6_staff_creates_no_acceptance(cast, concern):
    offer = send(cast, concern)
    for person in (cast.anna, cast.dora):
        with pytest.raises(Refused):
            decisions.accept(offer, cap=None, text_hash=offer.text_hash, actor=person, now=clock("09:10"))
    assert rows(CustomerDecision) == []


def test_inv_7_silence_accepts_nothing_and_expiry_costs_nothing(cast, concern):
    offer = send(cast, concern, valid_until=date(2026, 11, 25))
    offers.expire_offers(clock("00:01", "2026-11-26"))
    work(cast, concern, "09:00", "09:40", day="2026-11-26")
    assert (fresh(offer).status, rows(CustomerDecision)) == ("expired", [])
    assert BILLABLE not in classes(concern)


@pytest.mark.parametrize("code", ["COV-USE", "NOT-PRODUCT"])
def test_inv_8_a_free_concern_has_no_offer_in_effect_and_a_bill_of_zero(code, cast, concern):
    accept(send(cast, concern), cast.bernd, at=clock("09:05"))
    work(cast, concern, "09:10", "09:50")
    billed()
    send_more(cast, concern, at=clock("09:00", "2026-12-02"), cap_minutes=60)
    publish(cast, refresh(concern), code, at=clock("10:00", "2026-12-02"), trigger="new_information")
    assert {one.status for one in rows(CostOffer)} == {"withdrawn"}
    billed("2026-12-31")
    assert sum(Decimal(net) for _kind, _minutes, net in lines_of()) == 0
    assert sum(minutes for _kind, minutes, _net in lines_of()) == 0


def test_inv_9_triage_is_never_billable(cast, concern):
    accept(send(cast, concern), cast.bernd, at=clock("09:05"))
    work(cast, concern, "09:10", "09:50", purpose="triage")
    assert classes(concern) == {TRIAGE: 40}


def test_inv_10_a_concern_is_assessed_by_a_person_with_item_reason_and_terms(cast, concern):
    """Work before the assessment is review, and no request is solved without one."""
    work(cast, concern, "09:00", "09:20")
    assert classes(concern) == {TRIAGE: 20}
    published = publish(cast, concern, "COV-USE", at=clock("09:30"))
    with viewing_as(SYSTEM):
        row = Assessment.objects.select_related("item", "assessor", "ticket").get(pk=published.pk)
        assert (row.assessor, row.item.terms_id) == (cast.anna, row.ticket.terms_id)
        assert row.reason
        assert row.basis.exists()


def test_inv_11_terms_and_contract_of_a_ticket_are_those_of_its_submission(cast, make_ticket):
    before = make_ticket()
    new = make_new_terms()
    after = make_ticket(title="Anderes", description="Anderes.", now=clock("09:00", "2026-12-02"))
    assert (fresh(before).terms_id, fresh(after).terms_id) == (cast.terms.pk, new.pk)
    assert fresh(before).contract_line_id is not None
    with viewing_as(SYSTEM), pytest.raises(Exception, match="Cannot update"):
        Ticket.objects.filter(pk=before.pk).update(terms=new)


def make_new_terms():
    """Another version of the terms, dearer, from December on."""
    with viewing_as(SYSTEM):
        new = make_terms(2, date(2026, 12, 1), rates={**RATES, "support": "200.00"})
    return new


def test_inv_12_an_accepted_rate_outlives_later_rate_cards(cast, concern):
    offer = send(cast, concern)
    accept(offer, cast.bernd, at=clock("09:05"))
    new = make_new_terms()
    work(cast, concern, "10:00", "10:15", day="2026-12-02")
    extension = send_more(cast, concern, at=clock("11:00", "2026-12-02"), cap_minutes=60)
    assert (fresh(offer).rate, fresh(extension).rate) == (Decimal("132.00"), Decimal("132.00"))
    assert fresh(extension).increment == fresh(offer).increment
    billed("2026-12-31")
    assert lines_of() == [("work", 15, "33.00")]
    with viewing_as(SYSTEM):
        assert RateCardLine.objects.filter(terms=new, rate=Decimal("200.00")).exists()


def test_inv_13_to_chargeable_counts_from_a_new_acceptance_and_to_covered_frees_everything(cast, concern):
    publish(cast, concern, "COV-INVESTIGATE", at=clock("09:00"))
    work(cast, concern, "09:05", "09:25")
    found = verdict(cast, "CHG-CONF", trigger="midway")
    notice = {"offer": terms(cap_minutes=120), "actor": cast.anna, "now": clock("09:30")}
    offer = assessments.send_cost_notice(refresh(concern), verdict=found, **notice)
    accept(offer, cast.bernd, at=clock("09:35"))
    work(cast, concern, "09:40", "10:00")
    assert classes(concern) == {MinuteClass.COVERED: 20, BILLABLE: 20}
    billed()
    assessments.report_defect(
        refresh(concern), reason="Ein Fehler im Produkt.", actor=cast.anna, now=clock("09:00", "2026-12-02")
    )
    assert classes(concern) == {MinuteClass.COVERED: 40}
    billed("2026-12-31")
    assert sum(Decimal(net) for _kind, _minutes, net in lines_of()) == 0
    assert [kind for kind, *_rest in lines_of()[-2:]] == ["correction", "correction"]


def test_inv_14_nothing_is_billable_while_an_objection_is_open(cast, concern):
    accept(send(cast, concern), cast.bernd, at=clock("09:05"))
    timer(cast, concern, clock("09:10"))
    with viewing_as(SYSTEM):
        judged = Assessment.objects.get()
    objection = objections.open_objection(judged, text="Das ist enthalten.", actor=cast.bernd.user, now=clock("09:20"))
    review = {"verdict": None, "actor": cast.dora, "now": clock("09:40")}
    with pytest.raises(Refused):
        assessments.review_objection(objection, result="confirmed", text="Bleibt so.", **{**review, "actor": cast.anna})
    assessments.review_objection(objection, result="confirmed", text="Es bleibt dabei.", **review)
    assert classes(concern, until=clock("10:00")) == {BILLABLE: 30, MinuteClass.ON_HOLD: 20}


def test_inv_15_declining_and_stopping_leave_the_other_concerns_alone(cast, make_ticket):
    ticket = make_ticket()
    declined, stopped = split_off(cast, ticket, "Zweites", "Drittes")
    running = concern_of(ticket)
    for one in (running, stopped):
        accept(send(cast, one), cast.bernd, at=clock("09:05"))
    decline(send(cast, declined), cast.bernd, at=clock("09:06"))
    decisions.stop(fresh(stopped), actor=cast.bernd.user, now=clock("09:07"))
    work(cast, running, "09:10", "09:30")
    assert classes(running) == {BILLABLE: 20}
    assert fresh(running).status == "accepted"


def test_inv_16_no_minute_after_a_stop_without_a_later_acceptance(cast, concern):
    accept(send(cast, concern), cast.bernd, at=clock("09:05"))
    entry = timer(cast, concern, clock("09:10"))
    decisions.stop(refresh(concern), actor=cast.bernd.user, now=clock("09:20:30"))
    stop_timer(entry, actor=cast.anna, now=clock("09:25"))
    work(cast, concern, "09:30", "09:40")
    assert classes(concern)[BILLABLE] == 10
    accept(send_more(cast, concern, at=clock("09:50"), cap_minutes=60), cast.bernd, at=clock("09:55"))
    work(cast, concern, "10:00", "10:05")
    assert classes(concern)[BILLABLE] == 15


def test_inv_4_caps_hold_in_minutes_and_money(cast, concern):
    """30 minutes accepted of 120, and 50 € net (22 minutes) on another concern: rounded up, never beyond."""
    offer = send(cast, concern, lower_caps=[Caps(minutes=37)])
    accept(offer, cast.bernd, at=clock("09:05"), cap=Caps(minutes=37))
    work(cast, concern, "09:10", "10:30")
    (other,) = split_off(cast, Ticket(pk=concern.ticket_id), "Zweites", at=clock("10:31"))
    money = send(cast, other, at=clock("10:31"), cap_minutes=None, cap_net=Decimal("50.00"))
    accept(money, cast.bernd, at=clock("10:32"))
    work(cast, other, "10:40", "11:30")
    batch = billed()
    found = {}
    for line in rows(batch.billing_lines.model, batch=batch):
        minutes, net = found.get(line.offer_id, (0, 0))
        found[line.offer_id] = (minutes + line.minutes, net + line.net)
    assert found[offer.pk] == (37, Decimal("81.40"))
    assert found[money.pk][1] == Decimal("50.00")
    assert by_offer(other) == {money.pk: 22}


def test_a_verdict_names_its_assessor(cast, concern):
    """INV-10: what the system proposes nobody has published; contacts publish nothing."""
    with pytest.raises(Refused):
        assessments.publish(concern, verdict=verdict(cast, "COV-USE"), actor=cast.bernd.user, now=clock("09:00"))
    assert rows(Assessment) == []
