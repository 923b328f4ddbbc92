"""Bring a house back from an archive: everything is checked before anything is touched, and a failure changes nothing.

Files and tables are brought in beside what is there and take its place at the end; roles, policies and rights are not
in the archive but follow from the models (`row_security.apply`, run by `migrate`).
"""

import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from klarfall.operations import programs
from klarfall.operations.archive import DUMP, FILES, Damaged, Manifest, Reader
from klarfall.operations.backup import row_counts
from klarfall.operations.programs import OperationFailed

#: Made by `migrate` from the models, or not ours to set.
_NOT_RESTORED = re.compile(r"^\d+; \d+ \d+ (POLICY|ROW SECURITY|SCHEMA|COMMENT|ACL|DEFAULT ACL|EXTENSION) ")
_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_ENDING = 3  # seconds
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


@dataclass(frozen=True)
class Restored:
    """What came back: rows in all tables, files, and the version that had made the archive."""

    rows: int
    files: int
    made_by: str
    made_at: str
    missing: list[str]


def restore(
    path: Path, *, replace: bool = False, tell: Callable[[int, int], None] = lambda _done, _total: None
) -> Restored:
    """Restore the archive into the database and file store of the settings. Raises OperationFailed.

    `replace` takes the place of what is there; without it both must be empty. Nobody else may be connected.
    `tell` hears how many bytes of how many are checked.
    """
    with _opened(path) as archive:
        manifest = archive.manifest
        _check_version(manifest)
        connections.close_all()
        with programs.connected(autocommit=True) as owner:
            _check_target(owner, manifest, replace=replace)
            archive.check(tell)
            with _files_beside(archive, replace=replace), _tables_beside(owner):
                _load(archive, programs.major_of(owner))
                _compare(row_counts(owner), manifest.rows)
                # The rights, and the migrations of a newer version; while all can still go back.
                call_command("migrate", verbosity=0, interactive=False)
    return Restored(
        sum(manifest.rows.values()), len(manifest.files), manifest.klarfall, manifest.made_at, manifest.missing
    )


@contextmanager
def _opened(path: Path) -> Iterator[Reader]:
    """The archive; damage, a full disk and a refusal of the server become sentences."""
    try:
        archive = Reader(path)
        try:
            yield archive
        finally:
            archive.close()
    except Damaged as problem:
        raise OperationFailed(f"{problem}. Nothing was changed; take another archive.") from problem
    except OSError as problem:
        raise OperationFailed(f"Nothing was changed: {problem.strerror or problem} ({problem.filename})") from problem
    except psycopg.Error as problem:
        raise OperationFailed(f"Nothing was changed, the database refused: {problem}") from problem


def _check_version(manifest: Manifest) -> None:
    """An older archive is migrated; one of a newer version is refused."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    unknown = sorted(
        f"{app}.{name}" for app, names in manifest.migrations.items() for name in names if (app, name) not in known
    )
    if unknown:
        raise OperationFailed(
            f"The backup was made by Klarfall {manifest.klarfall}, which knows {unknown[0]} and this version does not: "
            "install that version or a newer one."
        )


def _check_target(owner: psycopg.Connection, manifest: Manifest, *, replace: bool) -> None:
    major = programs.major_of(owner)
    if major < manifest.postgres:
        raise OperationFailed(
            f"The backup was made on PostgreSQL {manifest.postgres}, this server is {major}: restore into "
            f"PostgreSQL {manifest.postgres} or newer."
        )
    programs.find("pg_restore", major)
    if not _alone(owner):
        raise OperationFailed("Somebody is connected to the database: stop Klarfall (web server and worker) first.")
    if replace:
        return
    if _number(owner, _TABLES):
        raise OperationFailed("The database is not empty. Take an empty one, or --replace to lose what is there.")
    if _entries(_root()):
        raise OperationFailed(f"{_root()} is not empty. Empty it, or --replace to lose what is there.")


def _alone(owner: psycopg.Connection) -> bool:
    """Is nobody else connected? Our own session of a moment ago may still be ending."""
    deadline = time.monotonic() + _ENDING
    while _number(owner, _OTHERS):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _number(owner: psycopg.Connection, query: str) -> int:
    row = owner.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


# --- Tables ---------------------------------------------------------------------------------------------------------


@contextmanager
def _tables_beside(owner: psycopg.Connection) -> Iterator[None]:
    """An empty schema in place of the one that is there, which comes back if the block fails and is dropped if not."""
    aside = sql.Identifier(f"before_restore_{secrets.token_hex(4)}")
    owner.execute(sql.SQL("ALTER SCHEMA public RENAME TO {}").format(aside))
    try:
        owner.execute("CREATE SCHEMA public")
        owner.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        yield
    except BaseException:
        connection.close()
        with owner.transaction():
            owner.execute("DROP SCHEMA IF EXISTS public CASCADE")
            owner.execute(sql.SQL("ALTER SCHEMA {} RENAME TO public").format(aside))
        raise
    owner.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(aside))


def _load(archive: Reader, major: int) -> None:
    """Tables, rows, keys, triggers; the first error of pg_restore ends it and rolls everything back."""
    program = programs.find("pg_restore", major)
    with tempfile.NamedTemporaryFile("w") as chosen:
        chosen.write(_contents(archive, program))
        chosen.flush()
        options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        command, environment = programs.command(program, *options, f"--use-list={chosen.name}")
        _pipe(archive, command, env=environment)


def _contents(archive: Reader, program: Path) -> str:
    """The list of what is restored, in the form of pg_restore."""
    with tempfile.TemporaryFile() as listed:
        _pipe(archive, [str(program), "--list"], stdout=listed)
        listed.seek(0)
        lines = listed.read().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not _NOT_RESTORED.match(line))


def _pipe(archive: Reader, command: list[str], **options: Any) -> None:
    """Run a program that reads the dump from its standard input; it may end before it has read everything.

    What it writes must go into files: nobody reads a pipe while we write.
    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors, **options)  # noqa: S603 - our words
        assert process.stdin is not None  # noqa: S101 - asked for above
        with suppress(BrokenPipeError):
            for chunk in archive.chunks(DUMP):
                process.stdin.write(chunk)
        with suppress(BrokenPipeError):
            process.stdin.close()
        if process.wait():
            errors.seek(0)
            raise OperationFailed(f"pg_restore failed, the database is as before:\n{programs.said(errors.read())}")


def _compare(found: dict[str, int], expected: dict[str, int]) -> None:
    if found != expected:
        table = next(name for name in {**expected, **found} if found.get(name) != expected.get(name))
        counts = f"{found.get(table, 0)} rows, the backup had {expected.get(table, 0)}"
        raise OperationFailed(f"{table} has {counts}; the database is as before.")


# --- Files ----------------------------------------------------------------------------------------------------------


def _root() -> Path:
    return Path(settings.MEDIA_ROOT)


def _entries(folder: Path) -> list[Path]:
    """What counts as content: a restore of ours that was killed may have left hidden folders."""
    return [one for one in folder.iterdir() if not one.name.startswith(".")] if folder.is_dir() else []


@contextmanager
def _files_beside(archive: Reader, *, replace: bool) -> Iterator[None]:
    """The files in a hidden folder of the store; they take their places if the block succeeds.

    Within the store, because it may be a mounted volume: moving is then only possible inside.
    """
    root, mark = _root(), secrets.token_hex(4)
    incoming, aside = root / f".restoring-{mark}", root / f".before-{mark}"
    try:
        incoming.mkdir(mode=0o700, parents=True)
        for key in archive.manifest.files:
            archive.save(f"{FILES}{key}", _inside(incoming, key))
        yield
    except BaseException:
        shutil.rmtree(incoming, ignore_errors=True)
        raise
    aside.mkdir(mode=0o700)
    for old in _entries(root) if replace else []:
        old.rename(aside / old.name)
    for new in incoming.iterdir():
        new.rename(root / new.name)
    incoming.rmdir()
    shutil.rmtree(aside)


def _inside(folder: Path, key: str) -> Path:
    """The path of a key below the folder. Raises Damaged for a key that leads out of it."""
    path = folder / key
    if not path.resolve().is_relative_to(folder.resolve()) or key.startswith((".", "/")):
        raise Damaged(f"The archive names a file outside of the store: {key!r}")
    return path
