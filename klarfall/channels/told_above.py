"""What apps above the channels have to tell: each announces how its notices are read when it loads."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from klarfall.channels.models import Notice

#: Returns the values of the template of a notice; runs in the sight of the recipient.
Read = Callable[[Notice, datetime], dict[str, Any]]

_readers: dict[str, Read] = {}


def tells(*kinds: str) -> Callable[[Read], Read]:
    """Register a function as what notices of these kinds are about; it raises `NothingToTell` where that is gone."""

    def register(read: Read) -> Read:
        _readers.update(dict.fromkeys(kinds, read))
        return read

    return register


def reader_of(kind: str) -> Read | None:
    """How a notice of this kind is read, if an app above announced it."""
    return _readers.get(kind)
