"""Jobs: enqueued in the transaction, run in a scope of their own, never lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from klarfall.core import jobs
from klarfall.core.isolation import NOBODY, SYSTEM, Seat, Viewer, ViewerKind, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.core.tests import sample_jobs  # noqa: F401 - registers them

CONTACT = Viewer(ViewerKind.CONTACT, 1, (Seat(1, 1),))
STAFF = Viewer(ViewerKind.STAFF, 1)


def work() -> None:
    """Run everything that is due in a real worker inside this process, as the login role."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker_app:
        worker_app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND task_name LIKE 'tests.%%'")
        return cursor.fetchone()[0]


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def trace(tmp_path):
    return tmp_path / "trace"


def test_a_rolled_back_transaction_takes_its_jobs_along(db, trace):
    with transaction.atomic():
        jobs.enqueue("tests.note", path=str(trace), word="x")
        assert waiting() == 1
        transaction.set_rollback(True)
    assert waiting() == 0


@pytest.mark.parametrize("viewer", [CONTACT, STAFF, SYSTEM, NOBODY], ids=lambda v: v.kind.name)
def test_every_viewer_can_enqueue_and_keeps_its_role(db, trace, viewer):
    with viewing_as(viewer), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        before = cursor.fetchone()
        assert jobs.enqueue("tests.note", path=str(trace), word="x")
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == before
    assert waiting() == 1


def test_the_contacts_role_itself_may_not_touch_the_queue(db):
    with pytest.raises(Exception, match="permission denied"), viewing_as(CONTACT), connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def test_without_a_viewer_the_login_role_can_enqueue(db, trace):
    assert jobs.enqueue("tests.note", path=str(trace), word="x")
    assert waiting() == 1


def test_an_unknown_job_is_refused_at_once(db):
    with pytest.raises(jobs.UnknownJob, match=r"tests\.mistyped"):
        jobs.enqueue("tests.mistyped")


def test_a_key_waits_once_and_spoils_nothing(db, trace):
    with viewing_as(SYSTEM):
        assert jobs.enqueue("tests.note", key="one", path=str(trace), word="x")
        assert not jobs.enqueue("tests.note", key="one", path=str(trace), word="x")
        assert jobs.enqueue("tests.note", key="two", path=str(trace), word="x")
    assert waiting() == 2


def test_waiting_jobs_can_be_taken_back(db, trace):
    with viewing_as(SYSTEM):
        for word in ("one", "two", "three"):
            jobs.enqueue("tests.note", path=str(trace), word=word)
        assert jobs.take_back("tests.note", "word", ["one", "three", "four"]) == 2
        assert jobs.take_back("tests.sight", "word", ["two"]) == 0
    assert waiting() == 1


def test_the_worker_runs_a_job_as_system_under_its_group_role(committed_db, trace):
    jobs.enqueue("tests.sight", path=str(trace))
    work()
    assert lines(trace) == ["SYSTEM True True"]


def test_a_job_for_later_waits(committed_db, trace):
    jobs.enqueue("tests.note", at=timezone.now() + timedelta(hours=1), path=str(trace), word="x")
    work()
    assert lines(trace) == []
    assert waiting() == 1


def test_what_a_failing_job_wrote_is_gone_and_the_failure_is_visible_and_repeatable(committed_db, trace):
    jobs.enqueue("tests.broken", path=str(trace))
    work()
    assert lines(trace) == ["tried"]
    with viewing_as(SYSTEM):
        assert not VendorProfile.objects.exists()
    (failed,) = jobs.failed_jobs()
    assert (failed.name, failed.ids, failed.at is not None) == ("tests.broken", {"path": str(trace)}, True)
    jobs.run_again(failed.id)
    assert jobs.failed_jobs() == []
    work()
    assert lines(trace) == ["tried", "tried"]


def test_what_a_job_enqueues_waits_for_its_transaction(committed_db, trace):
    jobs.enqueue("tests.refused", path=str(trace))
    work()
    assert lines(trace) == ["tried"]
    assert waiting() == 0


def test_a_job_that_asks_for_another_attempt_keeps_what_it_wrote(committed_db, trace, owner_connection):
    jobs.enqueue("tests.again", path=str(trace))
    work()
    with viewing_as(SYSTEM):
        assert VendorProfile.objects.get().name == "kept"
    assert lines(trace) == ["tried"]
    with owner_connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE scheduled_at - now() < '1 min'")
        assert cursor.rowcount == 1
    work()
    assert lines(trace) == ["tried", "tried"]
    assert waiting() == 0


def test_a_job_with_own_transactions_keeps_its_finished_parts(committed_db, trace):
    jobs.enqueue("tests.parts", path=str(trace))
    work()
    assert lines(trace) == ["None"]
    with viewing_as(SYSTEM):
        assert VendorProfile.objects.get().name == "kept"
        assert [failed.name for failed in jobs.failed_jobs()] == ["tests.parts"]


def test_a_job_is_pending_until_it_is_done_with_just_these_arguments(db, trace):
    jobs.enqueue("tests.note", path=str(trace), word="x")
    assert jobs.is_pending("tests.sight", "tests.note", path=str(trace), word="x")
    assert not jobs.is_pending("tests.note", path=str(trace), word="y")
    assert not jobs.is_pending("tests.sight", path=str(trace))
    with viewing_as(SYSTEM):
        jobs.take_back("tests.note", "word", ["x"])
        assert not jobs.is_pending("tests.note", path=str(trace), word="x")


def test_a_job_killed_in_the_middle_is_rescued(committed_db, trace, owner_connection):
    jobs.enqueue("tests.slow", path=str(trace))
    with worker_process() as worker:
        wait_for(lambda: lines(trace) == ["started"], worker)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    with owner_connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE task_name = 'tests.slow'")
        assert cursor.fetchone() == ("doing",)
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    app.configure_task("core.rescue").defer(timestamp=0)
    with worker_process() as worker:
        wait_for(lambda: lines(trace) == ["started", "started", "finished"], worker)
        worker.terminate()
        assert worker.wait(15) == 0


def test_every_periodic_job_is_known_to_the_worker():
    names = {name for name, _id in app.periodic_registry.periodic_tasks}
    assert {"core.rescue", "core.sweep"} <= names
    assert all(task.croniter.get_next() for task in app.periodic_registry.periodic_tasks.values())


@contextmanager
def worker_process(**more: str) -> Iterator[subprocess.Popen]:
    """A worker as in production, in a process of its own and connected as the login role; `more` is environment."""
    login = connection.settings_dict
    user, password = quote(login["USER"]), quote(login["PASSWORD"])
    url = f"postgresql://{user}:{password}@/{login['NAME']}?host={quote(str(login['HOST']), safe='')}"
    if login["PORT"]:
        url = f"postgresql://{user}:{password}@{login['HOST']}:{login['PORT']}/{login['NAME']}"
    script = (
        "import django; django.setup(); import klarfall.core.tests.sample_jobs;"
        "from django.core.management import call_command; call_command('procrastinate', 'worker')"
    )
    extra = {"DATABASE_URL": url, "SECRET_KEY": "x" * 50, "EMAIL_URL": "smtp://localhost:1?tls=no"}
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env=os.environ | extra | {"DJANGO_SETTINGS_MODULE": "klarfall.config.settings"} | more,
        cwd=settings.BASE_DIR,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(condition, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert process.poll() is None, "the worker ended by itself"
        assert time.monotonic() < deadline, "nothing happened for 30 s"
        time.sleep(0.05)
