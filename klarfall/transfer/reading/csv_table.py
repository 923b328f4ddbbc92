"""Reads CSV: UTF-8 with or without mark, UTF-16 with mark, Windows-1252; semicolon, comma or tab."""

import csv
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext as _

from klarfall.transfer.reading.lines import MAX_CELL, MAX_COLUMNS, Line, Unreadable

_SEPARATORS = (";", ",", "\t")
_PART = 1 << 16
_HEAD = 1 << 14


def lines_of(file: IO[bytes]) -> Iterator[Line]:
    """Yields the lines of a CSV file; raises Unreadable where it is none, naming the line."""
    encoding = _encoding(file)
    file.seek(0)
    head = file.read(_HEAD).decode(encoding, "ignore").lstrip("\ufeff")
    separator, told = _separator(head)
    file.seek(0)
    rows = csv.reader(_texts(file, encoding), delimiter=separator)
    number = 1
    while True:
        try:
            cells = next(rows, None)
        except csv.Error:
            words = _("Line %(line)s cannot be read. Perhaps a quotation mark is opened there and never closed.")
            raise Unreadable(words % {"line": number}) from None
        if cells is None:
            return
        if not (told and number == 1):
            yield Line(number, _checked(cells, number))
        number = rows.line_num + 1


def _checked(cells: list[str], number: int) -> tuple[str, ...]:
    if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
        words = _("Line %(line)s has more than %(most)s columns.")
        raise Unreadable(words % {"line": number, "most": MAX_COLUMNS})
    if any(len(cell) > MAX_CELL for cell in cells):
        words = _("A cell in line %(line)s holds more than %(most)s signs. Perhaps a quotation mark is not closed.")
        raise Unreadable(words % {"line": number, "most": MAX_CELL})
    return tuple(cell.strip() for cell in cells[:MAX_COLUMNS])


def _encoding(file: IO[bytes]) -> str:
    """The encoding in which the whole file can be read; bytes that are no text are refused."""
    file.seek(0)
    head = file.read(4)
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(BOM_UTF8):
        return "utf-8-sig"
    for encoding in ("utf-8", "cp1252"):
        if _can_be(file, encoding):
            return encoding
    raise Unreadable(_("This is no text that we can read. Please save the table as “CSV UTF-8” or as XLSX."))


def _can_be(file: IO[bytes], encoding: str) -> bool:
    file.seek(0)
    decoder = getincrementaldecoder(encoding)()
    try:
        while part := file.read(_PART):
            if b"\0" in part:
                return False
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(head: str) -> tuple[str, bool]:
    """What parts the cells of the first line; and whether that line only says so (`sep=;`, for Excel)."""
    first = head.splitlines()[0] if head.strip() else ""
    if first.lower().startswith("sep=") and first[4:5] in _SEPARATORS:
        return first[4], True
    unquoted = "".join(first.split('"')[::2])
    return max(_SEPARATORS, key=unquoted.count), False


def _texts(file: IO[bytes], encoding: str) -> Iterator[str]:
    """The file as lines of text; no line is ever longer than a cell may be, times the columns."""
    decoder: Any = getincrementaldecoder(encoding)()
    rest = ""
    while part := file.read(_PART):
        try:
            rest += decoder.decode(part)
        except UnicodeDecodeError:
            raise Unreadable(_("The file is damaged: some of its bytes are no text.")) from None
        # A return at the very end may be the first half of a line end.
        body, tail = (rest[:-1], "\r") if rest.endswith("\r") else (rest, "")
        *whole, rest = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        rest += tail
        for line in whole:
            yield f"{line}\n"
        if len(rest) > MAX_CELL * MAX_COLUMNS:
            raise Unreadable(_("The file has no lines. Please save the table as “CSV UTF-8” or as XLSX."))
    if rest:
        yield rest
