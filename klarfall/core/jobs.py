"""Work that happens later: the only module that knows procrastinate.

A job is enqueued in the transaction that causes it, so what is rolled back is never done and what
is committed is never forgotten. The worker runs every job *at least once*: a job takes ids, reads
everything anew and must not harm when it runs twice (unique keys, states).

Jobs stand in the `jobs.py` of their app, which the worker and the web process both import.
"""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.db import transaction
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy, exceptions
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from klarfall.core.isolation import SYSTEM, ViewerKind, current_viewer, viewing_as

#: Writes through the connection of the caller. In a worker `app` has one of its own: a job it wrote for a job would be
#: taken before what it is about is committed, find nothing, and be forgotten.
_QUEUE = JobManager(DjangoConnector())
#: Pauses between two attempts grow by this factor: 4 s, 16 s, 1 min, 4 min, 17 min, 68 min, 4.5 h …
_BACK_OFF = 4
#: A worker without a sign of life for so long (seconds) is dead and what it did is done anew.
_DEAD_AFTER = 60
#: A job whose worker died so often probably kills it: it is left to a person.
_MOST_RESCUES = 12
_FAILED_KEPT = 90 * 24  # hours
_DONE_KEPT = 24  # hours; the worker deletes most of them at once (settings.PROCRASTINATE_WORKER_DEFAULTS)


@dataclass(frozen=True)
class Again:
    """What a job returns when it has to be tried again although what it wrote stays.

    An exception also leads to another attempt, but rolls back.
    """

    reason: str


class UnknownJob(Exception):
    """No `jobs.py` registers a job of this name: a programming error."""


class Unfinished(Exception):
    """A job asked to be tried again; it shows up as the reason in the log."""


@dataclass(frozen=True)
class FailedJob:
    """A job whose attempts are used up; `at` is its last end (UTC)."""

    id: int
    name: str
    ids: dict[str, Any]
    attempts: int
    at: datetime | None


def job(
    name: str, *, queue: str = "default", retries: int = 5, own_transactions: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Register a function as the job `name` ("app.verb"); it takes ids by keyword only.

    It runs in a scope and transaction of its own as SYSTEM. After an exception or `Again` it is
    tried again up to `retries` times, with growing pauses; then it stands among `failed_jobs`.

    With `own_transactions` there is no such scope: long work opens one for each of its parts (`viewing_as(SYSTEM)`)
    and remembers in each how far it is, so that a worker that dies loses one part at most.
    """

    def register(function: Callable[..., Any]) -> Callable[..., None]:
        @wraps(function)
        def run(**ids: Any) -> None:
            ids.pop("timestamp", None)  # given to periodic jobs: the minute for which they run
            with nullcontext() if own_transactions else viewing_as(SYSTEM, fresh=True):
                outcome = function(**ids)
            if isinstance(outcome, Again):
                raise Unfinished(outcome.reason)

        strategy = RetryStrategy(max_attempts=retries, exponential_wait=_BACK_OFF) if retries else False
        run.task = app.task(name=name, queue=queue, retry=strategy)(run)  # type: ignore[attr-defined]
        return run

    return register


def every(cron: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a job by the clock, stacked above `@job`: minute, hour, day, month, weekday in UTC.

    However many workers there are it runs once for each time, and never piles up.
    """

    def schedule(run: Callable[..., None]) -> Callable[..., None]:
        task = run.task  # type: ignore[attr-defined]
        app.periodic(cron=cron, queueing_lock=task.name)(task)
        return run

    return schedule


def enqueue(
    name: str, *, at: datetime | None = None, lock: str | None = None, key: str | None = None, **ids: Any
) -> bool:
    """Have the job `name` done after the surrounding transaction, not before the instant `at`.

    Jobs with the same `lock` run one after the other. With a `key` nothing is added while a job of
    that key waits already; then the answer is False. Works on behalf of every viewer.
    """
    viewer = current_viewer()
    if viewer is not None and viewer.kind in (ViewerKind.CONTACT, ViewerKind.STAFF):
        with viewing_as(SYSTEM):
            return _defer(name, at, lock, key, ids)
    return _defer(name, at, lock, key, ids)


def _defer(name: str, at: datetime | None, lock: str | None, key: str | None, ids: dict[str, Any]) -> bool:
    if name not in app.tasks:
        raise UnknownJob(name)
    task = app.configure_task(name, allow_unknown=False, schedule_at=at, lock=lock, queueing_lock=key)
    # As `task.defer` does, which also describes each job twice for a log that nobody keeps.
    new = task.make_new_job(**ids)
    if key is None:
        _QUEUE.defer_job(new)
        return True
    try:
        with transaction.atomic():  # a savepoint: the refusal must not spoil the caller's transaction
            _QUEUE.defer_job(new)
    except exceptions.AlreadyEnqueued:
        return False
    return True


def take_back(name: str, key: str, values: Iterable[Any]) -> int:
    """Delete waiting jobs `name` whose argument `key` is one of `values`; returns how many. Runs as SYSTEM."""
    waiting = ProcrastinateJob.objects.filter(task_name=name, status=Status.TODO.value)
    found = waiting.filter(**{f"args__{key}__in": list(values)}).values_list("pk", flat=True)
    return sum(_QUEUE.cancel_job_by_id(pk, delete_job=True) for pk in list(found))


def is_pending(*names: str, **ids: Any) -> bool:
    """Does a job of one of these names with these arguments wait or run? One whose worker died counts until rescued."""
    pending = (Status.TODO.value, Status.DOING.value)
    with viewing_as(SYSTEM):
        rows = ProcrastinateJob.objects.filter(task_name__in=names, status__in=pending)
        return rows.filter(**{f"args__{key}": value for key, value in ids.items()}).exists()


def failed_jobs(limit: int = 100) -> list[FailedJob]:
    """The newest jobs whose attempts are used up. For staff pages; opens its own scope."""
    with viewing_as(SYSTEM):
        rows = ProcrastinateJob.objects.filter(status=Status.FAILED.value).order_by("-id")[:limit]
        return [FailedJob(row.pk, row.task_name, row.args, row.attempts, _last_end(row)) for row in rows]


def _last_end(row: ProcrastinateJob) -> datetime | None:
    at: datetime | None = row.procrastinateevent_set.order_by("-at").values_list("at", flat=True).first()
    return at


def run_again(job_id: int) -> None:
    """Put a failed job back into the queue; a job that is not failed stays as it is."""
    with viewing_as(SYSTEM):
        if ProcrastinateJob.objects.filter(pk=job_id, status=Status.FAILED.value).exists():
            app.job_manager.retry_job_by_id(job_id, retry_at=timezone.now())


@app.periodic(cron="* * * * *", queueing_lock="core.rescue")
@app.task(name="core.rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Do anew what a dead worker left behind (kill -9, power cut)."""
    manager = context.app.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER):
        try:
            if stalled.attempts >= _MOST_RESCUES:
                await manager.finish_job(stalled, status=Status.FAILED, delete_job=False)
            else:
                await manager.retry_job(stalled)
        except exceptions.ConnectorException:
            continue  # another worker was faster, or the job has just ended


@app.periodic(cron="17 1 * * *", queueing_lock="core.sweep")
@app.task(name="core.sweep", pass_context=True)
async def sweep(context: JobContext, timestamp: int) -> None:
    """Delete finished jobs: done ones after a day, failed ones after 90 days."""
    manager = context.app.job_manager
    await manager.delete_old_jobs(nb_hours=_DONE_KEPT)
    await manager.delete_old_jobs(
        nb_hours=_FAILED_KEPT, include_failed=True, include_cancelled=True, include_aborted=True
    )
