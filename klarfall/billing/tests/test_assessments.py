"""Publishing, second reviews and defects: what they do to offers and minutes (INV-8, INV-13, INV-14)."""

from decimal import Decimal

import pytest

from klarfall.billing.actions import assessments, decisions, offers, resolution
from klarfall.billing.actions.assessments import NotAssessable
from klarfall.billing.engine import MinuteClass as M
from klarfall.billing.models import CostOffer
from klarfall.billing.tests.steps import (
    accept,
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
from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.object import NotObjectable, open_objection
from klarfall.tickets.actions.reopen import reopen
from klarfall.tickets.models import Assessment, Concern, ConsultantRequest, Message, Ticket, TicketEvent
from tests.cast import concern_of


@pytest.fixture
def ticket(make_ticket):
    return make_ticket(now=clock("08:00"))


@pytest.fixture
def concern(ticket):
    return concern_of(ticket)


def again(cast, concern, code, at):
    return publish(cast, concern, code, at=clock(at), trigger="new_information")


def test_one_button_answers_and_resolves(cast, ticket, concern):
    done = assessments.answer_covered(
        ticket,
        verdict=verdict(cast, "COV-QUESTION"),
        answer="Über das Menü Konten, dann Saldo.",
        resolution_kind="use_clarified",
        actor=cast.anna,
        now=clock("08:02"),
    )
    assert (done.status, done.solution, done.resolution_kind) == (
        "resolved", "Über das Menü Konten, dann Saldo.", "use_clarified",
    )  # fmt: skip
    assert refresh(concern).status == "done"
    with viewing_as(SYSTEM):
        answer = Message.objects.select_related("sealed").order_by("pk").last()
        basis = Assessment.objects.get().basis.values_list("message_id", flat=True)
        assert (answer.sealed.text, answer.from_customer) == ("Über das Menü Konten, dann Saldo.", False)
        assert answer.pk not in basis  # it rests on what was asked, not on the answer
        assert TicketEvent.objects.filter(kind="ticket.begin_review").exists()


def test_one_button_is_for_one_covered_concern(cast, ticket, concern):
    given = {"answer": "Ja.", "resolution_kind": "use_clarified", "now": clock("08:02")}
    with pytest.raises(NotAssessable):
        assessments.answer_covered(ticket, verdict=verdict(cast, "CHG-CONF"), actor=cast.anna, **given)
    with pytest.raises(NotAllowed):
        assessments.answer_covered(ticket, verdict=verdict(cast, "COV-USE"), actor=cast.bernd.user, **given)
    with pytest.raises(Refused):
        assessments.answer_covered(ticket, verdict=verdict(cast, "COV-USE"), actor=cast.anna, **given | {"answer": " "})
    split_off(cast, ticket, "Zweites", at=clock("08:01"))
    with pytest.raises(NotAssessable):
        assessments.answer_covered(ticket, verdict=verdict(cast, "COV-USE"), actor=cast.anna, **given)
    assert refresh(ticket).resolved_at is None


def test_covered_withdraws_what_was_sent_and_accepted(cast, concern):
    first = send(cast, concern, at=clock("08:10"))
    accept(first, cast.bernd, at=clock("08:20"))
    work(cast, concern, "08:30", "09:00")
    extension = send_more(cast, concern, at=clock("09:10"))
    again(cast, concern, "COV-DEFECT", "10:00")
    assert [refresh(one).status for one in (first, extension, concern)] == ["withdrawn", "withdrawn", "covered"]
    assert classes(concern) == {M.COVERED: 30}
    assert refresh(first).used_minutes == 0
    work(cast, concern, "10:10", "10:20")
    second = assessments.send_cost_notice(
        concern,
        verdict=verdict(cast, "CHG-CONF", trigger="new_information"),
        offer=terms(cap_minutes=60),
        actor=cast.anna,
        now=clock("11:00"),
    )
    accept(second, cast.bernd, at=clock("11:10"))
    work(cast, concern, "11:20", "11:30")
    assert classes(concern) == {M.COVERED: 40, M.BILLABLE: 10}


def test_another_item_completes_the_acceptance(cast, concern):
    """Rule 9: the past keeps its rate, a new offer is needed."""
    first = send(cast, concern, at=clock("08:10"))
    accept(first, cast.bernd, at=clock("08:20"))
    work(cast, concern, "08:30", "09:00")
    extension = send_more(cast, concern, at=clock("09:10"))
    again(cast, concern, "CHG-INST-SERVER", "10:00")
    assert [refresh(one).status for one in (first, extension, concern)] == ["completed", "withdrawn", "chargeable"]
    work(cast, concern, "10:10", "10:20")
    assert classes(concern) == {M.BILLABLE: 30, M.PRE_DECISION: 10}
    assert refresh(first).used_minutes == 30
    assert send_more(cast, concern, at=clock("10:30")).rate == Decimal("148.00")


@pytest.mark.parametrize("state", ["offered", "accepted", "cap_reached"])
def test_the_same_item_again_leaves_everything_where_it_was(state, cast, concern):
    offer = send(cast, concern, at=clock("08:10"), cap_minutes=30)
    if state != "offered":
        accept(offer, cast.bernd, at=clock("08:20"))
    if state == "cap_reached":
        work(cast, concern, "08:30", "09:10")
    before = refresh(offer).status
    again(cast, concern, "CHG-CONF", "10:00")
    assert (refresh(concern).status, refresh(offer).status) == (state, before)


def test_not_offered_goes_to_the_consultants(cast, ticket, concern):
    request = assessments.refer(
        concern,
        verdict=verdict(cast, "NOT-ONSITE"),
        wish="Bitte kommen",
        place="Mainz",
        actor=cast.anna,
        now=clock("08:10"),
    )
    with viewing_as(SYSTEM):
        assert ConsultantRequest.objects.get().pk == request.pk
    assert refresh(concern).status == "referred"
    assert (refresh(ticket).status, refresh(ticket).resolution_kind) == ("resolved", "handed_over")
    with pytest.raises(NotAssessable):
        assessments.refer(concern, verdict=verdict(cast, "CHG-CONF"), wish="x", actor=cast.anna, now=clock("08:20"))


def test_an_offer_on_legal_advice_is_impossible(cast, concern):
    publish(cast, concern, "NOT-LEGAL", at=clock("08:10"))
    with viewing_as(SYSTEM):
        assert Assessment.objects.select_related("sealed").get().reason == "Wir beraten nicht rechtlich."
    for step in (
        lambda: send_more(cast, concern, at=clock("08:20")),
        lambda: send(cast, concern, "NOT-LEGAL", at=clock("08:20")),
    ):
        with pytest.raises(Refused):
            step()
    with viewing_as(SYSTEM):
        assert not CostOffer.objects.exists()


@pytest.fixture
def objected(cast, concern):
    """An accepted concern whose assessment the customer sees differently from 09:00:30 on; a timer is running."""
    offer = send(cast, concern, at=clock("08:10"))
    accept(offer, cast.bernd, at=clock("08:20"))
    timer(cast, concern, clock("08:30"))
    with viewing_as(SYSTEM):
        assessment = Concern.objects.select_related("current_assessment").get(pk=concern.pk).current_assessment
    objection = open_objection(assessment, text="Das ist ein Fehler.", actor=cast.bernd.user, now=clock("09:00:30"))
    return offer, objection


def test_nothing_is_billable_while_an_objection_is_open(cast, concern, objected):
    offer, objection = objected
    assert classes(concern, until=clock("09:30")) == {M.BILLABLE: 30, M.ON_HOLD: 30}
    assessments.review_objection(objection, result="confirmed", text="Geprüft.", actor=cast.dora, now=clock("09:40:10"))
    assert classes(concern, until=clock("10:00")) == {M.BILLABLE: 49, M.ON_HOLD: 41}
    assert (refresh(offer).status, refresh(concern).status) == ("accepted", "accepted")


def test_the_assessor_confirms_nothing_alone(cast, objected):
    _offer, objection = objected
    with pytest.raises(NotObjectable):
        assessments.review_objection(objection, result="confirmed", text="Nein.", actor=cast.anna, now=clock("09:40"))
    with pytest.raises(NotObjectable):
        assessments.review_objection(
            objection,
            result="partly",
            text="Ja.",
            verdict=verdict(cast, "CHG-OTHER"),
            actor=cast.anna,
            now=clock("09:40"),
        )
    with pytest.raises(NotObjectable):
        assessments.review_objection(
            objection, result="partly", text="Ja.", verdict=verdict(cast, "COV-USE"), actor=cast.anna,
            now=clock("09:40"),
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        assessments.review_objection(
            objection,
            result="changed",
            text="Ja.",
            verdict=verdict(cast, "COV-USE"),
            actor=cast.bernd.user,
            now=clock("09:40"),
        )
    assert refresh(objection).is_open


def test_the_assessor_may_decide_in_the_customers_favour(cast, concern, objected):
    offer, objection = objected
    assessments.review_objection(
        objection, result="changed", text="Sie haben recht.", verdict=verdict(cast, "COV-DEFECT"), actor=cast.anna,
        now=clock("09:40"),
    )  # fmt: skip
    assert (refresh(offer).status, refresh(concern).status) == ("withdrawn", "covered")
    assert classes(concern, until=clock("10:00")) == {M.COVERED: 90}
    with pytest.raises(NotObjectable):
        assessments.review_objection(objection, result="confirmed", text="Doch.", actor=cast.dora, now=clock("09:50"))


@pytest.mark.parametrize(("result", "code"), [("confirmed", "COV-USE"), ("changed", None), ("partly", None)])
def test_result_and_new_assessment_belong_together(result, code, cast, objected):
    _offer, objection = objected
    new = verdict(cast, code) if code else None
    with pytest.raises(NotAssessable):
        assessments.review_objection(
            objection, result=result, text="x", verdict=new, actor=cast.dora, now=clock("09:40")
        )


def test_while_an_objection_is_open_no_offer_goes_out(cast, concern, objected):
    with pytest.raises(offers.OfferImpossible):
        send_more(cast, concern, at=clock("09:10"))
    with pytest.raises(Refused):
        resolution.finish_concern(concern, actor=cast.anna, now=clock("09:10"))


def test_a_defect_found_after_closing_costs_nothing_and_reopens_nothing(cast, ticket, concern):
    offer = send(cast, concern, at=clock("08:10"))
    accept(offer, cast.bernd, at=clock("08:20"))
    work(cast, concern, "08:30", "09:00")
    resolution.resolve(
        ticket, solution="Fertig.", resolution_kind="commissioned_done", actor=cast.anna, now=clock("09:10")
    )
    assert resolution.close_due(clock("09:10", "2026-12-08")) == 0
    assert resolution.close_due(clock("09:11", "2026-12-08")) == 1
    with pytest.raises(Refused):
        publish(cast, concern, "COV-USE", at=clock("10:00", "2026-12-08"), trigger="new_information")
    assessments.report_defect(concern, reason="Fehler in 2026.1", actor=cast.anna, now=clock("10:00", "2026-12-08"))
    assert classes(concern) == {M.COVERED: 30}
    with viewing_as(SYSTEM):
        closed = Ticket.objects.get()
        row = Concern.objects.select_related("current_assessment__item").get()
        assert (closed.status, row.status, row.current_assessment.item.code) == ("closed", "done", "COV-DEFECT")
        assert CostOffer.objects.get().status == "completed"


def test_after_reopening_work_needs_a_new_acceptance(cast, ticket, concern):
    offer = send(cast, concern, at=clock("08:10"))
    accept(offer, cast.bernd, at=clock("08:20"))
    timer(cast, concern, clock("08:30"))
    resolution.resolve(
        ticket, solution="Fertig.", resolution_kind="commissioned_done", actor=cast.anna, now=clock("09:00")
    )
    assert refresh(offer).used_minutes == 30
    reopen(ticket, text="Geht noch nicht.", actor=cast.bernd.user, now=clock("10:00"))
    assert refresh(concern).status == "in_review"
    work(cast, concern, "10:10", "10:20")
    assert classes(concern) == {M.BILLABLE: 30, M.PRE_DECISION: 10}


def test_finishing_one_concern_leaves_the_others(cast, ticket, concern):
    (other,) = split_off(cast, ticket, "Zweites", at=clock("08:05"))
    mine, theirs = send(cast, concern, at=clock("08:10")), send(cast, other, at=clock("08:10"))
    for offer in (mine, theirs):
        accept(offer, cast.bernd, at=clock("08:20"))
    running = timer(cast, concern, clock("08:30"))
    resolution.finish_concern(concern, actor=cast.anna, now=clock("09:00"))
    assert [refresh(one).status for one in (concern, mine, running)] == ["done", "completed", "recorded"]
    assert [refresh(one).status for one in (other, theirs)] == ["accepted", "accepted"]
    assert refresh(ticket).status == "in_progress"
    decisions.stop(other, actor=cast.bernd.user, now=clock("09:10"))
    assert refresh(mine).status == "completed"
