"""Times for a call back: half hours on the wall clock within service hours, none in the past. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from klarfall.service_levels.clock import Hours, closes_at, opens_at
from klarfall.service_levels.errors import ServiceHoursError

#: How long a slot is.
LENGTH = timedelta(minutes=30)
#: On how many service days one may choose.
DAYS = 5
#: A slot may be chosen up to so long before it begins: somebody has to see the wish first.
NOTICE = timedelta(minutes=10)


@dataclass(frozen=True)
class Slot:
    """Half an hour in which we call; instants with the zone of the service hours."""

    start: datetime
    end: datetime

    @property
    def key(self) -> str:
        """What a form sends."""
        return self.start.strftime("%Y-%m-%dT%H:%M%z")


def slots(now: datetime, hours: Hours, *, full: Collection[datetime] = (), days: int = DAYS) -> list[Slot]:
    """The slots of the next service days, in order; without those whose begin is in `full`.

    A day counts when it has a slot that may still be chosen, also where all of them are full.
    """
    zone = ZoneInfo(hours.at(now).zone)
    seen: set[object] = set()

    def is_near(slot: Slot) -> bool:
        seen.add(slot.start.astimezone(zone).date())
        return len(seen) <= days

    return [one for one in takewhile(is_near, _from(now + NOTICE, hours, zone)) if one.start not in full]


def slot_at(start: datetime, now: datetime, hours: Hours) -> Slot | None:
    """The slot that begins at this instant, if it may be chosen now."""
    return next((one for one in slots(now, hours) if one.start == start), None)


def _from(first: datetime, hours: Hours, zone: ZoneInfo) -> Iterator[Slot]:
    """Every slot from an instant on, without end."""
    at = first
    while True:
        try:
            opening = opens_at(at, hours)
            closing = closes_at(opening, hours)
        except ServiceHoursError:
            return
        start = _next_half_hour(opening, zone)
        while closing is None or start + LENGTH <= closing:
            yield Slot(start.astimezone(zone), (start + LENGTH).astimezone(zone))
            start += LENGTH
        at = closing


def _next_half_hour(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant itself where the wall clock shows a full or half hour, else the next such instant."""
    local = at.astimezone(zone)
    past = timedelta(minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond)
    return at if not past else at + LENGTH - past
