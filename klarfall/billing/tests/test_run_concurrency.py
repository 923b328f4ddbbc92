"""Recording while a run is being frozen, over two real connections: it waits, is never lost and never billed twice."""

import threading
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import connection, connections

from klarfall.billing import timing
from klarfall.billing.actions import batches, decisions
from klarfall.billing.actions.service_records import issue_record
from klarfall.billing.actions.time import TimeRefused, correct_entry, delete_entry
from klarfall.billing.models import BillingLine, TimeEntry, TimeLock
from klarfall.billing.runs import freezing
from klarfall.billing.tests.run_steps import biller, freeze, fresh, frozen, lines, opened
from klarfall.billing.tests.steps import accept, clock, refresh, send, send_more, work
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions import reply
from tests.cast import berlin, concern_of
from tests.queue import run_jobs

LATER = berlin("2026-12-03 09:00")


@pytest.fixture
def concern(committed_db, cast, make_ticket):
    found = concern_of(make_ticket(now=clock("07:50")))
    accept(send(cast, found, at=clock("08:40")), cast.astrid, at=clock("09:00"))
    return found


@contextmanager
def while_freezing(batch, monkeypatch):
    """Freeze in another thread; the block runs when its lock is held and nothing is written yet."""
    holding, go_on, write = threading.Event(), threading.Event(), freezing._write

    def paused(batch):
        holding.set()
        assert go_on.wait(30)
        yield from write(batch)

    monkeypatch.setattr(freezing, "_write", paused)
    batches.freeze_batch(batch, actor=biller(), now=LATER)
    thread = threading.Thread(target=_in_thread, args=(lambda: run_jobs(batches.FREEZE), []))
    thread.start()
    assert holding.wait(30)
    try:
        yield
    finally:
        go_on.set()
        thread.join(60)
        monkeypatch.undo()


def _in_thread(step, results):
    try:
        results.append(step())
    except Exception as problem:
        results.append(problem)
    finally:
        connections.close_all()


def _somebody_waits():
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE relation = 'billing_unbilled'::regclass AND NOT granted"
            )
            if cursor.fetchone()[0]:
                return True
        threading.Event().wait(0.05)
    return False


def in_turn(batch, monkeypatch, *steps):
    """Each step begins while the run is frozen; returns what they gave or raised."""
    results = [[] for _ in steps]
    threads = []
    with while_freezing(batch, monkeypatch):
        for step, result in zip(steps, results, strict=True):
            threads.append(threading.Thread(target=_in_thread, args=(step, result)))
            threads[-1].start()
            assert _somebody_waits(), result
            assert not result
    for thread in threads:
        thread.join(60)
    return [result[0] for result in results]


def test_what_is_recorded_meanwhile_is_in_the_next_run(cast, concern, monkeypatch):
    work(cast, concern, "09:10", "09:40")
    batch = opened(at="2026-12-01 09:00")
    (entry,) = in_turn(
        batch,
        monkeypatch,
        lambda: work(cast, concern, "10:00", "10:20", actor=cast.dora, now=LATER, late_reason="Vergessen"),
    )
    assert isinstance(entry, TimeEntry), entry
    assert lines(fresh(batch)) == [("work", 30, "66.00")]
    second = frozen(at="2027-01-05 10:00")
    assert lines(second) == [("work", 20, "44.00"), ("rounding", 10, "22.00")]
    with viewing_as(SYSTEM):
        assert sum(line.net for line in BillingLine.objects.all()) == Decimal("132.00")
        assert TimeLock.objects.count() == 2


def test_who_corrects_or_deletes_meanwhile_hears_that_it_is_billed(cast, concern, monkeypatch):
    """Neither waits for the other in a circle: the one who records holds nothing yet that freezing needs."""
    first, second = work(cast, concern, "09:10", "09:40"), work(cast, concern, "10:00", "10:30", actor=cast.dora)
    batch = opened(at="2026-12-01 09:00")
    results = in_turn(
        batch,
        monkeypatch,
        lambda: correct_entry(first, end=clock("09:20"), late_reason="Irrtum", actor=cast.anna, now=LATER),
        lambda: delete_entry(second, actor=cast.dora, now=LATER),
    )
    assert [type(result) for result in results] == [TimeRefused, TimeRefused], results
    assert lines(fresh(batch)) == [("work", 60, "132.00")]
    assert {refresh(one).status for one in (first, second)} == {"locked"}


def test_a_run_that_takes_long_keeps_nobody_waiting(cast, concern, monkeypatch):
    work(cast, concern, "09:10", "09:40")
    batch = opened(at="2026-12-01 09:00")
    monkeypatch.setattr(timing, "PATIENCE", "200ms")
    with while_freezing(batch, monkeypatch):
        with pytest.raises(timing.BooksBusy):
            work(cast, concern, "10:00", "10:20", actor=cast.dora, now=LATER, late_reason="Vergessen")
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",)
    work(cast, concern, "10:00", "10:20", actor=cast.dora, now=LATER, late_reason="Vergessen")
    assert lines(fresh(batch)) == [("work", 30, "66.00")]


def test_work_on_the_ticket_that_records_nothing_does_not_wait(cast, concern, monkeypatch):
    work(cast, concern, "09:10", "09:40")
    batch = opened(at="2026-12-01 09:00")
    with viewing_as(SYSTEM):
        ticket = concern.ticket
    with while_freezing(batch, monkeypatch):
        reply.reply(ticket, text="Wir sind dran.", actor=cast.anna, now=LATER)
    assert lines(fresh(batch)) == [("work", 30, "66.00")]


def test_who_holds_the_ticket_meanwhile_does_not_stop_the_run(cast, concern, monkeypatch):
    """The lines refer to the ticket: a lock that forbade it would let both wait for each other."""
    work(cast, concern, "09:10", "09:40")
    more = send_more(cast, concern, at=LATER, low=30, high=45, cap_minutes=60)
    batch = opened(at="2026-12-01 09:00")
    stop = {"actor": cast.bernd.user, "now": LATER}
    (stopped,) = in_turn(batch, monkeypatch, lambda: decisions.stop(concern, **stop))
    assert not isinstance(stopped, Exception), stopped
    assert lines(fresh(batch)) == [("work", 30, "66.00")]
    assert refresh(more).status == "withdrawn"


def test_a_record_issued_between_preview_and_freezing_changes_no_lock(cast, concern):
    """Its locks hold: the run bills those minutes and locks only what nobody has locked."""
    entry = work(cast, concern, "09:10", "09:40")
    batch = opened(at="2026-12-01 09:00")
    with viewing_as(SYSTEM):
        issue_record(entry.ticket, actor=biller(), now=LATER)
    batch = freeze(batch)
    assert lines(batch) == [("work", 30, "66.00")]
    with viewing_as(SYSTEM):
        assert [lock.batch_id for lock in TimeLock.objects.all()] == [None]
