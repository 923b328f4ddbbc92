"""The parts of an XLSX file, each read piece by piece by a parser that refuses document type definitions."""

import re
import zipfile
from collections.abc import Iterator
from typing import IO, TypeVar
from xml.parsers.expat import ParserCreate

from django.utils.translation import gettext as _

from klarfall.transfer.reading.lines import MAX_CELL, Unreadable

_PIECE = 1 << 16
_MAX_PART = 16 * 1024 * 1024
_MAX_ROW = 1_048_576
_MAX_FORMAT = 255  # signs, as in spreadsheet programs
#: Numbers of built-in formats that are days; those in between are of other countries.
_BUILT_IN_DATES = {*range(14, 18), 22, *range(27, 37), *range(50, 59)}
_NOT_MEANT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_LETTERS = re.compile(r"([A-Z]{1,3})[0-9]+\Z")

Cell = tuple[str, str, int, bool]


class Part:
    """A handler of one part: `start` and `end` of elements by their names without namespace, `text` in between."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Text between two elements."""


P = TypeVar("P", bound=Part)


def read_part(archive: zipfile.ZipFile, name: str, handler: P, *, most: int = _MAX_PART) -> P:
    """Feed a part to its handler and return that; KeyError where there is none, Unreadable beyond `most` bytes."""
    with archive.open(name) as part:
        for _piece in pieces(part, handler, most):
            pass
    return handler


def pieces(part: IO[bytes], handler: Part, most: int) -> Iterator[None]:
    """Feed a part piece by piece; the caller may take what the handler collected after each."""
    parser = ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, found: handler.start(_local(name), found)
    parser.EndElementHandler = lambda name: handler.end(_local(name))
    parser.CharacterDataHandler = handler.text
    done = 0
    while piece := part.read(_PIECE):
        done += len(piece)
        if done > most:
            words = _("Unpacked, a part of this file has more than %(most)s MB. Please save the table as CSV.")
            raise Unreadable(words % {"most": most >> 20})
        parser.Parse(piece, False)
        yield
    parser.Parse(b"", True)
    yield


def _refuse(*_declared: object) -> None:
    raise Unreadable(_("This file declares entities, as no spreadsheet program does. It is not read."))


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _plain(attributes: dict[str, str]) -> dict[str, str]:
    return {_local(name): value for name, value in attributes.items()}


class Sheets(Part):
    """The workbook: the relation of its first visible sheet, and from when its days count."""

    def __init__(self) -> None:
        self.first, self.from_1904 = "", False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            self.from_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet" and not self.first:
            found = _plain(attributes)
            if found.get("state", "visible") == "visible":
                self.first = found.get("id", "")


class Relations(Part):
    """Which part belongs to which relation; links to the outside are left out."""

    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")


class SharedTexts(Part):
    """The texts that cells share, in order; the phonetic reading of a text is no part of it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._now: list[str] = []
        self._signs = 0
        self._inside = self._aside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._now, self._signs = [], 0
        self._inside = name == "t" and not self._aside
        self._aside = self._aside or name == "rPh"

    def end(self, name: str) -> None:
        self._inside = False
        if name == "rPh":
            self._aside = False
        elif name == "si":
            self.texts.append("".join(self._now))

    def text(self, text: str) -> None:
        if not self._inside:
            return
        self._signs += len(text)
        if self._signs > MAX_CELL:  # one text may stand in every cell
            raise Unreadable(_("A text in this file has more than %(most)s signs.") % {"most": MAX_CELL})
        self._now.append(text)


class Formats(Part):
    """The numbers of the styles in which a number is a day."""

    def __init__(self) -> None:
        self.dates: set[int] = set()
        self._own: set[int] = set()
        self._seen, self._in_cells = 0, False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            plain = _NOT_MEANT.sub("", attributes.get("formatCode", "")[:_MAX_FORMAT]).lower()
            if "y" in plain or "d" in plain or "j" in plain:
                self._own.add(_int(attributes.get("numFmtId", "")))
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            chosen = _int(attributes.get("numFmtId", "0"))
            if chosen in self._own or chosen in _BUILT_IN_DATES:
                self.dates.add(self._seen)
            self._seen += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False


def _int(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else -1  # noqa: PLR2004


class SheetRows(Part):
    """The rows of a sheet, handed out as they come: number, and the cells: type, value, style, is it a formula."""

    def __init__(self, most_columns: int, most_signs: int) -> None:
        self._most_columns, self._most_signs = most_columns, most_signs
        self._ready: list[tuple[int, list[Cell]]] = []
        self._row: list[Cell] = []
        self._number = self._column = self._style = self._signs = 0
        self._kind, self._formula, self._inside, self._aside = "", False, False, False
        self._value: list[str] = []

    def read(self, part: IO[bytes], most: int) -> Iterator[tuple[int, list[Cell]]]:
        """Yields the rows; refuses more bytes than `most`."""
        for _piece in pieces(part, self, most):
            yield from self._ready
            self._ready.clear()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "v" | "t":
                self._inside = not self._aside
            case "c":
                self._begin_cell(attributes)
            case "row":
                told = _int(attributes.get("r", ""))
                self._number = told if told > self._number else self._number + 1
                self._row, self._column = [], 0
                if self._number > _MAX_ROW:
                    raise Unreadable(_("The sheet has more rows than a spreadsheet program knows."))
            case "f":
                self._formula = True
            case "rPh":
                self._aside = True

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        found = _LETTERS.match(attributes.get("r", ""))
        self._column = _column(found[1]) if found else self._column + 1
        self._kind, self._style = attributes.get("t", ""), _int(attributes.get("s", "0"))
        self._value, self._signs, self._formula = [], 0, False

    def end(self, name: str) -> None:
        match name:
            case "v" | "t":
                self._inside = False
            case "c":
                self._end_cell()
            case "row" if self._row:
                self._ready.append((self._number, self._row))
                self._row = []
            case "rPh":
                self._aside = False

    def _end_cell(self) -> None:
        if self._kind == "str":
            self._formula = False  # computed, be it to nothing
        if not self._value and not self._formula:
            return
        if self._column > self._most_columns:
            words = _("Line %(line)s has more than %(most)s columns.")
            raise Unreadable(words % {"line": self._number, "most": self._most_columns})
        empty: Cell = ("", "", 0, False)
        self._row.extend([empty] * (self._column - len(self._row)))
        # Two cells of one address: the later one counts, as in spreadsheet programs.
        self._row[self._column - 1] = (self._kind, "".join(self._value), self._style, self._formula)

    def text(self, text: str) -> None:
        if not self._inside:
            return
        self._signs += len(text)
        if self._signs > self._most_signs:
            words = _("A cell in line %(line)s holds more than %(most)s signs.")
            raise Unreadable(words % {"line": self._number, "most": self._most_signs})
        self._value.append(text)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
