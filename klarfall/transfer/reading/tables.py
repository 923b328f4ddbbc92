"""Opens a table from outside by what is in it, whatever it is called: its heading and its lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from klarfall.transfer.reading import csv_table, xlsx_table
from klarfall.transfer.reading.lines import MAX_LINES, Line, Unreadable

#: A line whose first cell begins so is a remark, as in our templates.
REMARK = "#"
_ARCHIVE = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_PDF = b"%PDF"


@dataclass(frozen=True, slots=True)
class Table:
    """The heading and the lines below it that have something in them, remarks left out."""

    heading: Line
    lines: Iterator[Line]


def open_table(file: IO[bytes]) -> Table:
    """Returns the table of a file that can be sought; raises Unreadable, at the latest while lines are taken."""
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if head.startswith((_OLD_OFFICE, _PDF)):
        words = _("This is an old, protected or quite different kind of file. Please save the table as XLSX or CSV.")
        raise Unreadable(words)
    found = xlsx_table.lines_of(file) if head.startswith(_ARCHIVE) else csv_table.lines_of(file)
    lines = (line for line in found if not line.is_empty and not line.cells[0].startswith(REMARK))
    heading = next(lines, None)
    if heading is None:
        raise Unreadable(_("The file is empty."))
    return Table(heading, _counted(lines))


def _counted(lines: Iterator[Line]) -> Iterator[Line]:
    for count, line in enumerate(lines, start=1):
        if count > MAX_LINES:
            words = _("The table has more than %(most)s lines. Please divide it; the order does not matter.")
            raise Unreadable(words % {"most": MAX_LINES})
        yield line
