"""Jobs that only the tests know; a worker started by a test imports them as well."""

import time
from pathlib import Path
from typing import Any

from django.db import connection

from klarfall.core.isolation import SYSTEM, current_viewer, viewing_as
from klarfall.core.jobs import Again, enqueue, job
from klarfall.core.models import VendorProfile


def note(path: str, word: str) -> int:
    """Append a line to a file, outside of any transaction; returns how many lines there are."""
    with Path(path).open("a") as file:
        file.write(f"{word}\n")
    return len(Path(path).read_text().splitlines())


@job("tests.note")
def write(*, path: str, word: str) -> None:
    """Leave a trace."""
    note(path, word)


@job("tests.sight")
def sight(*, path: str) -> None:
    """Leave a trace of as whom a job runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        row: Any = cursor.fetchone()
    viewer = current_viewer()
    note(path, f"{viewer and viewer.kind.name} {row[0].endswith('_system')} {row[0] != row[1]}")


@job("tests.slow")
def slow(*, path: str) -> None:
    """Hang on the first run, finish on the second."""
    if note(path, "started") == 1:
        time.sleep(60)
    note(path, "finished")


@job("tests.broken", retries=0)
def broken(*, path: str) -> None:
    """Write a row, then fail: the row must be rolled back."""
    VendorProfile.objects.create(pk=1, name="never seen")
    note(path, "tried")
    raise RuntimeError("broken")


@job("tests.refused", retries=0)
def refused(*, path: str) -> None:
    """Enqueue another job, then fail: that one must be rolled back."""
    enqueue("tests.note", key="refused", path=path, word="never seen")
    note(path, "tried")
    raise RuntimeError("refused")


@job("tests.again", retries=3)
def again(*, path: str) -> Again | None:
    """Write a row and ask for another attempt: the row stays."""
    if note(path, "tried") == 1:
        VendorProfile.objects.create(pk=1, name="kept")
        return Again("not yet")
    return None


@job("tests.parts", retries=0, own_transactions=True)
def parts(*, path: str) -> None:
    """Write a row in a part of its own, then fail in the next: the row stays."""
    note(path, str(current_viewer()))
    with viewing_as(SYSTEM):
        VendorProfile.objects.create(pk=1, name="kept")
    with viewing_as(SYSTEM):
        VendorProfile.objects.update(name="never seen")
        raise RuntimeError("broken")
