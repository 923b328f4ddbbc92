"""What both readers give: numbered lines of plain texts; and how a table is refused that cannot be read."""

from dataclasses import dataclass

from klarfall.core.action import Refused

MAX_BYTES = 25 * 1024 * 1024
#: Lines with something in them, without the heading.
MAX_LINES = 200_000
MAX_COLUMNS = 100
#: Signs in a cell; longer than anything that belongs into one of our columns.
MAX_CELL = 10_000


class Unreadable(Refused):
    """The file as a whole cannot be read as a table; says what to do."""

    code = "unreadable"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its number as the spreadsheet program counts (from 1), and its cells as texts."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not any(self.cells)
