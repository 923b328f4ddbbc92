"""One finding of the doctor: how it is, what was seen, what to do."""

from dataclasses import dataclass
from enum import Enum
from typing import Any


class State(Enum):
    """How something is; the value goes into JSON and exit codes follow from it."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Finding:
    """`seen` says what is, `advice` what to do about it; both in the reader's language, without personal data."""

    state: State
    seen: str
    advice: str = ""


def ok(seen: Any) -> Finding:
    return Finding(State.OK, str(seen))


def warning(seen: Any, advice: Any) -> Finding:
    return Finding(State.WARNING, str(seen), str(advice))


def fault(seen: Any, advice: Any) -> Finding:
    return Finding(State.FAULT, str(seen), str(advice))
