"""Which part of a file a request asks for: the header Range as RFC 9110 wants it read (section 14)."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes[ \t]*=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """Bytes `first` to `last` of a file, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes that are."""
        return self.last - self.first + 1


class Unsatisfiable(Exception):
    """The part begins behind the end of the file: to be answered with 416."""


def wanted_part(header: str, size: int) -> Part | None:
    """The part of a file of `size` bytes; None means the whole file.

    What is not understood is ignored, as the RFC wants it: other units, wrong syntax, and several parts at once, which
    no player asks for. Raises Unsatisfiable.
    """
    found = _ONE.fullmatch(header.strip(" \t"))
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:  # the last bytes
        if int(last) == 0 or size == 0:
            raise Unsatisfiable
        return Part(max(size - int(last), 0), size - 1)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return Part(int(first), min(int(last), size - 1) if last else size - 1)


def counts(if_range: str | None, etag: str) -> bool:
    """May a part be sent? Only if the file is still the one whose beginning the reader has (If-Range).

    A date never agrees: files here have an ETag, which says more.
    """
    return if_range is None or if_range.strip() == etag


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Has the reader this file already (If-None-Match, compared weakly)?"""
    tags = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
    return etag in tags or "*" in tags
