"""The doctor finds what is wrong, each of many real faults, and nothing where nothing is."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django.utils.translation import override

from klarfall.billing import typefaces
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.operations import doctor
from klarfall.operations.checks import addresses, database, machine
from klarfall.operations.checks.finding import State
from klarfall.operations.checks.mail import check_mail
from klarfall.operations.models import Backup
from klarfall.operations.tests.houses import connected
from klarfall.operations.tests.mail_server import mail_server
from klarfall.tickets.models import Attachment

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def healthy(house, database_server, monkeypatch, settings):
    """A house in which all is well: a worker lives, a backup was made; this machine's own clock is left out."""
    monkeypatch.setattr(machine, "clock_state", lambda: 0)
    now = timezone.now()
    with viewing_as(SYSTEM):
        Backup.objects.create(started_at=now, finished_at=now, name="x.tar", size=1, files=1, version="1")
    with connected(database_server) as owner:
        owner.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    return house


def unwell() -> dict[str, State]:
    with override("en"):
        return {one.name: one.state for one in doctor.examine(timezone.now()) if one.state is not State.OK}


@pytest.fixture
def spoiled(house, database_server):
    """The house is spoiled by this test: the next one gets a new one."""
    yield
    name = connection.settings_dict["NAME"]
    connection.close()
    with database_server.connect(database_server.owner) as owner:
        owner.execute(f'DROP DATABASE "{name}"')


def put_faults_into_the_database(owner) -> None:
    """As somebody with the rights of the owner could cause them."""
    for statement in (
        "DROP POLICY portal_own ON tickets_concern",
        "DELETE FROM django_migrations WHERE app = 'operations'",
        "DELETE FROM procrastinate_workers",
        "UPDATE procrastinate_jobs SET status = 'failed' WHERE id = (SELECT min(id) FROM procrastinate_jobs)",
        "UPDATE operations_backup SET finished_at = now() - interval '8 days'",
        "ALTER TABLE tickets_ticketevent DISABLE TRIGGER USER",
        "UPDATE tickets_ticketevent SET kind = 'forged' WHERE id = (SELECT min(id) FROM tickets_ticketevent)",
        "ALTER TABLE tickets_ticketevent ENABLE TRIGGER USER",
        "UPDATE service_levels_servicecalendar SET zone = 'Mars/Olympus'",
        "DELETE FROM service_levels_serviceinterval",
    ):
        owner.execute(statement)


@pytest.mark.server
def test_it_finds_each_of_many_faults_and_none_without(
    healthy, spoiled, database_server, settings, monkeypatch, tmp_path
):
    assert unwell() == {}
    call_command("doctor", stdout=io.StringIO())  # does not exit with a code
    with connected(database_server) as owner:
        put_faults_into_the_database(owner)
    with viewing_as(SYSTEM):
        (healthy / Attachment.objects.values_list("key", flat=True).last()).unlink()
    settings.DATA_DIR = tmp_path
    (tmp_path / "secrets.json").write_text("{}")
    (tmp_path / "secrets.json").chmod(0o644)
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", 1
    settings.BASE_URL = "http://support.example"
    monkeypatch.setattr(typefaces, "folder", lambda: tmp_path)
    assert unwell() == dict.fromkeys(
        [
            *("rights", "migrations", "worker", "backup", "histories", "files", "secrets", "mail", "addresses"),
            *("documents", "time-zones", "calendars"),
        ],
        State.FAULT,
    ) | {"failed-jobs": State.WARNING}
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json", stdout=out)
    assert ended.value.code == 2
    checks = {one["check"]: one for one in json.loads(out.getvalue())["checks"]}
    assert "tickets_concern" in checks["rights"]["findings"][0]["seen"]
    assert all(finding["advice"] for one in checks.values() for finding in one["findings"] if finding["state"] != "ok")


def test_a_database_that_does_not_answer_is_a_fault_with_advice(healthy, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    found = {one.name: one for one in doctor.examine(timezone.now(), quick=True)}
    assert found["database"].state is State.FAULT
    assert "DATABASE_URL" in found["database"].findings[0].advice
    assert found["disk"].state is State.OK


def test_the_owner_as_login_role_is_a_fault(healthy, settings, monkeypatch):
    connection.close()
    for key in ("USER", "PASSWORD"):
        monkeypatch.setitem(connection.settings_dict, key, settings.DATABASE_OWNER[key])
    assert [one.state for one in database.check_login_role()] == [State.FAULT]
    connection.close()


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"BASE_URL": "http://localhost:8000"}, State.OK),
        ({"BASE_URL": "http://localhost:8000", "HOST": "192.0.2.1"}, State.FAULT),
        ({"BASE_URL": "http://localhost:8000", "ALLOWED_HOSTS": ["*"]}, State.FAULT),
        ({"BASE_URL": "https://support.example"}, State.FAULT),
        ({"BASE_URL": "https://support.example", "secure": True}, State.WARNING),
        ({"BASE_URL": "https://support.example", "secure": True, "ALLAUTH_TRUSTED_PROXY_COUNT": 1}, State.OK),
        (
            {"BASE_URL": "https://a.example", "secure": True, "ALLAUTH_TRUSTED_PROXY_COUNT": 1, "HOST": "192.0.2.1"},
            State.WARNING,
        ),
        ({"BASE_URL": "https://a.example", "secure": True, "DEBUG": True}, State.FAULT),
    ],
)
def test_settings_that_do_not_fit_together(settings, given, state):
    if given.pop("secure", False):
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    for name, value in given.items():
        setattr(settings, name, value)
    assert next(addresses.check_addresses()).state is state


@pytest.mark.parametrize(("free", "state"), [(6e9, State.OK), (4e9, State.WARNING), (5e8, State.FAULT)])
def test_a_disk_that_fills_up(settings, monkeypatch, free, state):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: type("Usage", (), {"free": free}))
    assert next(machine.check_disk()).state is state


@pytest.mark.parametrize(("number", "state"), [(0, State.OK), (5, State.WARNING), (None, State.OK)])
def test_a_clock_without_a_time_server(monkeypatch, number, state):
    monkeypatch.setattr(machine, "clock_state", lambda: number)
    assert [one.state for one in machine.check_clock()] == [state]


def test_a_short_key_is_a_fault(settings):
    settings.SECRET_KEY = "short"
    assert State.FAULT in [one.state for one in machine.check_secrets()]


@pytest.mark.parametrize(("accepts", "state"), [(True, State.WARNING), (False, State.FAULT)])
def test_a_mail_server_is_asked_but_sent_nothing(settings, accepts, state):
    with mail_server(accepts=accepts) as (port, heard):
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", port
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "user", "password"
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        (found,) = check_mail()
    assert found.state is state  # signing in without encryption is a warning
    assert {"EHLO", "AUTH"} <= set(heard)
    assert not {"MAIL", "RCPT", "DATA"} & set(heard)


def test_holidays_that_end_and_jobs_that_wait_are_told(healthy):
    now = timezone.now()
    far = {one.name: one for one in doctor.examine(now + timedelta(days=365 * 80), quick=True)}
    assert far["calendars"].state is State.WARNING
    assert [one.state for one in far["worker"].findings] == [State.FAULT, State.WARNING]
