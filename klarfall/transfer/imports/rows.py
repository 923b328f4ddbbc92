"""From lines of a table to rows with meaning: which column is which, and what the cells of a line say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from klarfall.transfer.imports.cells import EMPTY_IT, Wrong, plain
from klarfall.transfer.imports.columns import COLUMNS, Column
from klarfall.transfer.reading.lines import Line, Unreadable
from klarfall.transfer.reading.tables import Table

_NO_LETTER = re.compile(r"[^0-9a-z]+")
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_MOST_UNKNOWN = 20


@dataclass(slots=True)
class Row:
    """A line that was understood: what stands in it by the names of columns; what is left empty is missing.

    `wrong` says why it could not be understood; then `values` does not count.
    """

    line: int
    values: dict[str, Any]
    texts: dict[str, str]
    wrong: Wrong | None = None


@dataclass(frozen=True)
class Heading:
    """Which cell of a line belongs to which column, and headings that we do not know."""

    columns: dict[int, Column]
    unknown: list[str]


def heading_of(kind: str, line: Line) -> Heading:
    """Find the columns by German or English headings; raises Unreadable where one is missing or there twice."""
    names = {_folded(name): one for one in COLUMNS[kind] for name in (one.de, one.en, one.name)}
    found: dict[int, Column] = {}
    unknown = []
    for place, text in enumerate(line.cells):
        column = names.get(_folded(text))
        if column is None:
            unknown += [text[:60]] if text else []
        elif column in found.values():
            raise Unreadable(_("The column “%(name)s” is there twice.") % {"name": text[:60]})
        else:
            found[place] = column
    missing = [one for one in COLUMNS[kind] if one.needed and one not in found.values()]
    if missing:
        names_of = ", ".join(f"“{one.de}” / “{one.en}”" for one in missing)
        words = _("The first line has to hold the headings. Missing: %(names)s. A template shows them all.")
        raise Unreadable(words % {"names": names_of})
    return Heading(found, unknown[:_MOST_UNKNOWN])


def _folded(text: str) -> str:
    return _NO_LETTER.sub("", text.lower().translate(_FOLD))


def rows_of(table: Table, heading: Heading) -> Iterator[Row]:
    """Yields a row for every line of the table, in their order."""
    for line in table.lines:
        yield _row(line, heading)


def _row(line: Line, heading: Heading) -> Row:
    row = Row(line.number, {}, {})
    for place, column in heading.columns.items():
        text = line.cells[place] if place < len(line.cells) else ""
        row.texts[column.name] = text
        try:
            _read(text, column, row.values)
        except Wrong as problem:
            row.wrong = Wrong(problem.reason, column.name)
            break
    return row


def _read(text: str, column: Column, values: dict[str, Any]) -> None:
    """Put what a cell means into `values`; an empty one leaves things as they are."""
    text = plain(text)
    if not text:
        if column.needed:
            raise Wrong(_("This must not be empty."))
        return
    if text == EMPTY_IT:
        if not column.may_be_emptied:
            raise Wrong(_("This cannot be emptied."))
        values[column.name] = column.empty
        return
    values[column.name] = column.read(text)
