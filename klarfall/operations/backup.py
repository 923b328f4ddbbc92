"""Make one archive of the whole house: database and stored files of one moment (docs/operating.md)."""

import contextlib
import errno
import fcntl
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psycopg
from django.utils import timezone
from psycopg import IsolationLevel, sql

from klarfall import __version__
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.operations import programs
from klarfall.operations.archive import DUMP, FILES, Manifest, Writer, private
from klarfall.operations.models import Backup
from klarfall.operations.programs import OperationFailed
from klarfall.operations.stored_files import named_keys, stored

_PREFIX, _SUFFIX, _DRAFT = "klarfall-", ".tar", ".part"
_FULL = {errno.ENOSPC, errno.EDQUOT}
#: Rows of a table under forced row-level security reach the owner through this policy only.
_UNSEEN = (
    "SELECT c.relname FROM pg_class c WHERE c.relforcerowsecurity AND c.relnamespace = 'public'::regnamespace"
    " AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive"
    " AND pg_get_expr(p.polqual, p.polrelid) = 'true' AND current_user::regrole::oid = ANY (p.polroles))"
)


@dataclass(frozen=True)
class Made:
    """A finished archive: where, bytes, how many files, which named files were not there, and what was removed."""

    path: Path
    size: int
    files: int
    missing: list[str]
    removed: list[str]


def make_backup(folder: Path, *, keep: int | None = None) -> Made:
    """Write an archive into `folder` and remember it; with `keep`, remove all but the newest so many.

    Raises OperationFailed: nothing half is left behind. Where files are missing that rows name, the archive is
    finished all the same, and no older one is removed.
    """
    started_at = timezone.now()
    with _only_one(folder), _disk_full(folder):
        _remove_drafts(folder)
        path = folder / f"{_PREFIX}{started_at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}{_SUFFIX}"
        manifest = _write(path, started_at)
        removed = _remove_old(folder, keep) if keep is not None and not manifest.missing else []
    size, files = path.stat().st_size, len(manifest.files)
    with viewing_as(SYSTEM):
        Backup.objects.create(
            started_at=started_at,
            finished_at=timezone.now(),
            name=path.name,
            size=size,
            files=files,
            missing=len(manifest.missing),
            version=manifest.klarfall,
        )
    return Made(path, size, files, manifest.missing, removed)


def _write(path: Path, started_at: datetime) -> Manifest:
    """Write the archive beside its place, then move it there whole."""
    draft = path.with_name(f".{path.name}{_DRAFT}")
    try:
        with open(draft, "x+b", opener=private) as target:
            manifest = _fill(Writer(target), started_at)
            target.flush()
            os.fsync(target.fileno())
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return manifest


def _fill(writer: Writer, started_at: datetime) -> Manifest:
    """The database first: files are written before their row is committed, so all that it names are there later."""
    with programs.connected() as owner:
        owner.isolation_level, owner.read_only = IsolationLevel.REPEATABLE_READ, True
        if unseen := [name for (name,) in owner.execute(_UNSEEN)]:
            raise OperationFailed(
                f"The owner would not see the rows of {', '.join(unseen)}: run `manage.py migrate`, which brings the "
                "policies back, then try again."
            )
        _dump(writer, owner)
        manifest = Manifest(
            made_at=started_at.isoformat(),
            klarfall=__version__,
            postgres=programs.major_of(owner),
            migrations=_migrations(owner),
            rows=row_counts(owner),
        )
        named = named_keys(owner)
    for key, path in stored():
        writer.add_file(f"{FILES}{key}", path)
    manifest.missing = _missing(named - {name.removeprefix(FILES) for name in writer.members})
    writer.finish(manifest)
    return manifest


def _dump(writer: Writer, owner: psycopg.Connection) -> None:
    """Stream pg_dump's output of exactly the moment that this connection sees."""
    (snapshot,) = owner.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
    program = programs.find("pg_dump", programs.major_of(owner))
    words, environment = programs.command(
        program,
        *("--format=custom", "--no-owner", "--no-privileges", "--enable-row-security", "--no-sync"),
        *(f"--snapshot={snapshot}", "--schema=public", "--lock-wait-timeout=60000"),
    )
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=errors)  # noqa: S603
        assert process.stdout is not None  # noqa: S101 - asked for above
        try:
            writer.add_stream(DUMP, process.stdout)
        finally:
            process.stdout.close()  # where we stop reading, pg_dump ends, too
            process.wait()
        if process.returncode:
            errors.seek(0)
            raise OperationFailed(f"pg_dump failed, no backup was made:\n{programs.said(errors.read())}")


def row_counts(owner: psycopg.Connection) -> dict[str, int]:
    """How many rows each table of the house has, as the owner sees them."""
    tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    counted = {}
    for (name,) in tables:
        row = owner.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))).fetchone()
        counted[name] = row[0] if row else 0
    return counted


def _migrations(owner: psycopg.Connection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for app, name in owner.execute("SELECT app, name FROM django_migrations ORDER BY app, name"):
        found.setdefault(app, []).append(name)
    return found


def _missing(absent: set[str]) -> list[str]:
    """Keys that are named still: a file that was erased together with its row meanwhile is none."""
    if not absent:
        return []
    with programs.connected() as owner:
        return sorted(absent & named_keys(owner))


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Make the folder and hold its lock: two backups at once would remove each other's drafts."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock: IO[bytes] = open(folder / ".lock", "ab", opener=private)  # noqa: SIM115
    except OSError as problem:
        raise OperationFailed(
            f"Nothing can be written to {folder}: {problem.strerror}. Choose another --to."
        ) from problem
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise OperationFailed(f"Another backup into {folder} is running.") from problem
        yield


@contextlib.contextmanager
def _disk_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        if problem.errno in _FULL:
            raise OperationFailed(
                f"The disk of {folder} is full; nothing half was left there. Make room, or choose another --to."
            ) from problem
        raise OperationFailed(f"The backup failed, nothing half was left behind: {problem}") from problem
    except psycopg.Error as problem:
        raise OperationFailed(f"The database refused, no backup was made: {problem}") from problem


def _remove_drafts(folder: Path) -> None:
    """What a killed backup left; nobody else holds the lock."""
    for draft in folder.glob(f".{_PREFIX}*{_DRAFT}"):
        draft.unlink()


def _remove_old(folder: Path, keep: int) -> list[str]:
    old = sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"), reverse=True)[keep:]
    for path in old:
        path.unlink()
    return [path.name for path in old]


def _sync_folder(folder: Path) -> None:
    """The new name survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
