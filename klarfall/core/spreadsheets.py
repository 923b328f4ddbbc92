"""Tables as CSV that a German Excel opens right, and in which no cell can become a formula."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any, TextIO

from django.utils import timezone

#: What a spreadsheet takes for the beginning of a formula; the full-width forms too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Excel reads UTF-8 only behind this mark.
MARK = "\ufeff"

Cell = str | int | Decimal | date | datetime | None


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Returns the file: UTF-8 with mark, semicolons, CRLF; the same cells give the same bytes."""
    target = StringIO(newline="")
    rows_to = writer(target)
    rows_to.writerow([written(column) for column in columns])
    for row in rows:
        rows_to.writerow([written(cell) for cell in row])
    return (MARK + target.getvalue()).encode("utf-8")


def writer(target: TextIO) -> Any:
    """Returns a writer of rows with semicolons and CRLF; MARK and the form of the cells are the caller's."""
    return csv.writer(target, delimiter=";", lineterminator="\r\n")


def written(cell: Cell) -> str:
    """Returns a cell as text: `1234,50`, `24.11.2026`, `24.11.2026 09:58` in the active zone; None is empty.

    Numbers keep their sign; a text that could be taken for a formula gets an apostrophe before it.
    """
    match cell:
        case None:
            return ""
        case bool():
            raise TypeError("a truth value has no form of its own: write a word")
        case Decimal():
            return f"{cell:f}".replace(".", ",")
        case int():
            return str(cell)
        case datetime():
            return f"{timezone.localtime(cell):%d.%m.%Y %H:%M}"
        case date():
            return f"{cell:%d.%m.%Y}"
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(_FORMULA) else cell
