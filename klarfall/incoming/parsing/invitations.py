"""A calendar invitation as a short text, for mails that consist of nothing else."""

from datetime import date, datetime
from typing import Any

from klarfall.incoming.parsing import charsets

#: Bytes of an invitation that is read; ordinary ones have a hundredth of it.
_LONGEST = 200_000
_MOST = 3


def summary(data: bytes) -> str:
    """What, when, where and the description, in the words of its author; empty where it cannot be read."""
    if len(data) > _LONGEST:
        return ""
    from klarfall.incoming.parsing import calendars

    try:
        return "\n\n".join(_event(event) for event in calendars.events(data)[:_MOST]).strip()
    except Exception:  # a library that meets a stranger's file; the file itself is kept
        return ""


def _event(event: Any) -> str:
    lines = [_line(event, "SUMMARY"), _when(event), _line(event, "LOCATION")]
    description = charsets.clean(_said(event, "DESCRIPTION")).strip()
    return "\n".join(line for line in lines if line) + (f"\n\n{description}" if description else "")


def _line(event: Any, name: str) -> str:
    return charsets.clean_line(_said(event, name))


def _said(event: Any, name: str) -> str:
    """The value; the first one where several stand."""
    value = event.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value)


def _when(event: Any) -> str:
    """`2026-12-01 10:00 – 11:00 (Europe/Berlin)`; understood in any language."""
    start = getattr(event.get("DTSTART"), "dt", None)
    end = getattr(event.get("DTEND"), "dt", None)
    if not isinstance(start, datetime):
        return start.isoformat() if isinstance(start, date) else ""
    text = f"{start:%Y-%m-%d %H:%M}"
    if isinstance(end, datetime):
        text += f" – {end:%H:%M}" if end.date() == start.date() else f" – {end:%Y-%m-%d %H:%M}"
    zone = str(start.tzinfo) if start.tzinfo else ""
    return f"{text} ({zone})" if zone else text
