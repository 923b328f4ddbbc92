"""The clock's part: jobs are planned at the predicted instants, run twice without harm, and expire what is late."""

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from klarfall.billing import jobs
from klarfall.billing.actions import offers, resolution
from klarfall.billing.tests.steps import accept, clock, refresh, send, timer
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import concern_of


def failing(real, bad):
    """A step that breaks its transaction at one ticket, as a row does that the database does not take."""

    def step(ticket, *args, **kwargs):
        if ticket.pk == bad.pk:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return real(ticket, *args, **kwargs)

    return step


@pytest.fixture
def at(monkeypatch):
    """Jobs read the real clock; here it says what the test says."""

    def run(job, moment, **ids):
        monkeypatch.setattr(jobs.timezone, "now", lambda: moment)
        job(**ids)

    return run


def planned():
    with viewing_as(SYSTEM):
        rows = ProcrastinateJob.objects.filter(task_name="billing.watch_cap", status="todo")
        return list(rows.order_by("scheduled_at").values_list("scheduled_at", flat=True))


@pytest.fixture
def accepted(cast, make_ticket):
    offer = send(cast, concern_of(make_ticket(now=clock("08:00"))), at=clock("08:10"), cap_minutes=60)
    accept(offer, cast.bernd, at=clock("08:30"))
    return offer


def test_caps_are_predicted_anew_at_every_start_and_stop(cast, accepted):
    concern = concern_of(accepted.ticket)
    assert planned() == []
    timer(cast, concern, clock("09:00"))
    assert planned() == [clock("09:48"), clock("10:00")]
    timer(cast, concern, clock("09:10"), actor=cast.dora)
    # From 09:10 on two people use it up: 10 + 2 × 19 = 48, 10 + 2 × 25 = 60.
    assert planned() == [clock("09:29"), clock("09:35"), clock("09:48"), clock("10:00")]
    timer(cast, concern, clock("09:10:30"), actor=cast.dora)
    assert planned()[:2] == [clock("09:29"), clock("09:30")]


def test_a_planned_job_warns_and_ends_the_offer(cast, accepted, at):
    concern = concern_of(accepted.ticket)
    timer(cast, concern, clock("09:00"))
    at(jobs.watch_cap, clock("09:47"), concern_id=concern.pk)
    assert refresh(accepted).warned_at_80 is None
    for _twice in range(2):
        at(jobs.watch_cap, clock("09:48"), concern_id=concern.pk)
        assert (refresh(accepted).warned_at_80, refresh(accepted).status) == (clock("09:48"), "accepted")
    for _twice in range(2):
        at(jobs.watch_cap, clock("10:03"), concern_id=concern.pk)
        assert (refresh(accepted).warned_at_100, refresh(concern).status) == (clock("10:00"), "cap_reached")
    at(jobs.watch_cap, clock("10:04"), concern_id=0)  # it is gone: nothing to do


def test_the_clock_expires_and_closes(cast, make_ticket, at):
    offer = send(cast, concern_of(make_ticket()))
    at(jobs.expire_offers, clock("00:05", "2026-12-09"))
    assert (refresh(offer).status, refresh(offer.ticket).status) == ("expired", "resolved")
    at(jobs.close_due, clock("02:35", "2026-12-24"))
    assert refresh(offer.ticket).status == "closed"


def test_one_bad_row_stops_no_other(cast, make_ticket, at, monkeypatch, caplog):
    bad, good = (send(cast, concern_of(make_ticket(title=title))) for title in ("Eins", "Zwei"))
    with monkeypatch.context() as patched:
        patched.setattr(offers, "settle", failing(offers.settle, bad.ticket))
        at(jobs.expire_offers, clock("00:05", "2026-12-09"))
    assert (refresh(bad).status, refresh(good).status) == ("sent", "expired")
    assert "division by zero" in caplog.text
    at(jobs.expire_offers, clock("00:20", "2026-12-09"))
    assert refresh(bad).status == "expired"
    with monkeypatch.context() as patched:
        patched.setattr(resolution, "close_ticket", failing(resolution.close_ticket, bad.ticket))
        at(jobs.close_due, clock("02:35", "2026-12-24"))
    assert (refresh(bad.ticket).status, refresh(good.ticket).status) == ("resolved", "closed")
    at(jobs.close_due, clock("02:35", "2026-12-25"))
    assert refresh(bad.ticket).status == "closed"
