"""Which characters our typeface can show: what it cannot would stop a whole document (PDF/UA and PDF/A forbid gaps)."""

import struct
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = "font_source_sans_pro"
_UNICODE_PLATFORMS = {(0, 3), (0, 4), (3, 1), (3, 10)}
_SEGMENTS, _GROUPS = 4, 12  # the two formats of a character map that fonts of today use
#: Stands for a character that the typeface lacks: it says that there was one.
SUBSTITUTE = "\u25a1"


class TypefaceMissing(Exception):
    """The package with the typeface is not installed."""


def folder() -> Path:
    """The folder with the files of the typeface; found without importing the package."""
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise TypefaceMissing(_PACKAGE)
    return Path(found.origin).parent / "files"


def shown(text: str) -> str:
    """The text with a box in place of every character that the typeface lacks."""
    known = _characters()
    return "".join(sign if ord(sign) in known or sign in "\n\t" else SUBSTITUTE for sign in text)


@cache
def _characters() -> frozenset[int]:
    """Code points of the upright typeface, from its character map (OpenType, table `cmap`)."""
    font = (folder() / "SourceSansPro-Regular.otf").read_bytes()
    (count,) = struct.unpack_from(">H", font, 4)
    tables = (struct.unpack_from(">4sIII", font, 12 + 16 * index) for index in range(count))
    start = next(offset for tag, _sum, offset, _length in tables if tag == b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for index in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", font, start + 4 + 8 * index)
        if (platform, encoding) in _UNICODE_PLATFORMS:
            found.update(_mapped(font, start + offset))
    return frozenset(found)


def _mapped(font: bytes, at: int) -> Iterator[int]:
    """Code points of one subtable; other formats than the two usual ones give none."""
    (kind,) = struct.unpack_from(">H", font, at)
    if kind == _SEGMENTS:
        (double,) = struct.unpack_from(">H", font, at + 6)
        ends = struct.unpack_from(f">{double // 2}H", font, at + 14)
        starts = struct.unpack_from(f">{double // 2}H", font, at + 16 + double)
        for first, last in zip(starts, ends, strict=True):
            yield from range(first, min(last, 0xFFFE) + 1)
    elif kind == _GROUPS:
        (count,) = struct.unpack_from(">I", font, at + 12)
        for index in range(count):
            first, last, _glyph = struct.unpack_from(">III", font, at + 16 + 12 * index)
            yield from range(first, last + 1)
