"""Read durations as specialists type them: `1–1,5 Std.`, `45`, `1:30`, `90 min`. Pure; minutes come out."""

import re
from decimal import Decimal, InvalidOperation

from klarfall.ui.formats import duration

_HOUR = 60
_MOST = 60_000  # minutes; a thousand hours are a slip of the finger
_PARTS = re.compile(r"\s*(?:–|—|-|bis|to)\s*")
_ONE = re.compile(
    r"^(?:(?P<hours>\d{1,4}):(?P<rest>[0-5]\d)|(?P<number>\d{1,5}(?:[.,]\d{1,2})?)"
    r"\s*(?P<unit>h|std|stunden?|hours?|m|min|minuten?|minutes?)?\.?"
    r"(?:\s*(?P<more>\d{1,2})\s*(?:m|min)\.?)?)$",
    re.IGNORECASE,
)


def minutes_of(text: str, unit: str = "") -> int:
    """Minutes of one duration; a bare number takes `unit` ("h"), else it means minutes. ValueError when unclear."""
    found = _ONE.match(text.replace("\u00a0", " ").strip())
    if found is None:
        raise ValueError(text)
    if found["hours"] is not None:
        return _checked(int(found["hours"]) * _HOUR + int(found["rest"]))
    try:
        number = Decimal(found["number"].replace(",", "."))
    except InvalidOperation:
        raise ValueError(text) from None
    in_hours = (found["unit"] or unit or "m").lower()[0] in ("h", "s")
    minutes = number * _HOUR if in_hours else number
    if minutes != int(minutes) or (found["more"] and not in_hours):
        raise ValueError(text)
    return _checked(int(minutes) + int(found["more"] or 0))


def span_of(text: str) -> tuple[int, int]:
    """Least and most minutes of an estimate: `1–1,5 Std.` → (60, 90), `45` → (45, 45). ValueError when unclear."""
    parts = _PARTS.split(text.replace("\u00a0", " ").strip())
    match parts:
        case [only]:
            return minutes_of(only), minutes_of(only)
        case [low, high]:
            most = minutes_of(high)
            least = minutes_of(low, _unit(high))
            if least > most:
                raise ValueError(text)
            return least, most
    raise ValueError(text)


def span_text(least: int | None, most: int | None) -> str:
    """An estimate as `span_of` reads it again: `1–1,5 Std.`; empty without one."""
    if not least or not most:
        return ""
    if least == most:
        return duration(most)
    low, high = duration(least), duration(most)
    if low.partition("\u00a0")[2] == high.partition("\u00a0")[2]:
        low = low.partition("\u00a0")[0]
    return f"{low}–{high}"


def _unit(text: str) -> str:
    found = _ONE.match(text)
    return (found["unit"] or "") if found else ""


def _checked(minutes: int) -> int:
    if not 0 < minutes <= _MOST:
        raise ValueError(minutes)
    return minutes
