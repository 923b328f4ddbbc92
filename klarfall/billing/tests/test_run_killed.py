"""Workers killed with SIGKILL while they compute and freeze: nothing or the whole run, the same lines in the end."""

import os
import signal
import time

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Max
from procrastinate.contrib.django import app

from bench import base, run_corpus
from bench.runs import ENDS, NOW, STARTS
from klarfall.accounts.models import User
from klarfall.billing.actions import batches
from klarfall.billing.models import BatchConcern, BillingBatch, BillingLine, TimeEntry, TimeLock, Unbilled
from klarfall.billing.runs.freezing import freeze
from klarfall.billing.runs.preview import CHUNK, compute_preview, progress_key
from klarfall.billing.runs.sealing import content_hash
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.progress import progress
from klarfall.core.tests.test_jobs import worker_process

SIZE = 1_300


@pytest.fixture
def biller(database_server, committed_db):
    """The one who bills, beside a corpus of accepted work in a database that really commits."""
    if database_server.cluster is None:
        pytest.skip("Filling needs the superuser of the embedded PostgreSQL")
    cache.clear()
    with database_server.cluster.connect("superuser", settings.DATABASE["NAME"]) as superuser:
        run_corpus.fill(superuser, SIZE, base.seed(), lambda _step: None)
    return User.objects.get(pk=run_corpus.AGENT)


class _TakeBack(Exception):
    """Rolls the undisturbed run back."""


def undisturbed(biller):
    """What a run gives that nobody disturbs; leaves nothing."""
    found = {}
    try:
        with viewing_as(SYSTEM):
            batch = batches.open_batch(starts_on=STARTS, ends_on=ENDS, actor=biller, now=NOW)
            compute_preview(batch.pk)
            freeze(batches.freeze_batch(batch, actor=biller, now=NOW).pk, now=NOW)
            found = content(batch)
            raise _TakeBack
    except _TakeBack:
        return found


def content(batch):
    """Lines and locks without their numbers, and the totals."""
    with viewing_as(SYSTEM):
        names = ("concern", "offer", "kind", "counts_for", "percent", "minutes", "net", "begins", "ends", "reason")
        lines = list(BillingLine.objects.filter(batch=batch).order_by("id").values_list(*names))
        locks = set(TimeLock.objects.filter(batch=batch).values_list("entry", "offer", "start", "end"))
        row = BillingBatch.objects.get(pk=batch.pk)
        return {"lines": lines, "locks": locks, "totals": (row.concerns, row.lines, row.minutes, row.net)}


def work_until(condition, *, kill):
    """Let a worker work until the condition holds, then end it: at once, or in order."""
    with worker_process() as worker:
        deadline = time.monotonic() + 180
        while not condition():
            assert worker.poll() is None, "the worker ended by itself"
            assert time.monotonic() < deadline, "nothing happened for 3 minutes"
            time.sleep(0.01)
        if kill:
            os.killpg(worker.pid, signal.SIGKILL)
        else:
            worker.terminate()
        worker.wait(30)
    _wait_for_its_sessions()


def _wait_for_its_sessions():
    """PostgreSQL notices only at the end of a statement that nobody listens any more."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND usename = current_user"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("a session of the dead worker is still there")


def rescue(owner_connection):
    """As the worker does every minute, without waiting for it."""
    owner_connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    app.configure_task("core.rescue").defer(timestamp=0)


def done(batch, since):
    """Concerns that were reported after an instant; -1 before anything was."""
    with viewing_as(SYSTEM):
        told = progress(progress_key(batch))
    return told.done if told and told.updated_at > since else -1


def now_of_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def row_of(batch):
    with viewing_as(SYSTEM):
        return BillingBatch.objects.get(pk=batch.pk)


def assert_whole_chunks(batch):
    """What is stored ends at the cursor and is what the run counts."""
    with viewing_as(SYSTEM):
        items, row = BatchConcern.objects.filter(batch=batch), row_of(batch)
        assert items.count() % CHUNK == 0 or items.count() == SIZE
        assert (items.aggregate(last=Max("concern"))["last"] or 0) == row.cursor
        assert items.exclude(lines=[]).count() == row.concerns


def assert_nothing_or_all(batch, expected):
    """Returns whether it is all."""
    row = row_of(batch)
    with viewing_as(SYSTEM):
        statuses = set(TimeEntry.objects.values_list("status", flat=True))
        if row.status == "frozen":
            assert content(batch) == expected
            return True
        assert (BillingLine.objects.count(), TimeLock.objects.count(), statuses) == (0, 0, {"recorded"})
        assert (row.stage, row.content_hash, Unbilled.objects.count()) == ("freezing", "", SIZE)
        return False


def test_a_run_survives_kill_9_at_any_point(biller, owner_connection):
    expected = undisturbed(biller)
    assert len(expected["lines"]) > SIZE
    batch = batches.open_batch(starts_on=STARTS, ends_on=ENDS, actor=biller, now=NOW)
    begun = now_of_database()
    for least in (SIZE // 4, SIZE // 2):
        work_until(lambda least=least: done(batch, begun) >= least, kill=True)
        assert_whole_chunks(batch)
        rescue(owner_connection)
    work_until(lambda: row_of(batch).stage == "", kill=False)
    assert_whole_chunks(batch)
    batches.freeze_batch(batch, actor=biller, now=NOW)
    for least in (1, SIZE):
        begun = now_of_database()
        work_until(lambda least=least, begun=begun: done(batch, begun) >= least, kill=True)
        if assert_nothing_or_all(batch, expected):
            break
        rescue(owner_connection)
    work_until(lambda: row_of(batch).status == "frozen", kill=False)
    assert assert_nothing_or_all(batch, expected)
    with viewing_as(SYSTEM):
        row = row_of(batch)
        assert row.content_hash == content_hash(row)
        assert (BatchConcern.objects.count(), Unbilled.objects.count()) == (0, 0)
        freeze(batch.pk, now=NOW)
    assert content(batch) == expected
