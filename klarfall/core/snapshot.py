"""Several statements that see one state of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg import IsolationLevel


@contextmanager
def one_moment() -> Iterator[None]:
    """What is written meanwhile is seen by nothing in the block: the next transaction reads one state of all tables.

    Inside of a transaction nothing changes: its level is settled.
    """
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    own = connection.connection
    own.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        yield
    finally:
        if not own.closed:
            own.isolation_level = None
