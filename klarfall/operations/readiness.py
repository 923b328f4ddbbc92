"""Can this process answer requests now? The codes of what is missing."""

from django.db import Error, connection, transaction

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.operations.checks.database import pending_migrations

DATABASE, MIGRATIONS, QUEUE = "database", "migrations", "queue"
REASONS = (DATABASE, MIGRATIONS, QUEUE)

_complete: set[str] = set()


def missing() -> list[str]:
    """Codes of REASONS, in this order; nothing when all is well. What depends on what is missing is not looked at."""
    try:
        connection.ensure_connection()
        if connection.connection.closed or not _answers():
            return [DATABASE]
    except Error:
        connection.close()
        return [DATABASE]
    if not _migrated():
        return [MIGRATIONS]
    return [] if _queue_writable() else [QUEUE]


def _answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _migrated() -> bool:
    """Looked up until it was true once for a database: looking costs more than everything else here."""
    name = connection.settings_dict["NAME"]
    if name in _complete:
        return True
    try:
        complete = not pending_migrations()
    except Error:
        return False
    if complete:
        _complete.add(name)
    return complete


def _queue_writable() -> bool:
    """A job can be written; it is taken back."""
    try:
        with viewing_as(SYSTEM), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('probe', 'probe', '{}')"
            )
            transaction.set_rollback(True)
    except Error:
        return False
    return True
