"""Deadlines in service time for many rows at once: the hours are read once, every row costs a look-up."""

from datetime import datetime, timedelta

from klarfall.desk import reference
from klarfall.service_levels import clock
from klarfall.service_levels.clock import Hours
from klarfall.service_levels.errors import NoOpeningTime
from klarfall.service_levels.queries import hours_of, target_of

#: A deadline is in danger when less service time than this is left.
DANGER = timedelta(minutes=30)
_MINUTE = timedelta(minutes=1)


class ServiceTime:
    """Service time as seen from one instant, for the calendars of the rows it is asked about."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._hours: dict[int, Hours] = {}
        self._targets: dict[tuple[str, int], int] = {}
        self._limits: dict[int, datetime] = {}

    def hours(self, calendar_id: int) -> Hours:
        """The service hours of a calendar."""
        if calendar_id not in self._hours:
            self._hours[calendar_id] = hours_of(reference.calendars()[calendar_id])
        return self._hours[calendar_id]

    def minutes_left(self, due: datetime, calendar_id: int) -> int:
        """Service minutes until `due`, negative when it has passed."""
        hours = self.hours(calendar_id)
        if due >= self.now:
            return clock.service_time_between(self.now, due, hours) // _MINUTE
        return -(clock.service_time_between(due, self.now, hours) // _MINUTE)

    def target(self, impact: str, calendar_id: int) -> int:
        """Service minutes within which an answer is promised."""
        key = (impact, calendar_id)
        if key not in self._targets:
            self._targets[key] = target_of(reference.calendars()[calendar_id], impact) // _MINUTE
        return self._targets[key]

    def limits(self) -> dict[int, datetime]:
        """Per calendar the instant before which a deadline is in danger: half an hour of service time from now."""
        if not self._limits:
            self._limits = {pk: self._limit(self.hours(pk)) for pk in reference.calendars()}
        return self._limits

    def _limit(self, hours: Hours) -> datetime:
        """Where nobody ever works nothing comes into danger; what is late stays late."""
        try:
            return clock.due_at(self.now, DANGER, hours)
        except NoOpeningTime:
            return self.now
