"""INSERT and UPDATE of one row, compiled once per table and columns instead of anew for each.

Django builds such a statement from its fields every time, which costs Python several times what PostgreSQL needs to
carry it out; its text is the same every time. `save()`, `create()` and signals stay as they are: only the last step is
another one. What is not this simple (expressions, rows that a viewer sees only some of) goes Django's way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import InsertQuery

_Field: TypeAlias = "models.Field[Any, Any]"


@dataclass(frozen=True)
class _Insert:
    """The statement; what the database gives back goes through `finished`, as Django would."""

    text: str
    finished: Callable[[list[Any]], list[Any]]


_inserts: dict[Any, _Insert | None] = {}
_updates: dict[Any, str] = {}


class SingleRows(models.Model):
    """Abstract base of models whose rows are written one by one and often."""

    class Meta:
        abstract = True

    def _do_insert(self, manager: Any, using: str, fields: Any, returning_fields: Any, raw: bool) -> list[Any]:
        rows = None
        if using == DEFAULT_DB_ALIAS and not raw:
            rows = _inserted(self, fields, returning_fields)
        if rows is None:
            as_usual: Any = super()._do_insert  # type: ignore[misc]
            rows = as_usual(manager, using, fields, returning_fields, raw)
        return list(rows)

    # As Django 5.2 calls it; the types are those of a later one.
    def _do_update(  # type: ignore[override]
        self, base_qs: Any, using: str, pk_val: Any, values: Any, update_fields: Any, forced_update: bool
    ) -> bool:
        simple = using == DEFAULT_DB_ALIAS and not base_qs.query.where and not self._meta.select_on_save
        if not simple or not values or any(hasattr(value, "resolve_expression") for _field, _model, value in values):
            as_usual: Any = super()._do_update
            return bool(as_usual(base_qs, using, pk_val, values, update_fields, forced_update))
        return _updated(self, pk_val, values)


def _inserted(row: models.Model, fields: Sequence[_Field], returning: Sequence[_Field]) -> list[Any] | None:
    """What the database gave back for the new row; None for a statement that cannot be kept."""
    values = [field.pre_save(row, add=True) for field in fields]
    # Which columns are left to the database; with the id among them or not, Django writes all others.
    open_ones = tuple(place for place, value in enumerate(values) if hasattr(value, "resolve_expression"))
    key = (type(row), len(fields), open_ones)
    if key not in _inserts:
        kept = all(isinstance(values[place], DatabaseDefault) for place in open_ones)
        _inserts[key] = _compiled(row, fields, returning) if kept else None
    statement = _inserts[key]
    if statement is None:
        return None
    given = [(field, value) for place, (field, value) in enumerate(zip(fields, values, strict=True))
             if place not in open_ones]  # fmt: skip
    connection = connections[DEFAULT_DB_ALIAS]  # itself, not what stands for it: every column asks it
    with connection.cursor() as cursor:
        cursor.execute(statement.text, [field.get_db_prep_save(value, connection) for field, value in given])
        return statement.finished([cursor.fetchone()]) if returning else []


def _compiled(row: models.Model, fields: Sequence[_Field], returning: Sequence[_Field]) -> _Insert | None:
    query: Any = InsertQuery(type(row))
    query.insert_values(fields, [row])
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.returning_fields = returning
    ((text, parameters),) = compiler.as_sql()
    columns = [field.get_col(row._meta.db_table) for field in returning]
    converters = compiler.get_converters(columns)

    def finished(rows: list[Any]) -> list[Any]:
        return list(compiler.apply_converters(rows, converters)) if converters else rows

    left_open = sum(hasattr(field.pre_save(row, add=True), "resolve_expression") for field in fields)
    return _Insert(text, finished) if len(parameters) == len(fields) - left_open else None


def _updated(row: models.Model, pk: Any, values: Sequence[tuple[_Field, Any, Any]]) -> bool:
    """Was there a row to update?"""
    key = (type(row), tuple(field.attname for field, _model, _value in values))
    if key not in _updates:
        _updates[key] = _update_of(row, values)
    connection = connections[DEFAULT_DB_ALIAS]
    parameters = [field.get_db_prep_save(value, connection) for field, _model, value in values]
    with connection.cursor() as cursor:
        cursor.execute(_updates[key], [*parameters, _key(row).get_db_prep_value(pk, connection)])
        return bool(cursor.rowcount > 0)


def _key(row: models.Model) -> Any:
    return row._meta.pk


def _update_of(row: models.Model, values: Sequence[tuple[_Field, Any, Any]]) -> str:
    connection = connections[DEFAULT_DB_ALIAS]
    name: Any = connection.ops.quote_name

    def placed(field: Any, value: Any) -> str:
        return field.get_placeholder(value, None, connection) if hasattr(field, "get_placeholder") else "%s"

    columns = ", ".join(f"{name(field.column)} = {placed(field, value)}" for field, _model, value in values)
    table, key = name(row._meta.db_table), name(_key(row).column)
    return f"UPDATE {table} SET {columns} WHERE {table}.{key} = %s"  # noqa: S608 - our own names only
