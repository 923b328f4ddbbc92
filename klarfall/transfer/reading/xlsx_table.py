"""Reads the first visible sheet of an XLSX file in constant memory, refusing what could only do harm.

Written for files from outside: whatever a part of the archive says, nothing is expanded beyond a limit, document type
definitions are refused before anything comes of them, formulas are never computed (the value that the spreadsheet
program stored counts), links and macros are not looked at.
"""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO
from xml.parsers.expat import ExpatError

from django.utils.translation import gettext as _

from klarfall.transfer.reading.lines import MAX_CELL, MAX_COLUMNS, Line, Unreadable
from klarfall.transfer.reading.xlsx_parts import Formats, Relations, SharedTexts, SheetRows, Sheets, read_part

#: Bytes that all parts together may have, and the one with the texts, which is kept in memory.
MAX_UNPACKED = 300 * 1024 * 1024
MAX_TEXTS = 64 * 1024 * 1024
_MAX_PARTS = 1_000
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
_LAST_DAY = 2_958_465  # 31.12.9999


@dataclass(frozen=True, slots=True)
class _Book:
    """What the cells of a sheet refer to."""

    texts: list[str]
    dates: set[int]
    from_1904: bool


def lines_of(file: IO[bytes]) -> Iterator[Line]:
    """Yields the lines that have something in them; raises Unreadable where the file is damaged or hostile."""
    try:
        with zipfile.ZipFile(file) as archive:
            _check(archive)
            sheets = read_part(archive, _WORKBOOK, Sheets())
            relations = read_part(archive, _RELATIONS, Relations()).targets
            book = _book(archive, sheets)
            with archive.open(_part_of(sheets.first, relations)) as part:
                yield from _lines(part, book)
    except (zipfile.BadZipFile, zlib.error, KeyError, ExpatError, EOFError, OSError, ValueError, RuntimeError):
        words = _("This file is damaged or no XLSX. Please save it anew as “Excel workbook (.xlsx)” or as CSV.")
        raise Unreadable(words) from None


def _check(archive: zipfile.ZipFile) -> None:
    """What the archive says about itself; each part is counted once more while it is read."""
    parts = archive.infolist()
    if any(part.compress_type not in _PACKED for part in parts):  # other methods unpack without a bound
        raise zipfile.BadZipFile
    if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        words = _("Unpacked, this file has more than %(most)s MB. Please save only the sheet with the table.")
        raise Unreadable(words % {"most": MAX_UNPACKED >> 20})


def _book(archive: zipfile.ZipFile, sheets: Sheets) -> _Book:
    names = set(archive.namelist())
    texts, dates = SharedTexts(), Formats()
    if "xl/sharedStrings.xml" in names:
        read_part(archive, "xl/sharedStrings.xml", texts, most=MAX_TEXTS)
    if "xl/styles.xml" in names:
        read_part(archive, "xl/styles.xml", dates)
    return _Book(texts.texts, dates.dates, sheets.from_1904)


def _part_of(relation: str, relations: dict[str, str]) -> str:
    target = relations.get(relation, "")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _lines(part: IO[bytes], book: _Book) -> Iterator[Line]:
    rows = SheetRows(MAX_COLUMNS, MAX_CELL)
    for number, cells in rows.read(part, MAX_UNPACKED):
        texts = [_text(cell, book, number) for cell in cells]
        if any(texts):
            yield Line(number, tuple(texts))


def _text(cell: tuple[str, str, int, bool], book: _Book, number: int) -> str:
    """The text of a cell as its type, style and stored value say."""
    kind, value, style, formula = cell
    if formula and not value:
        words = _("Line %(line)s holds a formula without a value. Please paste the values only and save once more.")
        raise Unreadable(words % {"line": number})
    try:
        match kind:
            case "s":
                return book.texts[int(value)].strip()
            case "b":
                return {"1": "TRUE", "0": "FALSE"}.get(value, value)
            case "d":
                return value.partition("T")[0]
            case "n" | "" if value:
                return _number(float(value), is_date=style in book.dates, from_1904=book.from_1904)
    except (ValueError, IndexError, OverflowError):
        raise Unreadable(_("Line %(line)s is damaged.") % {"line": number}) from None
    return value.strip()


def _number(value: float, *, is_date: bool, from_1904: bool) -> str:
    """A number as people write it: `10023`, `49.9`; a day as `2026-11-24`."""
    if is_date and 0 <= value <= _LAST_DAY:
        return f"{_EPOCHS[from_1904] + timedelta(days=int(value)):%Y-%m-%d}"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.10f}".rstrip("0").rstrip(".")  # noqa: PLR2004
