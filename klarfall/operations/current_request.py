"""The request that is answered now, as the log may name it: by numbers and the name of its page."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True)
class Current:
    """A request with its number."""

    id: str
    request: HttpRequest

    @property
    def page(self) -> str:
        """The name of its URL, never the address: addresses contain tokens."""
        match = self.request.resolver_match
        if match is not None:
            return match.view_name or "unnamed"
        return "static" if self.request.path.startswith(settings.STATIC_URL) else "unknown"

    @property
    def user_id(self) -> int | None:
        """Who is signed in, by number; None for visitors and before it is known."""
        return getattr(getattr(self.request, "viewer", None), "user_id", None)


_current: ContextVar[Current | None] = ContextVar("klarfall_log_request", default=None)


def current() -> Current | None:
    """The request that is answered now; None in jobs and commands."""
    return _current.get()


@contextmanager
def named(request: HttpRequest) -> Iterator[Current]:
    """Give a request its number for the time of the block."""
    one = Current(uuid4().hex, request)
    token = _current.set(one)
    try:
        yield one
    finally:
        _current.reset(token)
