"""The stamp of the vendor's own data: what processes keep in memory counts until anybody changes such data.

Every change of a table of products, terms, calendars, words or staff puts a new stamp into `core_masterstamp`
(triggers of `row_security.py`). A request or job reads it once, with the statement that opens its scope, and the
cache holds its values under it.
"""

from contextvars import ContextVar

STAMP = "SELECT version::text FROM core_masterstamp WHERE id = 1"

_stamp: ContextVar[str] = ContextVar("klarfall_master_stamp", default="")


def stamp() -> str:
    """The stamp under which this request or job reads; empty outside of both."""
    return _stamp.get()


def keep(version: str | None) -> None:
    """Remember the stamp that was read for the request or job that begins; None before anything was ever changed."""
    _stamp.set(version or "")
