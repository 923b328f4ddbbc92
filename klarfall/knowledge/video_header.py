"""How long and how large a video is, read from the first structures of MP4 and WebM files; nothing is decoded. Pure."""

import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

#: Structures that are looked at before we give up: real files have a handful per level.
_MOST_PARTS = 2_000
_HEAD = 64
_MOVIE, _TRACK = b"moov", b"trak"
_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"MSNV")
# Elements of WebM (EBML ids).
_EBML, _SEGMENT, _INFO, _TRACKS, _ENTRY, _PICTURE = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0
_CLUSTER, _SCALE, _DURATION, _WIDTH, _HEIGHT = 0x1F43B675, 0x2AD7B1, 0x4489, 0xB0, 0xBA
_NANOSECONDS = 1_000_000_000
_LARGEST_SIDE, _LONGEST = 16_384, 24 * 3600


@dataclass(frozen=True, slots=True)
class Header:
    """What a player shows before it plays; None where the file does not say it."""

    duration: int | None = None
    width: int | None = None
    height: int | None = None


def content_type(head: bytes) -> str | None:
    """The type of a video by its first bytes: MP4 or WebM, else None."""
    if head[4:8] == b"ftyp" and head[8:12] in _BRANDS:
        return "video/mp4"
    if head.startswith(_EBML.to_bytes(4, "big")) and b"webm" in head[:_HEAD]:
        return "video/webm"
    return None


def header(file: IO[bytes], kind: str) -> Header:
    """Length and size of a video of a type that `content_type` knows; damaged structures say nothing."""
    found: dict[str, float] = {}
    with suppress(struct.error, ValueError, OverflowError):
        (_read_mp4 if kind == "video/mp4" else _read_webm)(file, found)
    seconds = found.get("duration", 0)
    width, height = int(found.get("width", 0)), int(found.get("height", 0))
    fits = 0 < width <= _LARGEST_SIDE and 0 < height <= _LARGEST_SIDE
    return Header(
        round(seconds) or 1 if 0 < seconds <= _LONGEST else None, width if fits else None, height if fits else None
    )


def _read_mp4(file: IO[bytes], found: dict[str, float]) -> None:
    for name, start, end in _boxes(file, 0, file.seek(0, os.SEEK_END)):
        if name != _MOVIE:
            continue
        for inner, first, last in _boxes(file, start, end):
            if inner == b"mvhd":
                scale, units = _times(_at(file, first, 32))
                found["duration"] = units / scale if scale else 0
            elif inner == _TRACK:
                _read_track(file, first, last, found)


def _read_track(file: IO[bytes], start: int, end: int, found: dict[str, float]) -> None:
    for name, _first, last in _boxes(file, start, end):
        if name == b"tkhd":
            width, height = struct.unpack(">II", _at(file, last - 8, 8))
            if width and height:  # of the picture; that of a sound is 0
                found["width"], found["height"] = width >> 16, height >> 16


def _boxes(file: IO[bytes], start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, beginning and end of the content of each box."""
    for _count in range(_MOST_PARTS):
        if start + 8 > end:
            return
        size, name = struct.unpack(">I4s", _at(file, start, 8))
        content = start + 8
        if size == 1:
            size, content = struct.unpack(">Q", _at(file, content, 8))[0], content + 8
        stop = end if size == 0 else start + size
        if stop <= start or stop > end or stop < content:
            return
        yield name, content, stop
        start = stop


def _times(box: bytes) -> tuple[int, int]:
    """Units a second and the length in them, of an mvhd box of version 0 or 1."""
    found: tuple[int, int] = struct.unpack(">IQ", box[20:32]) if box[0] == 1 else struct.unpack(">II", box[12:20])
    return found


def _read_webm(file: IO[bytes], found: dict[str, float]) -> None:
    scale, units = 1_000_000, 0.0
    for segment, start, end in _elements(file, 0, file.seek(0, os.SEEK_END)):
        if segment != _SEGMENT:
            continue
        for name, first, last in _elements(file, start, end):
            if name == _CLUSTER:
                break
            for inner, one, stop in _elements(file, first, last) if name in (_INFO, _TRACKS) else ():
                if inner == _SCALE:
                    scale = _number(_at(file, one, stop - one))
                elif inner == _DURATION:
                    units = _float(_at(file, one, stop - one))
                elif inner == _ENTRY:
                    _read_entry(file, one, stop, found)
    found["duration"] = units * scale / _NANOSECONDS


def _read_entry(file: IO[bytes], start: int, end: int, found: dict[str, float]) -> None:
    for name, first, last in _elements(file, start, end):
        if name == _PICTURE:
            for inner, one, stop in _elements(file, first, last):
                if inner in (_WIDTH, _HEIGHT):
                    found["width" if inner == _WIDTH else "height"] = _number(_at(file, one, min(8, stop - one)))


def _elements(file: IO[bytes], start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Id, beginning and end of the content of each element."""
    for _count in range(_MOST_PARTS):
        if start >= end:
            return
        head = _at(file, start, min(12, end - start))
        name, used = _varint(head, keep_marker=True)
        size, more = _varint(head[used:], keep_marker=False)
        content = start + used + more
        unknown = size == (1 << 7 * more) - 1
        stop = end if unknown else content + size
        if stop > end or stop < content:
            stop = end
        yield name, content, stop
        start = stop


def _varint(head: bytes, *, keep_marker: bool) -> tuple[int, int]:
    length = 9 - head[0].bit_length() if head and head[0] else 0
    if not 1 <= length <= len(head):
        raise ValueError("no EBML number")
    value = int.from_bytes(head[:length], "big")
    return (value if keep_marker else value - (1 << 7 * length)), length


def _number(content: bytes) -> int:
    return int.from_bytes(content[:8], "big")


def _float(content: bytes) -> float:
    value: float = struct.unpack(">f" if len(content) == 4 else ">d", content)[0]  # noqa: PLR2004 - bytes of a number
    return value


def _at(file: IO[bytes], place: int, size: int) -> bytes:
    if place < 0 or size < 0:
        raise ValueError("a part outside of the file")
    file.seek(place)
    return file.read(min(size, 1 << 10))
