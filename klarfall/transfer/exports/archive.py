"""Writes the archive of a full export: row by row and piece by piece, over one moment of the database."""

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.files.storage import default_storage

from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.snapshot import one_moment
from klarfall.core.spreadsheets import MARK, writer, written
from klarfall.transfer.exports.describe import readme
from klarfall.transfer.exports.tables import FILES, TABLES, ExportFiles, ExportTable

_PIECE = 1 << 20
_ROWS_AT_ONCE = 2_000
_TOLD_EVERY = 2_000
_NO_NAME = re.compile(r"[^\w.\- ]+")
_MOST_NAME = 80
_FILE_COLUMNS = ("folder", "id", "path", "name", "size", "sha256")


@dataclass(slots=True)
class Written:
    """What came into an archive: rows of each table, files, and which files are missing or changed."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    faults: list[str] = field(default_factory=list)


class _Part:
    """A file of the archive that is being written; knows its SHA-256 and size at the end."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target, self._digest, self.size = target, hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        """Write and count."""
        self._digest.update(content)
        self.size += len(content)
        return self._target.write(content)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def writable(self) -> bool:
        """A text wrapper asks for these."""
        return True

    def readable(self) -> bool:
        """Nothing can be read."""
        return False

    def seekable(self) -> bool:
        """Nothing can be sought."""
        return False

    def flush(self) -> None:
        """Nothing is kept back."""

    @property
    def closed(self) -> bool:
        return False


class Archive:
    """The archive: parts one after the other, each with its line in SHA256SUMS. `at` is the time of all parts."""

    def __init__(self, target: IO[bytes], at: datetime) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=6)
        self._at, self._sums = at.astimezone(UTC), TemporaryFile()  # noqa: SIM115 - closed by close()

    @contextmanager
    def part(self, path: str) -> Iterator[_Part]:
        """A file of the archive under a path."""
        info = zipfile.ZipInfo(path, self._at.timetuple()[:6])
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as target:
            part = _Part(target)
            yield part
        self._sums.write(f"{part.sha256}  {path}\n".encode())

    def copy(self, path: str, content: IO[bytes]) -> tuple[int, str]:
        """A file of the archive with the content of another file; returns its bytes and SHA-256."""
        with self.part(path) as part:
            while piece := content.read(_PIECE):
                part.write(piece)
        return part.size, part.sha256

    def close(self) -> None:
        """Add the list of hashes and end the archive."""
        with self._sums as sums:
            sums.seek(0)
            info = zipfile.ZipInfo("SHA256SUMS", self._at.timetuple()[:6])
            with self._zip.open(info, "w") as target:
                shutil.copyfileobj(sums, target)
        self._zip.close()


def write_archive(target: IO[bytes], *, now: datetime, tell: Callable[[int, int], None]) -> Written:
    """Write the whole house into `target`; `tell(done, total)` hears of rows and files. Opens its own transaction."""
    found = Written()
    with one_moment(), viewing_as(SYSTEM, fresh=True):
        total = sum(one.rows.count() for one in TABLES) + sum(one.rows.count() for one in FILES)
        count = _counter(total, tell)
        archive = Archive(target, now)
        for table in TABLES:
            with archive.part(f"tables/{table.name}.csv") as part, _rows(part, table.columns) as to:
                found.rows[table.name] = _table(table, to, count)
        _files(archive, found, count)
        house = vendor.current()
        made = f"{now.astimezone(UTC):%Y-%m-%d %H:%M}"
        words = readme(house=house.legal_name or house.name, made=made, rows=found.rows, faults=found.faults)
        archive.copy("README.txt", BytesIO(words.encode()))
        archive.close()
    return found


def _counter(total: int, tell: Callable[[int, int], None]) -> Callable[[], None]:
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        if done % _TOLD_EVERY == 0:
            tell(done, total)

    tell(0, total)
    return count


@contextmanager
def _rows(target: Any, columns: Sequence[str]) -> Iterator[Any]:
    """A writer of rows into a binary file, with the heading written."""
    text = TextIOWrapper(target, "utf-8", newline="", write_through=True)
    text.write(MARK)
    to = writer(text)
    to.writerow(columns)
    yield to
    text.flush()
    text.detach()


def _table(table: ExportTable, to: Any, count: Callable[[], None]) -> int:
    """Write the rows of one table; returns how many."""
    number = 0
    for row in table.rows.iterator(chunk_size=_ROWS_AT_ONCE):
        to.writerow([as_text(cell) for cell in row])
        count()
        number += 1
    return number


def as_text(value: Any) -> str:
    """A value as it stands in a cell; see describe.py."""
    match value:
        case bool():
            text = "true" if value else "false"
        case datetime():
            text = value.astimezone(UTC).isoformat()
        case date():
            text = value.isoformat()
        case Decimal():
            text = f"{value:f}"
        case list() | dict() | tuple():
            text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=as_text)
        case str():
            text = written(value)
        case _:
            text = "" if value is None else str(value)
    return text


def _files(archive: Archive, found: Written, count: Callable[[], None]) -> None:
    """Put every file into the archive, then the table that says what each is."""
    with TemporaryFile() as kept:
        with _rows(kept, _FILE_COLUMNS) as to:
            for kind in FILES:
                for pk, key, sha256, name in kind.rows.iterator(chunk_size=_ROWS_AT_ONCE):
                    to.writerow([as_text(cell) for cell in _file(archive, found, kind, (pk, key, sha256, name))])
                    count()
        kept.seek(0)
        archive.copy("tables/files.csv", kept)


def _file(archive: Archive, found: Written, kind: ExportFiles, row: tuple[int, str, str, str]) -> tuple[Any, ...]:
    """Put one file into the archive; returns its line of the table. A missing one is a fault, not an end."""
    pk, key, sha256, name = row
    path = f"files/{kind.folder}/{_path(pk, name, kind)}"
    try:
        with default_storage.open(key, "rb") as stored:
            size, digest = archive.copy(path, stored)
    except FileNotFoundError:
        found.faults.append(f"{path}: missing")
        return kind.folder, pk, "", name, None, sha256
    found.files += 1
    if sha256 and sha256 != digest:
        found.faults.append(f"{path}: not what was stored")
    return kind.folder, pk, path, name, size, digest


def _path(pk: int, name: str, kind: ExportFiles) -> str:
    """A name that every file system takes: the id first, then what is left of the name."""
    safe = _NO_NAME.sub("_", name)[-_MOST_NAME:].strip(". ")
    return f"{pk}-{safe}" if safe else f"{pk}{kind.ending}"
