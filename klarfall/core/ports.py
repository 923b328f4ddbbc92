"""Finds a free port and reserves it, so that two copies on one machine never share one without noticing."""

import errno
import socket
import sys
from dataclasses import dataclass

FIRST, LAST = 8000, 8099
BUSY = {errno.EADDRINUSE, errno.EACCES}


class PortTaken(Exception):
    """The wanted port is in use; the text names it."""


@dataclass
class Reservation:
    """A port that is ours until `close()` or the end of the process, however it ends."""

    port: int
    mark: socket.socket

    def close(self) -> None:
        """Lets others have the port."""
        self.mark.close()


def reserve(host: str, port: int | None) -> Reservation:
    """
    Reserves the port, or the next free one from 8000 if none is wanted.

    The server opens its port with SO_REUSEPORT: a second one would start without an error and take every other
    request. So we first bind without that option, which fails if anybody listens. Until our own server listens, a
    name in the kernel's abstract socket space tells other copies that the port is spoken for (Linux only).
    """
    for candidate in [port] if port else range(FIRST, LAST + 1):
        mark = _mark(host, candidate)
        if mark is not None and _nobody_listens(host, candidate):
            return Reservation(candidate, mark)
        if mark is not None:
            mark.close()
    raise PortTaken(f"Port {port} is in use" if port else f"All ports from {FIRST} to {LAST} are in use")


def _mark(host: str, port: int) -> socket.socket | None:
    """Takes the name that stands for the port; None if another copy has it."""
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if sys.platform.startswith("linux"):
        try:
            mark.bind(f"\0klarfall {host}:{port}")
        except OSError as problem:
            mark.close()
            if problem.errno != errno.EADDRINUSE:
                raise
            return None
    return mark


def _nobody_listens(host: str, port: int) -> bool:
    """True if we could listen there; connections that are just closing do not count (SO_REUSEADDR)."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as problem:
            if problem.errno not in BUSY:
                raise
            return False
    return True
