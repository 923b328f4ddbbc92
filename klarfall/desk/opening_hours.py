"""Read the hours of a day as people type them: `8–12, 13–17:30`, `08:00-17:00`, `9 bis 12 und 13 bis 16`. Pure."""

import re
from collections.abc import Iterable
from datetime import time

Spans = tuple[tuple[time, time], ...]

_CLOSED = {"", "-", "–", "geschlossen", "closed"}
_BETWEEN = re.compile(r"\s*(?:,|;|/|\+|\bund\b|\band\b)\s*", re.IGNORECASE)
_SPAN = re.compile(
    r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:uhr)?\s*(?:–|—|-|bis|to)\s*(\d{1,2})(?:[:.](\d{2}))?\s*(?:uhr)?", re.IGNORECASE
)
_LAST_HOUR = 24


def spans_of(text: str) -> Spans:
    """The opening hours of a day in the order in which they were typed; empty when closed. ValueError when unclear."""
    text = text.strip()
    if text.lower() in _CLOSED:
        return ()
    return tuple(_span(part) for part in _BETWEEN.split(text))


def hours_text(spans: Iterable[tuple[time, time]]) -> str:
    """Opening hours as `spans_of` reads them again: `08:00–12:00, 13:00–17:00`; empty when closed."""
    return ", ".join(
        f"{opening:%H:%M}–{'24:00' if closing == time(0) else f'{closing:%H:%M}'}" for opening, closing in spans
    )


def _span(text: str) -> tuple[time, time]:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    opening, opening_minute, closing, closing_minute = (int(part or 0) for part in found.groups())
    if closing == _LAST_HOUR and not closing_minute:
        return time(opening, opening_minute), time(0)
    if closing == 0 and not closing_minute:
        raise ValueError(text)  # the end of the day is typed as 24: 0 would be its beginning
    return time(opening, opening_minute), time(closing, closing_minute)
