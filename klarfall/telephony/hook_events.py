"""Events of a telephone system as they are sent to us: read, checked, nothing believed. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

#: Bytes; an event has a few hundred.
LARGEST = 8 * 1024
KINDS = ("incoming", "answered", "ended")
_FIELDS = {"event_id": 120, "event": 20, "call_id": 120, "from": 60, "to": 60, "agent": 120, "at": 40}
_NEEDED = ("event_id", "event", "call_id", "at")
#: An event may be late or early by so much.
_AWAY = timedelta(hours=12)


class BadEvent(ValueError):
    """The body is no event; `code` names the fault and `field` where it is."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code, self.field = code, field


@dataclass(frozen=True, kw_only=True)
class HookEvent:
    """One event. `number` and `dialled` as the system writes them, `agent` an e-mail address or an extension."""

    event_id: str
    kind: str
    call_id: str
    number: str
    dialled: str
    agent: str
    at: datetime


def read(body: bytes, now: datetime) -> HookEvent:
    """The event in a body. Raises BadEvent for anything else than an object with short texts."""
    if len(body) > LARGEST:
        raise BadEvent("too_large")
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadEvent("not_json") from None
    if not isinstance(found, dict):
        raise BadEvent("not_an_object")
    texts = {name: _text(found.get(name, ""), name, most) for name, most in _FIELDS.items()}
    for name in _NEEDED:
        if not texts[name]:
            raise BadEvent("missing", name)
    if texts["event"] not in KINDS:
        raise BadEvent("unknown_event", "event")
    return HookEvent(
        event_id=texts["event_id"],
        kind=texts["event"],
        call_id=texts["call_id"],
        number=texts["from"][:40],
        dialled=texts["to"][:40],
        agent=texts["agent"],
        at=_instant(texts["at"], now),
    )


def _text(value: Any, name: str, most: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise BadEvent("not_a_short_text", name)
    if not value.isprintable():
        raise BadEvent("not_printable", name)
    return value.strip()


def _instant(text: str, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        near = at.tzinfo is not None and abs(at - now) <= _AWAY
    except (ValueError, OverflowError):
        raise BadEvent("not_an_instant", "at") from None
    if not near:
        raise BadEvent("not_an_instant", "at")
    return min(at, now)
