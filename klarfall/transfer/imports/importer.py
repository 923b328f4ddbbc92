"""What all four imports have in common: judge a chunk of rows against the house, then write what was judged."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from klarfall.transfer.imports.cells import Wrong
from klarfall.transfer.imports.rows import Row
from klarfall.transfer.models import ImportRun

M = TypeVar("M", bound=Model)


class Outcome(Enum):
    """What becomes of a row; the value is the counter of the run."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"


@dataclass(slots=True)
class Plan:
    """A row with what becomes of it; `thing` is what its importer needs to write it."""

    row: Row
    outcome: Outcome
    thing: Any = None
    wrong: Wrong | None = None


class Importer:
    """One kind of table. Rows come in the order of the file: `note` each, then `judged` and `write` chunk by chunk.

    What is judged is only read; `write` runs in the transaction and with the sight of its caller. Nothing is deleted.
    """

    kind: ClassVar[str]

    def __init__(self, run: ImportRun, now: datetime, *, writing: bool) -> None:
        self.run, self.now, self.writing = run, now, writing
        self._lines: dict[tuple[str, ...], int] = {}

    def note(self, row: Row) -> None:
        """Remember what the row says for those behind it; a second row of the same key is wrong."""
        if row.wrong is not None:
            return
        first = self._lines.setdefault(self.key(row), row.line)
        if first != row.line:
            row.wrong = Wrong(_("The same stands in line %(line)s already.") % {"line": first})

    def judged(self, rows: Iterable[Row]) -> list[Plan]:
        """What becomes of these rows, one plan for each."""
        rows = list(rows)
        self.look_up([row for row in rows if row.wrong is None])
        return [self._plan(row) for row in rows]

    def _plan(self, row: Row) -> Plan:
        if row.wrong is not None:
            return Plan(row, Outcome.SKIPPED, wrong=row.wrong)
        try:
            return self.judge(row)
        except Wrong as problem:
            return Plan(row, Outcome.SKIPPED, wrong=problem)

    def rows(self, found: QuerySet[M]) -> QuerySet[M]:
        """Rows that may be changed: locked while writing, so that nobody changes them in between."""
        return found.select_for_update(of=("self",)) if self.writing else found

    def key(self, row: Row) -> tuple[str, ...]:
        """What must not come twice in one table."""
        raise NotImplementedError

    def look_up(self, rows: list[Row]) -> None:
        """Read everything that these rows are about, in a few statements."""
        raise NotImplementedError

    def judge(self, row: Row) -> Plan:
        """What becomes of a row; raises Wrong."""
        raise NotImplementedError

    def write(self, plans: list[Plan]) -> None:
        """Write plans that were judged in this transaction."""
        raise NotImplementedError


def required(row: Row, *names: str) -> None:
    """Raise Wrong unless the row says these things, which something new must have."""
    for name in names:
        if name not in row.values:
            raise Wrong(_("Something new needs this."), name)
