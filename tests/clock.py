"""The clock of the pages: they read the time themselves, so tests that walk through pages set it."""

import time
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.cast import NOW, berlin


class Clock:
    """Runs on from the instant it was set to; never two equal instants, as in real life."""

    def __init__(self, start: datetime) -> None:
        self.set(start)

    def set(self, at: datetime | str) -> None:
        """Put the clock to an instant, or to what the clock in Berlin shows ("2026-11-24 09:00")."""
        self._start = berlin(at) if isinstance(at, str) else at
        self._began = time.monotonic()

    def forward(self, **span: float) -> None:
        """Let time pass: `forward(minutes=11)`."""
        self.set(self() + timedelta(**span))

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._began)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that everything in this process reads, a live server included."""
    found = Clock(NOW)
    monkeypatch.setattr(timezone, "now", found)
    return found
