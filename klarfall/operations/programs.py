"""Finds pg_dump and pg_restore of the server's major version, and talks to the server as the owner of the tables."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo

_MAJOR = re.compile(r"\d+")
_DEBIAN = Path("/usr/lib/postgresql")
_LONGEST_MESSAGE = 2000  # characters of what a program said


class OperationFailed(Exception):
    """A backup or restore cannot go on; the text says why and what to do."""


def owner() -> dict[str, Any]:
    """Django's settings of the owner's connection. Raises OperationFailed where it is not known."""
    if settings.DATABASE_OWNER is None:
        raise OperationFailed(
            "DATABASE_OWNER_URL is missing: only the owner of the tables reads all of them. "
            "Run this as the user that migrates, with the settings of /etc/klarfall-owner.env."
        )
    known: dict[str, Any] = settings.DATABASE_OWNER
    return known


@contextmanager
def connected(*, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """A connection as the owner, outside Django. Raises OperationFailed if the server does not answer."""
    who = owner()
    try:
        connection = psycopg.connect(_address(who), password=who["PASSWORD"], autocommit=autocommit)
    except psycopg.OperationalError as problem:
        raise OperationFailed(
            f"The database cannot be reached: {problem}. Check DATABASE_OWNER_URL and that the server runs."
        ) from problem
    with connection:
        yield connection


def major_of(connection: psycopg.Connection) -> int:
    """The server's major version, for example 15."""
    return connection.info.server_version // 10_000


def find(program: str, major: int) -> Path:
    """The path of a client program of exactly this major version. Raises OperationFailed with what to install."""
    for folder in _folders(major):
        path = folder / program
        if path.is_file() and os.access(path, os.X_OK) and _version(path) == major:
            return path
    raise OperationFailed(
        f"{program} of PostgreSQL {major} is not on this machine. Install it (Debian: postgresql-client-{major}) "
        "or name its folder in POSTGRES_PROGRAMS."
    )


def _folders(major: int) -> Iterator[Path]:
    if settings.POSTGRES_PROGRAMS:
        yield Path(settings.POSTGRES_PROGRAMS)
    yield settings.CLUSTER.programs
    yield _DEBIAN / str(major) / "bin"
    yield from (Path(part) for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part)


def _version(path: Path) -> int:
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found above
    match = _MAJOR.search(told.stdout)
    return int(match.group()) if match else 0


def command(program: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Command line and environment of a client program for the owner's database; no command line shows the password."""
    who = owner()
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "PGPASSWORD": who["PASSWORD"],
        "PGCONNECT_TIMEOUT": "20",
    }
    return [str(program), f"--dbname={_address(who)}", *arguments], environment


def said(output: bytes) -> str:
    """The end of what a program wrote to standard error, for a message."""
    return output.decode(errors="replace").strip()[-_LONGEST_MESSAGE:]


def _address(who: dict[str, Any]) -> str:
    """A connection string without the password."""
    parts = {"host": who["HOST"], "port": who["PORT"], "user": who["USER"], "dbname": who["NAME"], **who["OPTIONS"]}
    return make_conninfo(**{name: value for name, value in parts.items() if value not in ("", None)})
