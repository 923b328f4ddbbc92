"""When things happen in the demo: instants in service hours, counted back from now. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from klarfall.service_levels import clock
from klarfall.service_levels.clock import Hours

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
#: How far back days and minutes are counted: the ten weeks and some reserve for holidays.
_REACH = timedelta(days=100)
_SUNDAY = 6


@dataclass(frozen=True)
class Schedule:
    """The calendar of the demo's vendor, seen from `now`."""

    now: datetime
    hours: Hours

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which stories name their times."""
        return ZoneInfo(self.hours.at(self.now).zone)

    @property
    def today(self) -> date:
        """The local day of now; no story that counts in days reaches it."""
        return self.now.astimezone(self.zone).date()

    @cached_property
    def service_days(self) -> list[date]:
        """Days with service hours before today, the latest first."""
        days = (self.today - _DAY * back for back in range(1, _REACH.days))
        return [day for day in days if clock.intervals_on(day, self.hours)]

    def at(self, day: date, wall: str) -> datetime:
        """The instant (UTC) of a local time."""
        return datetime.combine(day, time.fromisoformat(wall), self.zone).astimezone(UTC)

    def next_service_day(self, day: date, count: int) -> date:
        """The service day that many after `day`; before it, if `count` is negative."""
        step = _DAY if count > 0 else -_DAY
        for _number in range(abs(count)):
            day += step
            while not clock.intervals_on(day, self.hours):
                day += step
        return day

    def service_minutes_ago(self, minutes: int) -> datetime:
        """The instant after which that much service time has passed until now."""
        begin = self.now - _REACH
        passed = clock.service_time_between(begin, self.now, self.hours)
        return clock.due_at(begin, passed - _MINUTE * minutes, self.hours)


#: From the schedule and the instant of the step before to the instant of a step.
When = Callable[[Schedule, datetime], datetime]


def days_ago(count: int, wall: str) -> When:
    """A local time, that many service days before today."""
    return lambda schedule, _before: schedule.at(schedule.service_days[count - 1], wall)


def sundays_ago(count: int, wall: str) -> When:
    """A local time of a Sunday; 1 is the latest before today."""

    def resolve(schedule: Schedule, _before: datetime) -> datetime:
        back = (schedule.today.weekday() - _SUNDAY) % 7 or 7
        return schedule.at(schedule.today - _DAY * (back + 7 * (count - 1)), wall)

    return resolve


def minutes_ago(count: int) -> When:
    """That much service time before now."""
    return lambda schedule, _before: schedule.service_minutes_ago(count)


def just_now(count: int) -> When:
    """That many minutes before now, whether somebody is on duty or not."""
    return lambda schedule, _before: schedule.now - _MINUTE * count


def after(count: int) -> When:
    """That much service time after the step before."""
    return lambda schedule, before: clock.due_at(before, _MINUTE * count, schedule.hours)


def day_after(wall: str, days: int = 1) -> When:
    """A local time on a later service day than the step before."""

    def resolve(schedule: Schedule, before: datetime) -> datetime:
        day = schedule.next_service_day(before.astimezone(schedule.zone).date(), days)
        return schedule.at(day, wall)

    return resolve
