"""Runs the jobs that wait in the queue inside the transaction of a test: no worker could see them there."""

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.jobs import Unfinished


def waiting_jobs() -> list[tuple[int, str, dict]]:
    """Id, name and arguments of what waits, oldest first."""
    with viewing_as(SYSTEM):
        rows = ProcrastinateJob.objects.filter(status="todo").order_by("id")
        return list(rows.values_list("id", "task_name", "args"))


def run_jobs(*names: str, rounds: int = 10) -> list[str]:
    """Run what waits (only jobs of these names, if any) and what that brings about; returns the names.

    A job that asks for another attempt is taken out of the queue as well: call `again` for the next one.
    """
    done: list[str] = []
    for _round in range(rounds):
        batch = [job for job in waiting_jobs() if not names or job[1] in names]
        if not batch:
            break
        for job_id, name, arguments in batch:
            _remove(job_id)
            again(name, **arguments)
            done.append(name)
    return done


def again(name: str, **arguments: object) -> bool:
    """Run one job now; answers whether it is done or wants another attempt."""
    try:
        app.tasks[name].func(**arguments)
    except Unfinished:
        return False
    return True


def _remove(job_id: int) -> None:
    with viewing_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job_id])
