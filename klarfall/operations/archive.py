"""The archive of a backup: a tar with the dump of the database, every stored file, and last its manifest.

The manifest names every member with its size and SHA-256. It is written last, so an archive that was cut off has none
and is refused. Everything is streamed; nothing is held in memory or written twice.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

FORMAT = 1
DUMP = "database.dump"
FILES = "files/"
_MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024
_BLOCK = tarfile.BLOCKSIZE


class Damaged(Exception):
    """An archive is not what was written; the text says which part."""


@dataclass
class Manifest:
    """What is in an archive, and of what it was made."""

    made_at: str
    klarfall: str
    postgres: int
    #: app label -> names of its applied migrations
    migrations: dict[str, list[str]]
    #: table -> rows
    rows: dict[str, int]
    #: Keys of files that rows named but that were nowhere to be found.
    missing: list[str] = field(default_factory=list)
    #: member -> (size in bytes, SHA-256)
    members: dict[str, tuple[int, str]] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def files(self) -> list[str]:
        """Keys of the stored files."""
        return [name.removeprefix(FILES) for name in self.members if name.startswith(FILES)]


class Writer:
    """Writes members one after the other into a file that is open for writing."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._tar = tarfile.open(fileobj=target, mode="w", format=tarfile.GNU_FORMAT)  # noqa: SIM115 - closed by finish
        self.members: dict[str, tuple[int, str]] = {}

    def add_file(self, name: str, path: Path) -> bool:
        """Add a file; False if it is gone."""
        try:
            source = path.open("rb")
        except FileNotFoundError:
            return False
        with source:
            self.add_stream(name, source)
        return True

    def add_stream(self, name: str, source: IO[bytes]) -> int:
        """Add what can be read until its end; its size is written into the header afterwards. Returns bytes."""
        start = self._target.tell()
        self._target.write(self._header(name, 0))
        digest, size = hashlib.sha256(), 0
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            self._target.write(chunk)
            size += len(chunk)
        self._target.write(b"\0" * (-size % _BLOCK))
        end = self._target.tell()
        self._target.seek(start)
        self._target.write(self._header(name, size))
        self._target.seek(end)
        self._tar.offset = end
        self.members[name] = (size, digest.hexdigest())
        return size

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and the end of the archive."""
        manifest.members = self.members
        text = json.dumps(vars(manifest), ensure_ascii=False, indent=1).encode()
        self.add_stream(_MANIFEST, io.BytesIO(text))
        self._tar.close()

    def _header(self, name: str, size: int) -> bytes:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        return info.tobuf(tarfile.GNU_FORMAT)


class Reader:
    """Reads an archive; every member is compared with the manifest while it is read."""

    def __init__(self, path: Path) -> None:
        """Open and read the manifest. Raises Damaged if it is no complete archive of ours."""
        self.path = path
        try:
            self._tar = tarfile.open(path, "r:")  # noqa: SIM115 - closed by close()
            self._found = {one.name: one for one in self._tar.getmembers()}
            text = self._content(_MANIFEST)
            self.manifest = Manifest(**json.loads(text))
        except (tarfile.TarError, KeyError, TypeError, ValueError, EOFError) as problem:
            raise Damaged(f"{path.name} is no complete backup: it was cut off, or is another file") from problem
        if self.manifest.format != FORMAT:
            raise Damaged(f"{path.name} has format {self.manifest.format}, this version reads {FORMAT}")
        if extra := sorted(set(self.manifest.members) ^ (set(self._found) - {_MANIFEST})):
            raise Damaged(f"{path.name}: contents and manifest differ, first in {extra[0]}")

    def close(self) -> None:
        self._tar.close()

    def check(self, tell: Callable[[int, int], None] = lambda _done, _total: None) -> None:
        """Read everything once. Raises Damaged at the first member that differs."""
        total = sum(size for size, _sha in self.manifest.members.values())
        done = 0
        for name in self.manifest.members:
            for chunk in self.chunks(name):
                done += len(chunk)
                tell(done, total)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a member, piece by piece. Raises Damaged at its end if it is not what was written."""
        size, expected = self.manifest.members[name]
        digest, read = hashlib.sha256(), 0
        source = self._tar.extractfile(self._found[name])
        if source is None:
            raise Damaged(f"{name} is no file")
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            read += len(chunk)
            yield chunk
        if (read, digest.hexdigest()) != (size, expected):
            raise Damaged(f"{name} is damaged: its SHA-256 is not the one of the manifest")

    def save(self, name: str, target: Path) -> None:
        """Write a member to a new file that only we can read."""
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(target, "xb", opener=private) as file:
            for chunk in self.chunks(name):
                file.write(chunk)

    def _content(self, name: str) -> Any:
        source = self._tar.extractfile(self._found[name])
        if source is None:
            raise KeyError(name)
        return source.read()


def private(path: str, flags: int) -> int:
    """An opener for files that only we can read."""
    return os.open(path, flags, 0o600)
