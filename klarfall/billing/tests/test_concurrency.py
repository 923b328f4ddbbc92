"""Two people at once, with two real connections: one decision, one timer, and a clear word for the second."""

import threading

import pytest
from django.db import connections

from klarfall.billing.actions import decisions
from klarfall.billing.actions.decisions import DecisionRefused
from klarfall.billing.models import CustomerDecision, DecisionAttempt, TimeEntry
from klarfall.billing.tests.steps import accept, clock, decline, refresh, send, timer
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.events import broken_events
from klarfall.tickets.models import Ticket
from tests.cast import concern_of


def at_once(*steps):
    """Run the steps on a thread and connection each, started together; returns what they gave or raised."""
    results, gate = [None] * len(steps), threading.Barrier(len(steps))

    def run(place, step):
        gate.wait()
        try:
            results[place] = step()
        except Exception as problem:
            results[place] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.fixture
def offer(committed_db, cast, make_ticket):
    return send(cast, concern_of(make_ticket()))


def unbroken(offer):
    with viewing_as(SYSTEM):
        return broken_events(Ticket.objects.get(pk=offer.ticket_id)) == []


def test_two_people_decide_at_once(committed_db, cast, offer):
    results = at_once(
        lambda: accept(offer, cast.bernd, at=clock("09:30")),
        lambda: decline(offer, cast.astrid, at=clock("09:30")),
        lambda: accept(offer, cast.astrid, at=clock("09:30")),
    )
    refusals = [one for one in results if isinstance(one, DecisionRefused)]
    assert len([one for one in results if isinstance(one, CustomerDecision)]) == 1, results
    assert [one.code for one in refusals] == ["decided", "decided"], results
    assert all("schon entschieden" in str(one.message) for one in refusals)
    with viewing_as(SYSTEM):
        assert CustomerDecision.objects.count() == 1
        assert DecisionAttempt.objects.count() == 2
    assert unbroken(offer)


def test_a_double_click_decides_once(committed_db, cast, offer):
    results = at_once(*[lambda: accept(offer, cast.bernd, at=clock("09:30"))] * 4)
    assert sorted(type(one).__name__ for one in results) == ["CustomerDecision"] + ["DecisionRefused"] * 3
    assert refresh(offer).status == "accepted"
    assert unbroken(offer)


def test_a_stop_and_a_timer_wait_for_each_other(committed_db, cast, offer):
    accept(offer, cast.bernd, at=clock("09:10"))
    concern = concern_of(Ticket(pk=offer.ticket_id))
    results = at_once(
        lambda: decisions.stop(concern, actor=cast.bernd.user, now=clock("09:30")),
        lambda: timer(cast, concern, clock("09:30")),
    )
    assert not [one for one in results if isinstance(one, Exception)], results
    assert (refresh(offer).status, refresh(concern).status) == ("stopped", "stopped")
    assert unbroken(offer)


def test_two_timers_started_at_once_leave_one(committed_db, cast, offer, make_ticket):
    first = concern_of(Ticket(pk=offer.ticket_id))
    second = concern_of(make_ticket(title="Anderes", description="Anderes."))
    results = at_once(lambda: timer(cast, first, clock("09:30")), lambda: timer(cast, second, clock("09:30:20")))
    with viewing_as(SYSTEM):
        assert TimeEntry.objects.filter(status="running").count() == 1
    for problem in (one for one in results if isinstance(one, Exception)):
        assert isinstance(problem, Refused), problem


def test_the_attempt_stays_when_the_request_goes_on(committed_db, cast, offer):
    """As in a page: the refusal is caught inside the request's transaction, which then commits."""
    with viewing_as(SYSTEM), pytest.raises(DecisionRefused):
        accept(offer, cast.clara, at=clock("09:30"))
    connections.close_all()
    with viewing_as(SYSTEM):
        assert DecisionAttempt.objects.get().reason == "foreign"
