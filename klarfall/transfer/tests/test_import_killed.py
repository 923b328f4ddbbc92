"""A worker killed with SIGKILL amid an import: whole chunks stay, the next worker goes on behind them."""

import os
import signal
import time

import pytest

from klarfall.billing.tests.test_run_killed import rescue
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.tests.test_jobs import worker_process
from klarfall.customers.models import Contact, Customer
from klarfall.transfer.actions import imports
from klarfall.transfer.imports.running import CHUNK
from klarfall.transfer.models import ImportedContact
from klarfall.transfer.tests.tables import NOW, as_csv, counts, fresh
from tests.cast import make_staff

SIZE = 6 * CHUNK + 7


def work_until(condition, *, kill=False):
    with worker_process() as worker:
        deadline = time.monotonic() + 40
        while not condition():
            assert worker.poll() is None, "the worker ended by itself"
            assert time.monotonic() < deadline, "nothing happened for 40 seconds"
            time.sleep(0.005)
        if kill:
            os.killpg(worker.pid, signal.SIGKILL)
        else:
            worker.terminate()
        worker.wait(30)


@pytest.fixture
def files(settings, tmp_path, monkeypatch):
    """A folder of files that the worker has in common with the test."""
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


def test_whole_chunks_stay_and_the_import_goes_on_behind_them(committed_db, owner_connection, files):
    with viewing_as(SYSTEM):
        admin = make_staff("Ada", "administrator")
        Customer.objects.create(number="1", name="Eins")
    people = [["1", f"p{number}@eins.example", f"Person {number}"] for number in range(SIZE)]
    file = as_csv(["Kundennummer", "E-Mail", "Name"], *people)
    size = len(file.getvalue())
    run = imports.take_in(kind="contacts", file=file, name="p.csv", size=size, actor=admin, now=NOW)
    work_until(lambda: fresh(run).stage == "checked")
    imports.confirm(run, actor=admin, now=NOW)
    work_until(lambda: fresh(run).cursor, kill=True)
    time.sleep(1)  # until the server has noticed that nobody listens
    half = fresh(run)
    assert 0 < half.cursor < SIZE
    assert half.cursor % CHUNK == 0
    with viewing_as(SYSTEM):
        assert Contact.objects.count() == half.added == half.cursor == ImportedContact.objects.count()
    rescue(owner_connection)
    work_until(lambda: fresh(run).stage == "done")
    assert counts(fresh(run)) == {"added": SIZE, "changed": 0, "unchanged": 0, "skipped": 0}
    with viewing_as(SYSTEM):
        assert Contact.objects.count() == SIZE
