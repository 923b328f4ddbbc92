"""One calendar as its page shows it: the week drawn, its sets of hours, special days by month, a trial of a moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS_ABBR
from django.utils.translation import pgettext

from klarfall.service_levels import clock
from klarfall.service_levels.clock import Hours, Interval, ServiceDay, ServiceHours
from klarfall.service_levels.errors import ServiceHoursError
from klarfall.service_levels.models import Impact, ServiceCalendar
from klarfall.service_levels.phrases import week_phrase
from klarfall.service_levels.queries import hours_of, target_of
from klarfall.ui import formats

_YEARS = 3  # this and the next two
_SINCE_EVER = date(2000, 1, 1)


@dataclass(frozen=True)
class WeekOf:
    """A set of weekly hours: from when it counts, in words, and whether it counts now, later or no more."""

    valid_from: date | None
    phrase: str
    state: str
    hours: ServiceHours


@dataclass(frozen=True)
class Month:
    """A month with its special days, as the clock knows them."""

    name: str
    days: tuple[ServiceDay, ...]


def today_at(calendar: ServiceCalendar, now: datetime) -> date:
    """The day it is where the calendar is."""
    return now.astimezone(ZoneInfo(calendar.zone)).date()


def weeks_of(calendar: ServiceCalendar, now: datetime) -> list[WeekOf]:
    """All sets of hours, the newest first."""
    versions = hours_of(calendar).versions
    today = today_at(calendar, now)
    begun = [valid_from for valid_from, _hours in versions if valid_from <= today]
    found = []
    for valid_from, hours in reversed(versions):
        state = "later" if valid_from > today else "now" if valid_from == max(begun) else "past"
        since = valid_from if valid_from > _SINCE_EVER else None
        found.append(WeekOf(since, week_phrase(hours), state, hours))
    return found


def drawn(hours: ServiceHours) -> list[tuple[str, list[tuple[int, int]], str]]:
    """Seven days for the drawing: name, openings as (start, length) in minutes, and the same in words."""
    closed = pgettext("service hours", "Closed")
    return [
        (str(WEEKDAYS_ABBR[weekday]), [_minutes(one) for one in spans], ", ".join(map(str, spans)) or closed)
        for weekday, spans in enumerate(hours.weekly)
    ]


def _minutes(interval: Interval) -> tuple[int, int]:
    return interval.start_minute, interval.end_minute - interval.start_minute


def years_of(calendar: ServiceCalendar, now: datetime) -> list[tuple[int, list[Month]]]:
    """Holidays and own days of this and the next two years by month: the same days on which the clock stands still."""
    hours, first = hours_of(calendar), today_at(calendar, now).year
    return [(year, list(_months(year, hours))) for year in range(first, first + _YEARS)]


def _months(year: int, hours: Hours) -> Iterator[Month]:
    days = clock.special_days(date(year, 1, 1), date(year, 12, 31), hours)
    for number, name in MONTHS.items():
        yield Month(str(name), tuple(day for day in days if day.day.month == number))


def trial(calendar: ServiceCalendar, day: date, at: time) -> list[tuple[str, int, str]] | None:
    """Per impact its name, minutes and by when a request of that moment would be answered, on the calendar's clock.

    None when the clock cannot say: nothing opens, or the day lies outside the years that it knows.
    """
    zone = ZoneInfo(calendar.zone)
    moment, hours = datetime.combine(day, at, zone), hours_of(calendar)
    try:
        due = {impact: clock.due_at(moment, target_of(calendar, impact), hours) for impact in Impact.values}
    except (ServiceHoursError, OverflowError):
        return None
    with timezone.override(zone):
        return [
            (str(label), _target(calendar, impact), formats.moment(due[impact])) for impact, label in Impact.choices
        ]


def _target(calendar: ServiceCalendar, impact: str) -> int:
    return int(target_of(calendar, impact) / timedelta(minutes=1))


def targets_of(calendar: ServiceCalendar) -> dict[str, int]:
    """Minutes of service time by impact, as they count now."""
    return {impact: _target(calendar, impact) for impact in Impact.values}
