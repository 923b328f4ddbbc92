"""What apps above the channels have to tell: each announces how its notices are read when it loads."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from klarfall.channels.models import Notice

#: Returns the values of the template of a notice; runs in the sight of the recipient.
Read = Callable[[Notice, datetime], dict[str, Any]]

#: Returns the secret address at which the recipient of a notice ends such mails; runs with full sight.
Leave = Callable[[Notice], str]

_readers: dict[str, Read] = {}
_leaving: dict[str, Leave] = {}


def tells(*kinds: str, leave: Leave | None = None) -> Callable[[Read], Read]:
    """Register a function as what notices of these kinds are about; it raises `NothingToTell` where that is gone.

    `leave` is for mails that one subscribes to: its address stands for LINK in their template and in their headers.
    """

    def register(read: Read) -> Read:
        _readers.update(dict.fromkeys(kinds, read))
        if leave is not None:
            _leaving.update(dict.fromkeys(kinds, leave))
        return read

    return register


def reader_of(kind: str) -> Read | None:
    """How a notice of this kind is read, if an app above announced it."""
    return _readers.get(kind)


def leave_of(kind: str) -> Leave | None:
    """How the recipient ends notices of this kind, if one subscribes to them."""
    return _leaving.get(kind)
