"""Facts of the engine as JSON and back, so that a service record can be computed again from what is stored (INV-30).

Pure. Instants are written in UTC with microseconds, amounts as their text: nothing is rounded on the way. Type hints of
the dataclasses say what a value becomes again, so a new field of a fact needs no line here.
"""

import types
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class NotReadable(ValueError):
    """What is stored is not what the type wants: it was changed, or a newer program wrote it."""


def to_json(value: Any) -> Any:
    """JSON values for a frozen dataclass of facts, a tuple of them, or one of their values."""
    if is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case Decimal():
            return str(value)
        case tuple() | list():
            return [to_json(one) for one in value]
        case _:
            return value


def from_json(wanted: type[T], data: Any) -> T:
    """The value of this type again; `from_json(type(x), to_json(x)) == x`. Raises NotReadable."""
    try:
        made: T = _read(wanted, data)
    except NotReadable:
        raise
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as problem:
        raise NotReadable(f"{wanted}: {problem}") from problem
    return made


def _read(wanted: Any, data: Any) -> Any:
    if get_origin(wanted) in (Union, types.UnionType):
        return None if data is None else _read(next(one for one in get_args(wanted) if one is not type(None)), data)
    if get_origin(wanted) is tuple:
        return tuple(_read(get_args(wanted)[0], one) for one in data)
    if is_dataclass(wanted):
        return _dataclass(wanted, data)
    return _plain(wanted, data)


def _dataclass(wanted: Any, data: dict[str, Any]) -> Any:
    hints = _hints(wanted)
    if unknown := data.keys() - hints.keys():
        raise NotReadable(f"{wanted.__name__} has no {', '.join(sorted(unknown))}")
    return wanted(**{name: _read(hints[name], value) for name, value in data.items()})


def _plain(wanted: Any, data: Any) -> Any:
    if issubclass(wanted, Enum):
        return wanted(data)
    if wanted is datetime:
        return datetime.fromisoformat(data)
    if wanted is Decimal:
        return Decimal(data)
    if type(data) is not wanted:  # also tells true from 1
        raise NotReadable(f"{data!r} is no {wanted.__name__}")
    return data


@cache
def _hints(wanted: type) -> dict[str, Any]:
    return get_type_hints(wanted)
