"""What differs between two catalogues, clause by clause and word by word. Pure: content in, findings out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from klarfall.contracts.content import COLUMNS, RATE_COLUMNS

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
_WORDS = re.compile(r"\s*\S+")
Content = Mapping[str, Any]


@dataclass(frozen=True)
class Mark:
    """A stretch of text that stayed, came or went."""

    kind: str
    text: str


@dataclass(frozen=True)
class FieldChange:
    """A column that differs: texts as stretches, other values as one that went and one that came."""

    name: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Change:
    """A clause or a rate that came, went or changed; `before` and `after` hold its content (None: not there)."""

    kind: str
    key: str
    before: Content | None
    after: Content | None
    fields: tuple[FieldChange, ...] = ()

    @property
    def content(self) -> Content:
        """How it reads now, or how it read last."""
        found = self.after if self.after is not None else self.before
        return found or {}


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two versions."""

    items: tuple[Change, ...] = field(default=())
    rates: tuple[Change, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Do both say the same?"""
        return not (self.items or self.rates)

    def count(self, kind: str) -> int:
        """How many clauses were added, removed or changed."""
        return sum(one.kind == kind for one in self.items)


def compare(
    old_items: Sequence[Content],
    new_items: Sequence[Content],
    old_rates: Sequence[Content],
    new_rates: Sequence[Content],
) -> Comparison:
    """Compare two catalogues; clauses are the same by code, rates by kind of work. A new order alone is no change."""
    columns = (*COLUMNS, "products")
    return Comparison(
        items=tuple(_changes(old_items, new_items, "code", columns)),
        rates=tuple(_changes(old_rates, new_rates, "work_type", RATE_COLUMNS)),
    )


def _changes(old: Sequence[Content], new: Sequence[Content], key: str, columns: Sequence[str]) -> list[Change]:
    """In the order of the new catalogue; what went stands at the end."""
    before, after = ({str(one[key]): one for one in rows} for rows in (old, new))
    found = []
    for name, content in after.items():
        was = before.get(name)
        if was is None:
            found.append(Change(ADDED, name, None, content))
        elif differing := [column for column in columns if was[column] != content[column]]:
            fields = tuple(_field(column, was[column], content[column]) for column in differing)
            found.append(Change(CHANGED, name, was, content, fields))
    return found + [Change(REMOVED, name, content, None) for name, content in before.items() if name not in after]


def _field(name: str, old: Any, new: Any) -> FieldChange:
    if isinstance(old, str) and isinstance(new, str) and name not in ("outcome", "work_type", "clause", "currency"):
        return FieldChange(name, word_marks(old, new))
    marks = [Mark(kind, one) for kind, one in ((REMOVED, old), (ADDED, new)) if one not in (None, "", [])]
    return FieldChange(name, tuple(marks))


def word_marks(old: str, new: str) -> tuple[Mark, ...]:
    """Two texts as one row of stretches: without the added ones it is the old text, without the removed the new one."""
    before, after = _WORDS.findall(old.strip()), _WORDS.findall(new.strip())
    marks: list[Mark] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            marks.append(Mark(SAME, "".join(after[j1:j2])))
            continue
        if i2 > i1:
            marks.append(Mark(REMOVED, "".join(before[i1:i2])))
        if j2 > j1:
            marks.append(Mark(ADDED, "".join(after[j1:j2])))
    return tuple(marks)
