"""The desk's page about operation: findings, failed jobs that run again, backups; for administrators only."""

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from klarfall.core import jobs
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.operations import failures
from klarfall.operations.actions import JobIsNotFailed, run_job_again
from klarfall.operations.models import Backup, JobFailure
from tests.cast import make_staff

PAGE = "/desk/settings/operation/"


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def failed(cast):
    """A job whose attempts are used up, and why."""
    jobs.enqueue("channels.deliver", notice_id=4711)
    with viewing_as(SYSTEM), connection.cursor() as cursor:
        row = ProcrastinateJob.objects.filter(task_name="channels.deliver").latest("pk")
        for status in ("doing", "failed"):
            cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, row.pk])
    try:
        raise ConnectionRefusedError("bernd@acme.example was refused")
    except ConnectionRefusedError as problem:
        failures.keep(row.pk, problem)
    return row


@pytest.fixture
def administrator(cast):
    return make_staff("Ada", "administrator")


def test_the_page_shows_findings_failures_and_backups(failed, administrator):
    now = timezone.now()
    with viewing_as(SYSTEM):
        Backup.objects.create(
            started_at=now, finished_at=now, name="klarfall-x.tar", size=2_500_000, files=3, version="1"
        )
    text = client_of(administrator).get(PAGE).content.decode()
    assert "Rollen, Rechte, Zugriffsregeln und Wächter sind, wie sie sein sollen." in text
    assert "Alle Migrationen sind angewendet." in text
    assert "antwortet nicht wie erwartet" not in text
    assert "channels.deliver" in text
    assert "ConnectionRefusedError, klarfall/operations/tests/test_operation_page.py:" in text
    assert "bernd@acme.example" not in text
    assert "klarfall-x.tar" in text
    assert "2,5 MB" in text


def test_a_failed_job_runs_again_once(failed, administrator):
    client = client_of(administrator)
    assert client.post(f"{PAGE}jobs/{failed.pk}/").status_code == 303
    with viewing_as(SYSTEM):
        assert ProcrastinateJob.objects.get(pk=failed.pk).status == "todo"
        assert AuditEntry.objects.latest("pk").data == {"job": "channels.deliver"}
    assert client.post(f"{PAGE}jobs/{failed.pk}/").status_code == 404
    with pytest.raises(JobIsNotFailed):
        run_job_again(jobs.FailedJob(failed.pk, "x", {}, 1, None), actor=administrator, now=timezone.now())


def test_it_exists_for_administrators_only(failed, cast):
    for user in (cast.anna, cast.dora, cast.bernd.user):
        assert client_of(user).get(PAGE).status_code == 404
        assert client_of(user).post(f"{PAGE}jobs/{failed.pk}/").status_code == 404


def test_the_worker_keeps_why_a_job_failed_and_lets_the_error_go_on(cast):
    context = type("Context", (), {"job": type("Job", (), {"id": 9})})

    def breaks():
        raise ValueError("secret words")

    for _twice in range(2):
        with pytest.raises(ValueError, match="secret words"):
            failures.remember(breaks, context, None)
    assert failures.remember(lambda: 7, context, None) == 7
    with viewing_as(SYSTEM):
        kept = JobFailure.objects.get(job_id=9)
    assert kept.reason.startswith("ValueError, ")
    assert "secret" not in kept.reason
