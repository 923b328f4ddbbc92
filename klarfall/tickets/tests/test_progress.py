"""The state of a ticket follows from its concerns: every row of the rule, then through the database."""

from itertools import product

import pytest

from klarfall.tickets.actions.reply import reply
from klarfall.tickets.progress import Stand, derive, stand_of
from klarfall.tickets.status import FINISHED, ConcernStatus, TicketStatus
from klarfall.tickets.tests.steps import kinds, move, offered, publish
from tests.cast import NOW, concern_of, fresh

S, T = Stand, TicketStatus


@pytest.mark.parametrize(
    ("stands", "question", "expected"),
    [
        ([S.REVIEW], False, T.IN_REVIEW),
        ([S.REVIEW, S.REVIEW], False, T.IN_REVIEW),
        ([S.REVIEW, S.WORK], False, T.IN_PROGRESS),
        ([S.REVIEW, S.DECISION], False, T.IN_REVIEW),
        ([S.REVIEW, S.FREE], False, T.IN_REVIEW),
        ([S.REVIEW, S.OFFER_DUE], False, T.IN_REVIEW),
        ([S.WORK], False, T.IN_PROGRESS),
        ([S.WORK, S.DECISION], False, T.IN_PROGRESS),
        ([S.OFFER_DUE], False, T.IN_PROGRESS),
        ([S.OFFER_DUE, S.DECISION], False, T.IN_PROGRESS),
        ([S.DECISION], False, T.WAITING_FOR_DECISION),
        ([S.DECISION, S.DECISION], False, T.WAITING_FOR_DECISION),
        ([S.DECISION, S.FREE, S.WORKED], False, T.WAITING_FOR_DECISION),
        ([S.DECISION], True, T.WAITING_FOR_DECISION),
        ([S.WORK], True, T.WAITING_FOR_CUSTOMER),
        ([S.REVIEW], True, T.WAITING_FOR_CUSTOMER),
        ([S.WORK, S.DECISION], True, T.WAITING_FOR_CUSTOMER),
        ([S.FREE], False, T.RESOLVED),
        ([S.FREE, S.FREE], True, T.RESOLVED),
        ([S.WORKED], False, T.IN_PROGRESS),
        ([S.WORKED, S.FREE], False, T.IN_PROGRESS),
        ([S.WORKED], True, T.WAITING_FOR_CUSTOMER),
        ([S.OFFER_DUE, S.FREE], False, T.IN_PROGRESS),
    ],
)
def test_the_state_follows_from_where_the_concerns_stand(stands, question, expected):
    assert derive(stands, question_open=question) == expected
    assert derive(stands[::-1], question_open=question) == expected


def test_only_work_that_nobody_did_finishes_a_ticket_by_itself():
    for stands in product(Stand, repeat=3):
        by_itself = derive(stands, question_open=False) == T.RESOLVED
        assert by_itself == (set(stands) == {S.FREE})


@pytest.mark.parametrize("status", list(ConcernStatus))
def test_every_status_of_a_concern_stands_somewhere(status):
    finished = stand_of(status) in (S.FREE, S.WORKED)
    assert finished == (status in FINISHED)
    assert stand_of(status, objection_open=True) == S.REVIEW


@pytest.mark.parametrize("status", sorted(FINISHED))
def test_a_wish_keeps_a_finished_concern_alive(status):
    assert stand_of(status, wish_open=True) == S.OFFER_DUE


def test_an_answer_that_was_not_offered_counts_as_no_work():
    assert stand_of("done", outcome="not_offered") == S.FREE
    assert stand_of("done", outcome="covered") == S.WORKED


def test_a_reached_cap_waits_for_the_customer_only_with_an_extension():
    assert stand_of("cap_reached") == S.WORK
    assert stand_of("cap_reached", extension_open=True) == S.DECISION
    assert stand_of("accepted", extension_open=True) == S.WORK


def test_a_declined_offer_finishes_the_ticket_with_the_fixed_text(make_ticket, cast):
    ticket = offered(cast, make_ticket())
    assert ticket.status == T.WAITING_FOR_DECISION
    ticket = move(ticket, "decline_offer", actor=cast.bernd.user)
    assert (ticket.status, ticket.resolution_kind, ticket.resolved_at) == (T.RESOLVED, "no_work", NOW)
    assert "nothing is charged" in ticket.solution or "nichts" in ticket.solution
    assert kinds(ticket)[-1] == "ticket.resolve_by_itself"


def test_a_counter_proposal_keeps_the_ticket_for_us(make_ticket, cast):
    ticket = move(offered(cast, make_ticket()), "decline_offer", actor=cast.bernd.user, wish_open=True)
    assert ticket.status == T.IN_PROGRESS


def test_a_mixed_ticket_waits_only_when_everything_waits(make_ticket, cast):
    from klarfall.tickets.actions.review import split

    ticket = make_ticket()
    split(ticket, titles=["Doppelbuchungen bereinigen"], actor=cast.anna, now=NOW)
    publish(cast, ticket, "COV-INVESTIGATE")
    ticket = offered(cast, ticket, position=2)
    assert ticket.status == T.IN_PROGRESS
    ticket = move(ticket, "finish", actor=cast.anna)
    assert ticket.status == T.WAITING_FOR_DECISION
    ticket = move(ticket, "decline_offer", actor=cast.bernd.user, position=2)
    assert ticket.status == T.IN_PROGRESS  # what was covered is delivered by a person, with a solution


def test_a_legal_question_is_done_by_its_text(make_ticket, cast):
    ticket = make_ticket()
    publish(cast, ticket, "NOT-LEGAL")
    assert concern_of(ticket).status == "done"
    assert fresh(ticket).status == T.RESOLVED


def test_a_question_to_the_customer_rests_the_clock_until_the_answer(make_ticket, cast):
    ticket = make_ticket()
    reply(ticket, text="Welche Liegenschaft?", waits_for_customer=True, actor=cast.anna, now=NOW)
    assert (fresh(ticket).status, fresh(ticket).due_at) == (T.WAITING_FOR_CUSTOMER, None)
    reply(ticket, text="Die 12.", actor=cast.bernd.user, now=NOW)
    assert fresh(ticket).status == T.IN_REVIEW
    assert fresh(ticket).due_at is not None
