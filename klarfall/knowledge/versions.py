"""*Does this affect me?*: whether an installed version has a known problem (pure; R21, INV-25 decides who reads it)."""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

_NUMBERS = re.compile(r"\d+")
_LONGEST = 9  # digits; longer ones are no part of a version


@dataclass(frozen=True, order=True)
class Release:
    """A version in the order of releases: the day it came out, on one day the numbers in its name, then its row."""

    released_on: date
    numbers: tuple[int, ...] = ()
    pk: int = 0


class Affected(Enum):
    """The answer for one customer."""

    YES = "yes"
    #: Nobody wrote down which version the customer has: they may be affected.
    MAYBE = "maybe"
    NO = "no"


def release(*, released_on: date, name: str, pk: int = 0) -> Release:
    """A version as it is ordered; parts of the name that are no numbers do not count."""
    return Release(released_on, tuple(int(found[:_LONGEST]) for found in _NUMBERS.findall(name)), pk)


def release_of(version: Any) -> Release | None:
    """The same for a row of ProductVersion; None for none."""
    return None if version is None else place_of(version)


def place_of(version: Any) -> Release:
    """The place of a row of ProductVersion among the releases; versions are sorted by it."""
    return release(released_on=version.released_on, name=version.name, pk=version.pk)


def affected(
    installed: Release | None, *, first: Release | None, last: Release | None, fixed_in: Release | None
) -> Affected:
    """Whether the installed version lies between the first and the last affected one and before that of the fix.

    Open ends are None: affected since ever, affected until the fix. Whoever has the version of the fix, or a later
    one, is not affected, whatever the last affected version says.
    """
    if installed is None:
        return Affected.MAYBE
    too_old = first is not None and installed < first
    too_new = last is not None and installed > last
    is_fixed = fixed_in is not None and installed >= fixed_in
    return Affected.NO if too_old or too_new or is_fixed else Affected.YES


def affects(problem: Any, installed: Release | None) -> Affected:
    """The same for a known problem that was read with its three versions."""
    return affected(
        installed,
        first=release_of(problem.affected_from),
        last=release_of(problem.affected_to),
        fixed_in=release_of(problem.fixed_in),
    )
