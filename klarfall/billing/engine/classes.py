"""Every minute of a concern gets its class, its offer and its reason (domain.md, section 6, class table and rules 1-2)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from klarfall.billing.engine.facts import ConcernFacts, MinuteClass, Segment


def classify(facts: ConcernFacts, until: datetime | None = None) -> Iterator[Segment]:
    """Yield the segments of every time entry: chronologically within an entry, overall in the order in which they end.

    With `until` only minutes that are over by then count, and running timers are included up to it. Without, running
    timers are left out: they have no end yet.
    """
    raise NotImplementedError


def totals(segments: Iterable[Segment]) -> dict[MinuteClass, int]:
    """Minutes per class; every class is a key."""
    minutes = dict.fromkeys(MinuteClass, 0)
    for segment in segments:
        minutes[segment.minute_class] += segment.minutes
    return minutes
