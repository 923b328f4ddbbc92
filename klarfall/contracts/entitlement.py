"""Was a customer entitled to support when it asked? A checklist of plain answers (domain.md, section 4, step 2). Pure.

It never decides: without a contract a request is still accepted, and a person says why the work
would be chargeable.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum


class Point(Enum):
    """What is checked, in the order in which it is shown."""

    CONTRACT = "contract"
    CONTACT = "contact"
    CHANNEL = "channel"


@dataclass(frozen=True)
class Check:
    """One line of the checklist: ✓ or ✗."""

    point: Point
    met: bool


def checklist(*, channels: Collection[str] | None, channel: str, contact_belongs: bool) -> tuple[Check, ...]:
    """The three checks: a contract line in force, a contact of that customer, a channel the line grants.

    `channels` are those of the line in force when the request came in by `channel`; None without one.
    """
    return (
        Check(Point.CONTRACT, channels is not None),
        Check(Point.CONTACT, contact_belongs),
        Check(Point.CHANNEL, channels is not None and channel in channels),
    )


def is_entitled(checks: Iterable[Check]) -> bool:
    """Are all points met?"""
    return all(check.met for check in checks)
