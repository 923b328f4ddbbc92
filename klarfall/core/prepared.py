"""Querysets that are built and compiled once per process; from then on only their values change.

Building and compiling a queryset with joins and subqueries costs Python several times what PostgreSQL needs to
answer it. A function marked `@prepared` describes the rows once; calling it sends the finished statement:

    @prepared
    def _rows_of(*, number: int) -> QuerySet[Any]:
        return Ticket.objects.select_related("customer").filter(number=number)

    rows = _rows_of(number=1837)  # a list

Keyword arguments are values: numbers, instants, texts or lists of them. They stay parameters of the statement.
Positional arguments choose between statements. Everything else in the function is constant and is written into the
statement as a literal, so that PostgreSQL can match it with partial indexes and keep one plan (`prepare_threshold`).
"""

import re
from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, NamedTuple, ParamSpec

from django.db import connection
from django.db.models import QuerySet
from psycopg import sql

from klarfall.core.isolation import current_viewer

P = ParamSpec("P")

#: Stand-ins that mark where a value goes; no constant of a statement may equal one.
_FIRST_NUMBER = 2_147_000_000
_FIRST_INSTANT = datetime(1, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
_PLACEHOLDERS = re.compile(r"%%|%s")


class _Hole(NamedTuple):
    """Where a value goes: its position among all values, and the type in which Django hands it to the driver."""

    position: int
    wrap: Callable[[Any], Any] | None


class _Statement:
    """A compiled queryset. `run` executes it with other values and builds its rows as the queryset would."""

    def __init__(self, rows: QuerySet[Any], stand_ins: list[Any]) -> None:
        if rows._prefetch_related_lookups:  # type: ignore[attr-defined]
            raise TypeError("a prepared queryset cannot prefetch")
        self._rows = rows
        self._compiler = rows.query.get_compiler(rows.db)
        text, parameters = self._compiler.as_sql()
        self._sql, self._holes = _with_literals(text, parameters, stand_ins)
        if {hole.position for hole in self._holes} != set(range(len(stand_ins))):
            raise TypeError("every value of a prepared queryset must reach its statement")
        columns = [column for column, *_rest in self._compiler.select[: self._compiler.col_count]]
        self._converters = self._compiler.get_converters(columns)

    def run(self, values: list[Any]) -> list[Any]:
        """The rows for these values."""
        parameters = tuple(
            values[hole.position] if hole.wrap is None else hole.wrap(values[hole.position]) for hole in self._holes
        )
        compiler: Any = copy(self._compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_args, **_options: (self._sql, parameters)
        compiler.get_converters = lambda _columns: self._converters
        query: Any = copy(self._rows.query)
        query.get_compiler = lambda *_args, **_options: compiler
        rows: Any = type(self._rows)(self._rows.model, query=query, using=self._rows.db)
        rows._iterable_class, rows._fields = self._rows._iterable_class, self._rows._fields  # type: ignore[attr-defined]
        return list(rows)


def prepared(build: Callable[P, QuerySet[Any]]) -> Callable[P, list[Any]]:
    """Compile what `build` describes once per choice; calls return the list of its rows.

    Only for viewers who see every row: what contacts see is part of the statement itself, so theirs is built anew.
    """
    statements: dict[Any, _Statement] = {}

    @wraps(build)
    def rows(*choice: P.args, **values: P.kwargs) -> list[Any]:
        viewer = current_viewer()
        if viewer is None or not viewer.sees_everything:
            return list(build(*choice, **values))
        names = sorted(values)
        key = (choice, *((name, _length(values[name])) for name in names))
        if key not in statements:
            stand_ins = _stand_ins([values[name] for name in names])
            described = build(*choice, **dict(zip(names, stand_ins, strict=True)))
            statements[key] = _Statement(described, _flat(stand_ins))
        return statements[key].run(_flat([values[name] for name in names]))

    return rows


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, list) else None


def _flat(values: list[Any]) -> list[Any]:
    """Lists among the values opened, so that every value has one position."""
    return [one for value in values for one in (value if isinstance(value, list) else [value])]


def _stand_ins(values: list[Any]) -> list[Any]:
    """Values of the same types that can be told apart and recognised."""
    taken = iter(range(len(_flat(values))))

    def stand_in(value: Any) -> Any:
        if isinstance(value, list):
            return [stand_in(one) for one in value]
        position = next(taken)
        match value:
            case bool():
                raise TypeError("a truth value chooses a statement: pass it by position")
            case int():
                return _FIRST_NUMBER + position
            case datetime():
                return _FIRST_INSTANT + timedelta(days=position)
            case str():
                return f"value {position} of a prepared statement"
        raise TypeError(f"{value!r} cannot be a value of a prepared queryset")

    return [stand_in(value) for value in values]


def _with_literals(text: str, parameters: Any, stand_ins: list[Any]) -> tuple[str, list[_Hole]]:
    """The statement with its constants written out, and the holes that remain, in order."""
    connection.ensure_connection()
    left, holes = iter(parameters), []

    def fill(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        value = next(left)
        if value in stand_ins:
            number = isinstance(value, int) and type(value) is not int  # Int4, Int8: the width of the column
            holes.append(_Hole(stand_ins.index(value), type(value) if number else None))
            return "%s"
        return sql.Literal(value).as_string(connection.connection).replace("%", "%%")

    return _PLACEHOLDERS.sub(fill, text), holes
