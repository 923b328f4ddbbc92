"""The tests themselves: they see the database as the product does, and leave it as they found it."""

import logging
import threading
from datetime import UTC, datetime

import psycopg
import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import ProgrammingError, connection, transaction

from klarfall.core import row_security
from tests import guard


def one(query: str, parameters: list[object] | None = None) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchone()[0]


@pytest.mark.server
def test_tests_connect_as_a_role_without_power(db):
    query = "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolinherit FROM pg_roles WHERE rolname = current_user"
    assert one(query) is False
    assert one("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user") == 0


@pytest.mark.server
def test_the_owner_of_the_tables_is_no_superuser(owner_connection):
    power = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    assert owner_connection.execute(power).fetchone() == (False,)


@pytest.mark.server
def test_a_forgotten_scope_is_a_loud_error(db):
    for model in row_security.owned_models():
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            one(f'SELECT count(*) FROM "{model._meta.db_table}"')


def committed(name: str) -> bool:
    """Looks from another connection, which sees only what was committed."""
    found = []

    def look() -> None:
        found.append(ContentType.objects.filter(app_label=name).exists())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    return found[0]


def test_a_committed_test_commits_and_the_next_finds_a_clean_database(committed_db, database_server):
    database_server.restore()  # a rolled-back test may have moved the sequence
    before = one("SELECT nextval(pg_get_serial_sequence('django_content_type', 'id'))")
    ContentType.objects.create(app_label="left behind", model="x")
    assert committed("left behind")
    database_server.restore()
    assert not committed("left behind")
    assert one("SELECT nextval(pg_get_serial_sequence('django_content_type', 'id'))") == before


def test_an_ordinary_test_does_not_commit(db):
    ContentType.objects.create(app_label="rolled back", model="x")
    assert not committed("rolled back")


def test_a_session_that_a_test_forgot_does_not_block_the_next(committed_db, database_server):
    forgotten = database_server.connect(database_server.login, settings.DATABASE["NAME"])
    database_server.restore()
    with pytest.raises(psycopg.OperationalError):
        forgotten.execute("SELECT 1")


def test_rows_that_a_test_leaves_are_named_and_taken_away(committed_db, database_server):
    Session.objects.create(session_key="left behind", expire_date=datetime(2027, 1, 1, tzinfo=UTC))
    (said,) = guard.left_in_databases(database_server, story=False)
    assert "django_session" in said
    assert not Session.objects.exists()
    assert guard.left_in_databases(database_server, story=False) == []


def test_a_connection_that_stays_elsewhere_is_brought_home(committed_db, database_server):
    database_server._point_django_at(f"{database_server.own}_base")
    (said,) = guard.left_in_databases(database_server, story=False)
    assert "_base" in said
    assert settings.DATABASE["NAME"] == database_server.own


def test_a_logger_that_somebody_switched_off_is_named_and_speaks_again():
    logger = logging.getLogger("klarfall.request")
    logger.disabled = True
    assert guard.silent_loggers() == ["klarfall.request"]
    assert not logger.disabled
