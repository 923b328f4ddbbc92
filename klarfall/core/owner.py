"""Work as the owner of the tables: only migrations and the rights that follow them do this."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from psycopg import sql


@contextmanager
def as_owner() -> Iterator[Any]:
    """
    Lets the default connection be the owner's for the time of the block and returns it.

    The connection is switched instead of adding a second one, because data migrations and signals of packages ask for
    "default" by themselves. Parameters are bound by the client here: PostgreSQL takes none in DDL.
    """
    owner = settings.DATABASE_OWNER
    if owner is None:
        raise ImproperlyConfigured("DATABASE_OWNER_URL is missing: only the owner of the tables may change them")
    kept = connection.settings_dict.copy()
    connection.close()
    connection.settings_dict.update(
        USER=owner["USER"],
        PASSWORD=owner["PASSWORD"],
        HOST=owner["HOST"],
        PORT=owner["PORT"],
        OPTIONS=dict(owner["OPTIONS"]),
    )
    try:
        yield connection
    finally:
        connection.close()
        connection.settings_dict.update(kept)


def ensure_login_role(owner: Any, name: str, password: str) -> None:
    """
    Creates the login role of the application over the owner's connection if it is missing.

    It inherits nothing: without taking on a group role it may not read a single row of customer data.
    """
    with owner.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        if cursor.fetchone() is None:
            statement = sql.SQL("CREATE ROLE {} LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS PASSWORD {}")
            cursor.execute(statement.format(sql.Identifier(name), sql.Literal(password)))
