"""Machinery of the status tables: a row of a table moves one row of the database.

The tables stand in `workflow.py` of tickets and billing. `move` is the only writer of a status;
PostgreSQL refuses every other change through a trigger made from the same tables
(`row_security.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from klarfall.core.action import Refused


@dataclass(frozen=True)
class Transition:
    """One row: from which states, to which, who may; and what the clock does afterwards."""

    sources: frozenset[str]
    target: str
    permission: str
    #: "runs", "paused" or "stopped"; empty leaves the clock alone.
    clock: str = ""


@dataclass(frozen=True)
class Machine:
    """The table of one model's status."""

    model: str
    initial: frozenset[str]
    transitions: Mapping[str, Transition]

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """Every allowed (from, to)."""
        return {(s, row.target) for row in self.transitions.values() for s in row.sources}


class TransitionNotAllowed(Refused):
    """The status does not allow this step (any more); nothing was changed."""

    code = "transition_not_allowed"

    def __init__(self, name: str, status: str) -> None:
        super().__init__(_("This is no longer possible: the state has changed meanwhile. Please reload the page."))
        self.name, self.status = name, status


def row(sources: Any, target: str, permission: str, clock: str = "") -> Transition:
    """Shorthand for a table row; `sources` is one status or several."""
    names = {sources} if isinstance(sources, str) else set(sources)
    return Transition(frozenset(map(str, names)), str(target), permission, clock)


def move(machine: Machine, subject: models.Model, name: str, **fields: Any) -> tuple[str, str]:
    """Set the status of a locked row along one row of the table; returns (old, new).

    `fields` are saved in the same UPDATE. Raises TransitionNotAllowed when the row's status is
    no source of the step. The caller has locked the row and checked the permission.
    """
    step = machine.transitions[name]
    old: str = subject.status  # type: ignore[attr-defined]
    if old not in step.sources:
        raise TransitionNotAllowed(name, old)
    subject.status = step.target  # type: ignore[attr-defined]
    for field, value in fields.items():
        setattr(subject, field, value)
    subject.save(update_fields=["status", *fields])
    return old, step.target


def move_all(machine: Machine, rows: models.QuerySet[Any], name: str) -> int:
    """Set the status of many rows at once along one row of the table; returns how many were in a source state.

    Rows in another state stay as they are. The guard of PostgreSQL looks at each row as it does for `move`.
    """
    step = machine.transitions[name]
    return rows.filter(status__in=step.sources).update(status=step.target)
