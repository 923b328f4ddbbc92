"""Querysets that are built and compiled once per process; from then on only their values change.

Building and compiling a queryset with joins and subqueries costs Python several times what PostgreSQL needs to
answer it. A function marked `@prepared` describes the rows once; calling it sends the finished statement:

    @prepared
    def _rows_of(*, number: int) -> QuerySet[Any]:
        return Ticket.objects.select_related("customer").filter(number=number)

    rows = _rows_of(number=1837)  # a list

Keyword arguments are values: numbers, instants, days, texts or lists of them. They stay parameters of the statement.
Positional arguments choose between statements. Everything else in the function is constant and is written into the
statement as a literal, so that PostgreSQL can match it with partial indexes and keep one plan (`prepare_threshold`).

What a contact sees is part of the statement (`core.isolation`): there is one for each combination of rights, and the
contact's ids are values of it like the others.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import QuerySet
from psycopg import sql

from klarfall.core.isolation import Seat, Viewer, ViewerKind, current_viewer, describing_for

P = ParamSpec("P")
T = TypeVar("T")

#: Stand-ins that mark where a value goes; no constant of a statement may equal one.
_FIRST_NUMBER = 2_147_000_000
_FIRST_INSTANT = datetime(1, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
#: Contacts who act for more customers than this are rare: their statements are built anew.
_MOST_SEATS = 4
_LEAST_ROOM = 8
_PLACEHOLDERS = re.compile(r"%%|%s")


class _Hole(NamedTuple):
    """Where a value goes: its position among all values, and the type in which Django hands it to the driver."""

    position: int
    wrap: Callable[[Any], Any] | None


class _Statement:
    """A compiled queryset. `run` executes it with other values and builds its rows as the queryset would."""

    def __init__(self, rows: QuerySet[Any], stand_ins: list[Any], needed: int) -> None:
        """`rows` were described with the stand-ins; the first `needed` of them must reach the statement."""
        if rows._prefetch_related_lookups:  # type: ignore[attr-defined]
            raise TypeError("a prepared queryset cannot prefetch")
        self._rows = rows
        self._compiler = rows.query.get_compiler(rows.db)
        text, parameters = self._compiler.as_sql()
        self._sql, self._holes = _with_literals(text, parameters, stand_ins)
        if not {hole.position for hole in self._holes}.issuperset(range(needed)):
            raise TypeError("every value of a prepared queryset must reach its statement")
        columns = [column for column, *_rest in self._compiler.select[: self._compiler.col_count]]
        self._converters = self._compiler.get_converters(columns)

    def run(self, values: list[Any]) -> list[Any]:
        """The rows for these values."""
        parameters = tuple(
            values[hole.position] if hole.wrap is None else hole.wrap(values[hole.position]) for hole in self._holes
        )
        compiler = _twin(self._compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # itself: every row asks it
        compiler.as_sql = lambda *_args, **_options: (self._sql, parameters)
        compiler.get_converters = lambda _columns: self._converters
        query = _twin(self._rows.query)
        query.get_compiler = lambda *_args, **_options: compiler
        rows: Any = type(self._rows)(self._rows.model, query=query, using=self._rows.db)
        rows._iterable_class, rows._fields = self._rows._iterable_class, self._rows._fields  # type: ignore[attr-defined]
        return list(rows)


def _twin(one: Any) -> Any:
    """A shallow copy, without the detour of `copy` for what could be any object."""
    twin = object.__new__(type(one))
    twin.__dict__.update(one.__dict__)
    return twin


def prepared(build: Callable[P, QuerySet[Any]]) -> Callable[P, list[Any]]:
    """Compile what `build` describes once per choice and kind of viewer; calls return the list of its rows.

    `build` only describes: it must not ask the database itself.
    """
    statements: dict[Any, _Statement | None] = {}

    @wraps(build)
    def rows(*choice: P.args, **values: P.kwargs) -> list[Any]:
        viewer = current_viewer()
        names = sorted(values)
        given = _flat([values[name] for name in names])
        if not (_is_usual(viewer) and all(map(_fits, given))):
            return list(build(*choice, **values))
        key = (choice, tuple((name, _length(values[name])) for name in names), _rights(viewer))
        if key not in statements:
            stand_ins = _stand_ins([values[name] for name in names])
            imagined = _imagined(viewer, len(given))
            with describing_for(imagined):
                described = build(*choice, **dict(zip(names, stand_ins, strict=True)))
            try:
                statements[key] = _Statement(described, [*_flat(stand_ins), *_ids(imagined)], len(given))
            except EmptyResultSet:
                statements[key] = None
        statement = statements[key]
        return statement.run([*given, *_ids(viewer)]) if statement else []

    return rows


def padded(values: Iterable[T]) -> list[T]:
    """Values for a list of *any of these*, filled up by repetition: a few lengths only, each with one statement."""
    wanted = list(values)
    room = _LEAST_ROOM
    while room < len(wanted):
        room *= 2
    return wanted + wanted[:1] * (room - len(wanted))


def _fits(value: Any) -> bool:
    """May the value stand in a column of any width? Numbers from outside may be of any size."""
    return not isinstance(value, int) or -_FIRST_NUMBER < value < _FIRST_NUMBER


def _is_usual(viewer: Viewer | None) -> bool:
    """Has the viewer a statement of its kind: it sees everything, or acts once for each of a few customers?

    Without a viewer there are people and sessions; a description of what belongs to customers raises `NoViewer`.
    """
    if viewer is None or viewer.sees_everything:
        return True
    seats = viewer.seats
    return (
        viewer.kind is ViewerKind.CONTACT and 0 < len(seats) <= _MOST_SEATS and len(viewer.customer_ids) == len(seats)
    )


def _rights(viewer: Viewer | None) -> Any:
    """What decides about the statement: nobody yet, who sees everything, else the rights on each seat."""
    if viewer is None:
        return "no viewer"
    if viewer.sees_everything:
        return "everything"
    return tuple(_rights_of(seat) for seat in viewer.seats)


def _rights_of(seat: Seat) -> tuple[bool, bool, bool, bool]:
    return seat.sees_all, seat.is_admin, seat.may_release, seat.sees_costs


def _ids(viewer: Viewer | None) -> list[int]:
    """The values in the rule by which a contact sees rows."""
    return [one for seat in viewer.seats for one in (seat.contact_id, seat.customer_id)] if viewer else []


def _imagined(viewer: Viewer | None, taken: int) -> Viewer | None:
    """The viewer with stand-ins for its ids; the first `taken` stand-ins are in use."""
    if viewer is None:
        return None
    marks = iter(range(_FIRST_NUMBER + taken, _FIRST_NUMBER + taken + 2 * len(viewer.seats)))
    seats = tuple(Seat(next(marks), next(marks), *_rights_of(seat)) for seat in viewer.seats)
    return Viewer(viewer.kind, viewer.user_id, seats)


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
            case date():
                return (_FIRST_INSTANT + timedelta(days=position)).date()
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
            # The planner does not look into a subselect, so it plans alike at any time and keeps one plan.
            return "(SELECT %s)" if isinstance(value, date) else "%s"
        return sql.Literal(value).as_string(connection.connection).replace("%", "%%")

    return _PLACEHOLDERS.sub(fill, text), holes
