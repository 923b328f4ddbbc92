"""How far long work is: told outside the worker's transaction, read by pages."""

from typing import Any

from django.db import connection
from django.utils import timezone

from klarfall.core.models import Progress

_REPORT = """
    INSERT INTO core_progress (key, done, total, updated_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (key) DO UPDATE SET done = excluded.done, total = excluded.total, updated_at = excluded.updated_at
"""


class Reporter:
    """Reports `done` of `total` under a key, at once visible to everybody, whatever becomes of the caller's work.

    A context manager: it holds a connection of its own until the block ends.
    """

    def __init__(self, key: str, total: int) -> None:
        self.key, self.total = key, total
        self._own: Any = None

    def __enter__(self) -> "Reporter":
        self._own = connection.copy()
        self.report(0)
        return self

    def __exit__(self, *_: object) -> None:
        self._own.close()

    def report(self, done: int) -> None:
        """Say that so much is done."""
        with self._own.cursor() as cursor:
            cursor.execute(_REPORT, [self.key, done, self.total, timezone.now()])


def progress(key: str) -> Progress | None:
    """What was reported last under a key, None before anything was."""
    return Progress.objects.filter(key=key).first()
