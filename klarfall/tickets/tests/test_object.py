"""*I see it differently*: one second review at a time, of the current assessment, by somebody else."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from klarfall.core.action import NotAllowed, action
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets import progress
from klarfall.tickets.actions.cancel import cancel
from klarfall.tickets.actions.object import NotObjectable, open_objection, record_review, withdraw_objection
from klarfall.tickets.locking import locked_concern
from klarfall.tickets.models import Objection
from klarfall.tickets.tests.steps import close, kinds, move, offered, publish, resolved, seeing
from klarfall.tickets.text import UnusableText
from tests.cast import NOW, concern_of, fresh, make_staff

LATER = NOW + timedelta(hours=1)


def disagree(cast, assessment, *, text="Das ist doch Teil des Vertrags.", actor=None, now=LATER):
    return open_objection(assessment, text=text, actor=actor or cast.bernd.user, now=now)


def review(objection, *, actor, result="confirmed", text="Geprüft und besprochen.", in_favour=False, now=LATER):
    with viewing_as(SYSTEM, actor_id=actor.pk):
        concern, ticket = locked_concern(objection.concern)
        done = record_review(
            objection,
            ticket=ticket,
            concern=concern,
            result=result,
            text=text,
            in_favour=in_favour,
            actor=actor,
            now=now,
        )
        progress.settle(ticket, actor=actor, now=now)
    return done


def test_an_objection_brings_the_ticket_back_to_us_with_a_deadline(make_ticket, cast, system):
    ticket = offered(cast, make_ticket())
    assessment = concern_of(ticket).current_assessment
    objection = disagree(cast, assessment)
    ticket = fresh(ticket)
    assert (ticket.status, concern_of(ticket).status) == ("in_review", "offered")
    assert ticket.due_at is not None
    assert (objection.contact, objection.opened_fact, objection.is_open) == (cast.bernd, 2, True)
    event = ticket.events.get(kind="objection.opened")
    assert event.sealed.text == "Das ist doch Teil des Vertrags."
    assert event.data == {
        "objection": objection.pk,
        "concern": concern_of(ticket).pk,
        "assessment": assessment.pk,
        "seal": event.sealed.commitment,
    }


def test_there_is_one_at_a_time(make_ticket, cast, system):
    assessment = publish(cast, make_ticket(), "CHG-CONF")
    objection = disagree(cast, assessment)
    with pytest.raises(NotObjectable):
        disagree(cast, assessment, actor=seeing(cast.astrid))
    withdraw_objection(objection, actor=cast.bernd.user, now=LATER)
    disagree(cast, assessment, actor=seeing(cast.astrid))
    assert Objection.objects.count() == 2


def test_the_database_holds_one_open_objection_per_concern_too(make_ticket, cast, system):
    row = disagree(cast, publish(cast, make_ticket(), "CHG-CONF"))
    row.pk = None
    with pytest.raises(IntegrityError, match="one_open_objection"), transaction.atomic():
        row.save(force_insert=True)


def test_only_the_current_assessment_is_objected_to(make_ticket, cast):
    ticket = make_ticket()
    old = publish(cast, ticket, "CHG-CONF")
    publish(cast, ticket, "CHG-TRAIN-BASIC", trigger="midway")
    with pytest.raises(NotObjectable):
        disagree(cast, old)


@pytest.mark.parametrize("words", ["", " ", "\x00", "x" * 4_001])
def test_it_says_what_is_seen_differently(make_ticket, cast, words):
    with pytest.raises(UnusableText) as refused:
        disagree(cast, publish(cast, make_ticket(), "CHG-CONF"), text=words)
    assert refused.value.field == "text"


def test_staff_and_strangers_do_not_object(make_ticket, cast):
    assessment = publish(cast, make_ticket(), "CHG-CONF")
    for actor in (cast.anna, cast.clara.user):
        with pytest.raises(NotAllowed):
            disagree(cast, assessment, actor=actor)


def test_a_solved_request_is_reopened_by_it_and_a_closed_one_is_not(make_ticket, cast, system):
    ticket = move(offered(cast, make_ticket()), "decline_offer", actor=cast.bernd.user)
    assert ticket.status == "resolved"
    objection = disagree(cast, concern_of(ticket).current_assessment)
    assert fresh(ticket).status == "in_review"
    withdraw_objection(objection, actor=cast.bernd.user, now=LATER)
    assert fresh(ticket).status == "resolved"  # nothing is left to do

    at = NOW + timedelta(days=15)
    closed = close(resolved(cast, make_ticket(title="Alt")), actor=type(cast.anna).objects.system(), now=at)
    with pytest.raises(NotObjectable):
        disagree(cast, concern_of(closed).current_assessment, now=at)


class TestReview:
    def test_somebody_else_confirms_and_the_waiting_goes_on(self, make_ticket, cast, system):
        ticket = offered(cast, make_ticket())
        objection = disagree(cast, concern_of(ticket).current_assessment)
        done = review(objection, actor=cast.dora)
        assert (done.result, done.reviewer, done.reviewed_at, done.reviewed_fact) == ("confirmed", cast.dora, LATER, 3)
        assert fresh(ticket).status == "waiting_for_decision"
        assert fresh(ticket).due_at is None
        event = ticket.events.get(kind="objection.reviewed")
        assert (event.data["result"], event.sealed.text) == ("confirmed", "Geprüft und besprochen.")

    def test_the_assessor_decides_in_the_customers_favour_only(self, make_ticket, cast, system):
        objection = disagree(cast, publish(cast, make_ticket(), "CHG-CONF"))
        for result in ("confirmed", "partly", "changed"):
            with pytest.raises(NotObjectable):
                review(objection, actor=cast.anna, result=result)

    def test_the_database_wants_the_better_assessment_from_the_assessor(self, make_ticket, cast, system):
        """Whatever the step before was told: confirmed, changed into nothing and changed for the worse are refused."""
        ticket = make_ticket()
        objection = disagree(cast, publish(cast, ticket, "CHG-CONF"))

        @action
        def decide(result, code, *, actor):
            review(objection, actor=actor, result=result, in_favour=True)
            if code:
                publish(cast, ticket, code, actor=actor, now=LATER, trigger="objection")

        for result, code in (("confirmed", ""), ("partly", "COV-USE"), ("changed", ""), ("changed", "CHG-OTHER")):
            with pytest.raises(IntegrityError, match="only in favour of the customer"), transaction.atomic():
                decide(result, code, actor=cast.anna)
        decide("changed", "COV-USE", actor=cast.anna)
        assert fresh(objection).result == "changed"

    def test_it_is_decided_once(self, make_ticket, cast, system):
        objection = disagree(cast, publish(cast, make_ticket(), "CHG-CONF"))
        review(objection, actor=cast.dora)
        with pytest.raises(NotObjectable):
            review(objection, actor=make_staff("Emil"))
        with pytest.raises(NotObjectable):
            withdraw_objection(objection, actor=cast.bernd.user, now=LATER)
        assert kinds(objection.ticket).count("objection.reviewed") == 1

    @pytest.mark.parametrize(("result", "text"), [("withdrawn", "x"), ("", "x"), ("maybe", "x"), ("confirmed", " ")])
    def test_it_has_a_result_and_a_reason(self, make_ticket, cast, system, result, text):
        objection = disagree(cast, publish(cast, make_ticket(), "CHG-CONF"))
        with pytest.raises((NotObjectable, UnusableText)):
            review(objection, actor=cast.dora, result=result, text=text)
        assert fresh(objection).is_open

    def test_the_customer_does_not_review(self, make_ticket, cast):
        objection = disagree(cast, publish(cast, make_ticket(), "CHG-CONF"))
        with pytest.raises(NotAllowed):
            review(objection, actor=cast.bernd.user, in_favour=True)

    def test_a_reviewed_objection_stays_as_it_is(self, make_ticket, cast, system):
        objection = review(disagree(cast, publish(cast, make_ticket(), "CHG-CONF")), actor=cast.dora)
        for change in (
            lambda: Objection.objects.filter(pk=objection.pk).update(result="changed"),
            lambda: Objection.objects.filter(pk=objection.pk).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


def test_withdrawing_the_request_ends_its_open_objection(make_ticket, cast, system):
    ticket = make_ticket()
    objection = disagree(cast, publish(cast, ticket, "COV-USE"))
    cancel(fresh(ticket), actor=cast.bernd.user, now=LATER)
    ended = fresh(objection)
    assert (fresh(ticket).status, ended.result, ended.reviewed_at) == ("cancelled", "withdrawn", LATER)
    assert kinds(ticket).count("objection.withdrawn") == 1
