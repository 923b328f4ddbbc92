"""Finds a free port and holds it, so that two copies on one machine never share one without noticing."""

import errno
import socket

FIRST, LAST = 8000, 8099


class PortTaken(Exception):
    """The wanted port is in use; the text names it."""


def hold(host: str, port: int | None) -> socket.socket:
    """
    Returns a socket bound to the port, or to the next free one from 8000 if none is wanted.

    The server opens its port with SO_REUSEPORT: a second one would start without an error and take every other
    request. The check therefore binds without that option. The option is only set afterwards and the socket stays
    open (it never listens), so that the server can join and nobody else's check succeeds.
    """
    for candidate in [port] if port else range(FIRST, LAST + 1):
        held = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind((host, candidate))
        except OSError as problem:
            held.close()
            if problem.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            continue
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        return held
    raise PortTaken(f"Port {port} is in use" if port else f"All ports from {FIRST} to {LAST} are in use")
