"""Houses for the tests of operations: a copy of Acme's story with files, and empty places to restore it to."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection, connections
from psycopg import sql

from klarfall.operations.backup import row_counts
from tests.database import TestServer


@contextmanager
def empty_database(server: TestServer) -> Iterator[str]:
    """An empty database at which Django points; afterwards it points back."""
    before, name = settings.DATABASE["NAME"], f"{server.prefix}_new_{secrets.token_hex(4)}"
    with server.connect(server.owner) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    server._point_django_at(name)
    try:
        yield name
    finally:
        connections.close_all()
        server._point_django_at(before)


@contextmanager
def connected(server: TestServer) -> Iterator[psycopg.Connection]:
    """The owner's connection to the database at which Django points."""
    with server.connect(server.owner, settings.DATABASE["NAME"]) as owner:
        yield owner


def facts(server: TestServer) -> dict[str, object]:
    """What makes a house: rows per table, every row of tickets and queue, policies, rights and triggers."""
    name = connection.settings_dict["NAME"]
    with connected(server) as owner:
        found = {
            "rows": row_counts(owner),
            "tickets": _hash(owner, "tickets_ticket"),
            "events": _hash(owner, "tickets_ticketevent"),
            "queue": _hash(owner, "procrastinate_jobs"),
            "policies": owner.execute(
                "SELECT tablename, policyname, roles::text, qual FROM pg_policies ORDER BY 1, 2"
            ).fetchall(),
            "rights": owner.execute(
                "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, a.grantee::regrole::text, a.privilege_type"
                " FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'public'::regnamespace"
                " AND c.relkind IN ('r', 'S', 'v')"
                " AND (a.grantee = %s::regrole OR starts_with(a.grantee::regrole::text, %s))"
                " ORDER BY 1, 4, 5",
                [server.login["USER"], name],  # copies of databases still name the roles of others
            ).fetchall(),
            "triggers": owner.execute(
                "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"
            ).fetchall(),
            "keys": owner.execute(
                # Not their text: PostgreSQL writes the casts in a check otherwise once it was dumped and read again.
                "SELECT conrelid::regclass::text, conname, contype, confrelid::regclass::text, condeferrable,"
                " convalidated, ARRAY(SELECT attname::text FROM pg_attribute"
                "   WHERE attrelid = conrelid AND attnum = ANY (conkey) ORDER BY 1)"
                " FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 't'"
                " ORDER BY 1, 2"
            ).fetchall(),
            "next": owner.execute("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1").fetchall(),
        }
    # Roles are named after the database.
    return {key: repr(value).replace(name, "<database>") for key, value in found.items()}


def _hash(owner: psycopg.Connection, table: str) -> object:
    query = sql.SQL("SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY id), '')), count(*) FROM {} t")
    return owner.execute(query.format(sql.Identifier(table))).fetchone()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of the store."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
