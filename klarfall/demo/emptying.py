"""From the demo to an own house: take everything invented away, so that an empty house is left."""

import logging
import time
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.files.storage import default_storage
from psycopg import sql

from klarfall.core import vendor
from klarfall.demo.seed import NoDemoHere, refuse_elsewhere, stored_files

log = logging.getLogger(__name__)

#: What stays: the machinery of the database, and the queue, whose workers go on.
_KEPT = ("django_migrations", "django_content_type", "auth_permission", "core_masterstamp")
_KEPT_BEGINNING = "procrastinate_"
_ATTEMPTS = 5
_PATIENCE = "15s"


def mark() -> Path:
    """The file that says: here somebody has an own house, no demo is written any more by itself."""
    path: Path = settings.DATA_DIR / "own-house"
    return path


def is_wanted() -> bool:
    """May the demo be written into an empty database by itself?"""
    return bool(settings.DEMO) and not mark().exists()


def empty_demo() -> None:
    """Remove the demo: all rows but the built-in user, all stored files and mails. Raises NoDemoHere.

    Works as the owner over a connection of its own, outside of any request's transaction: emptying a table waits for
    everybody who is reading it. Web and worker go on; what they remember hangs on the stamp, which changes.
    """
    refuse_elsewhere()
    mark().touch(mode=0o600)  # before: who is interrupted must not find a new demo
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with _owner() as connection:
                _empty(connection)
            break
        except (psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable):
            if attempt == _ATTEMPTS:
                raise
            log.info("Somebody is using the demo, it is emptied in a moment")
            time.sleep(attempt)
    for key in stored_files():
        default_storage.delete(key)
    for kept in (settings.DATA_DIR / "mails").glob("*.eml"):
        kept.unlink(missing_ok=True)
    vendor.forget()


def _owner() -> psycopg.Connection[Any]:
    owner = settings.DATABASE_OWNER
    if owner is None:
        raise NoDemoHere("Only the owner of the tables can remove the demo.")
    return psycopg.connect(
        host=owner["HOST"] or None,
        port=owner["PORT"] or None,
        user=owner["USER"],
        password=owner["PASSWORD"],
        dbname=settings.DATABASE["NAME"],
        **owner["OPTIONS"],
    )


def _empty(connection: psycopg.Connection[Any]) -> None:
    """All in one transaction, which the connection commits at its end."""
    connection.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
    row = connection.execute("SELECT is_demo FROM core_vendorprofile").fetchone()
    if row is None or not row[0]:
        raise NoDemoHere("This is no demo: there is nothing to remove.")
    connection.execute("CREATE TEMP TABLE built_in ON COMMIT DROP AS SELECT * FROM accounts_user WHERE kind = 'system'")
    connection.execute("DELETE FROM procrastinate_jobs WHERE status <> 'doing'")
    names = sql.SQL(", ").join(sql.Identifier(name) for name in _tables(connection))
    connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(names))
    connection.execute("INSERT INTO accounts_user SELECT * FROM built_in")
    connection.execute("SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), max(id)) FROM accounts_user")
    for name in _own_sequences(connection):
        connection.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(name)))


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [name for (name,) in rows if name not in _KEPT and not name.startswith(_KEPT_BEGINNING)]


def _own_sequences(connection: psycopg.Connection[Any]) -> list[str]:
    """Sequences that no column owns: the numbers that people read."""
    rows = connection.execute("SELECT sequencename FROM pg_sequences WHERE sequencename LIKE 'klarfall\\_%'")
    return [name for (name,) in rows]
