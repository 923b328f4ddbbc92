"""Open what an editor hands in: a zip as a tree of files, or a single file; nothing in it leads outside or explodes."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from klarfall.core.action import Refused

MOST_FILES = 5_000
#: Bytes of a package as it is handed in.
MOST_BYTES = 1_000_000_000
#: Bytes of one text; a body has at most 400,000 signs.
MOST_TEXT = 2_000_000
#: Bytes of everything unpacked, and how much larger than packed that may be.
MOST_UNPACKED = 2_000_000_000
_MOST_RATIO = 200
_PIECE = 1 << 16
_IN_MEMORY = 1 << 20
_LONGEST_PATH = 200
_CONTENTS = 22 + 65_535
#: Bytes of a line in the table of contents: longer paths than we take, and what packers add.
_MOST_OF_TABLE = 1_000
#: What Python's reader raises for members that are not what their archive says.
_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
TEXTS = frozenset(("md", "markdown", "html", "htm", "csv"))


class PackageRefused(Refused):
    """The package as a whole cannot be read; says what to do."""

    code = "package_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message, field="file")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a file, at a line where that is known; `fatal` ones leave the article out."""

    file: str
    message: str
    line: int | None = None
    fatal: bool = True


class Source(Protocol):
    """What gives the bytes of a member."""

    def open(self, name: str) -> IO[bytes]: ...


@dataclass
class Package:
    """The files of a package by their clean paths, and what is wrong with others."""

    names: dict[str, str]
    sizes: dict[str, int]
    source: Source
    problems: list[Problem] = field(default_factory=list)

    def text(self, path: str) -> bytes:
        """The bytes of a text; a longer one raises PackageRefused."""
        with self._member(path) as member:
            content = _read(member, MOST_TEXT + 1)
        if len(content) > MOST_TEXT:
            raise PackageRefused(_("This text has more than %(most)s MB.") % {"most": MOST_TEXT // 1_000_000})
        return content

    def _member(self, path: str) -> IO[bytes]:
        try:
            return self.source.open(self.names[path])
        except _DAMAGES:
            raise PackageRefused(_("This file is damaged.")) from None

    @contextmanager
    def unpacked(self, path: str) -> Iterator[IO[bytes]]:
        """A member as a file that can be sought; large ones lie on disk."""
        most = settings.VIDEO_MAX_BYTES
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as target, self._member(path) as member:
            size = 0
            while piece := _read(member, _PIECE):
                size += len(piece)
                if size > most:
                    raise PackageRefused(_("This file has more than %(most)s MB.") % {"most": most // 1_000_000})
                target.write(piece)
            target.seek(0)
            yield target


class _Single:
    """One file that is a package by itself."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    @contextmanager
    def _again(self) -> Iterator[IO[bytes]]:
        self.file.seek(0)
        yield self.file

    def open(self, name: str) -> IO[bytes]:
        return self._again()  # type: ignore[return-value]  # used by `with` only: the upload stays open


def opened(file: IO[bytes], name: str) -> Package:
    """The package that a file is. Raises PackageRefused."""
    file.seek(0)
    head = file.read(4)
    if head[:2] == b"PK":
        return _archive(file)
    path = PurePosixPath(name.replace("\\", "/")).name
    if _extension(path) not in TEXTS:
        raise PackageRefused(_("Please hand in a zip file, or one Markdown, HTML or CSV file."))
    return Package({path: path}, {path: file.seek(0, 2)}, _Single(file))


def _archive(file: IO[bytes]) -> Package:
    try:
        _check_count(file)
        archive = zipfile.ZipFile(file)
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
        raise PackageRefused(_("This zip file is damaged.")) from None
    if len(members) > MOST_FILES:
        raise PackageRefused(_("A package has at most %(most)s files.") % {"most": MOST_FILES})
    package = Package({}, {}, archive)
    packed = sum(one.compress_size for one in members)
    unpacked = sum(one.file_size for one in members)
    if unpacked > MOST_UNPACKED or unpacked > max(packed, _PIECE) * _MOST_RATIO:
        raise PackageRefused(_("Unpacked, this zip file would be far larger than any folder of articles."))
    for member in members:
        if not member.is_dir():
            _take(package, member)
    return package


def _check_count(file: IO[bytes]) -> None:
    """The table of contents of an absurd archive alone would cost seconds."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _CONTENTS))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    file.seek(0)
    # What the reader goes by is the size of the table, whatever number of files is told; nor does it end at 4 GB.
    number, table = (int.from_bytes(tail[end + at : end + at + size], "little") for at, size in ((10, 2), (12, 4)))
    is_huge = tail[max(0, end - 20) : max(0, end - 16)] == b"PK\x06\x07"
    if end < 0 or is_huge or number > MOST_FILES or table > MOST_FILES * _MOST_OF_TABLE:
        raise PackageRefused(_("A package has at most %(most)s files.") % {"most": MOST_FILES})


def _take(package: Package, member: zipfile.ZipInfo) -> None:
    shown = member.filename[:_LONGEST_PATH]
    if (words := _trouble(member)) is not None:
        package.problems.append(Problem(shown, words))
        return
    path = member.filename
    if PurePosixPath(path).name.startswith((".", "__MACOSX")) or path.startswith("__MACOSX/"):
        return  # left behind by file managers
    if path in package.names:
        package.problems.append(Problem(shown, _("There are two files of this name.")))
        return
    package.names[path], package.sizes[path] = member.filename, member.file_size


def _trouble(member: zipfile.ZipInfo) -> str | None:
    path = member.filename
    mode = member.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return _("This is no file but a link or a device.")
    if path.startswith("/") or "\\" in path or ":" in path or ".." in path.split("/") or "\0" in path:
        return _("This path leads out of the package.")
    if len(path) > _LONGEST_PATH:
        return _("A path has at most %(most)s signs.") % {"most": _LONGEST_PATH}
    if member.flag_bits & 1:
        return _("This file is protected by a password.")
    most = MOST_TEXT if _extension(path) in TEXTS else settings.VIDEO_MAX_BYTES
    if member.file_size > most:
        return _("This file has more than %(most)s MB.") % {"most": most // 1_000_000}
    return None


def _read(member: IO[bytes], size: int) -> bytes:
    try:
        return member.read(size)
    except _DAMAGES:
        raise PackageRefused(_("This file is damaged.")) from None


def _extension(path: str) -> str:
    return PurePosixPath(path).suffix.removeprefix(".").lower()
