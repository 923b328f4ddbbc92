"""The service hours in words: the header's "open until", the week in one line; both sites say it the same way.

Unlike the clock these know the active language; times are those of the calendar's zone.
"""

from datetime import datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext, pgettext

from klarfall.service_levels.clock import Interval, Now, ServiceHours
from klarfall.service_levels.hours import MIDNIGHT
from klarfall.ui import formats

_NAMED_DAYS = 6  # from the seventh day on the name of a weekday alone would be ambiguous


def now_phrase(now: Now) -> str:
    """Returns `Geöffnet bis 17:00 Uhr` or `Geschlossen, wieder ab Mo, 8:00 Uhr`."""
    if now.changes_at is None:
        return gettext("Open around the clock") if now.is_open else pgettext("service hours", "Closed")
    if now.is_open:
        return gettext("Open until %(when)s") % {"when": _closing(now.changes_at, now)}
    return gettext("Closed, open again from %(when)s") % {"when": _moment(now.changes_at, now)}


def week_phrase(hours: ServiceHours) -> str:
    """Returns the ordinary week in one line: `Mo bis Do 8–17 Uhr, Fr 8–12 und 13–15 Uhr`; closed days left out."""
    days = [
        f"{_days([weekday for weekday, _intervals in group])} {_hours(intervals)}"
        for intervals, group in groupby(enumerate(hours.weekly), key=lambda entry: entry[1])
        if intervals
    ]
    return ", ".join(days) or pgettext("service hours", "Closed")


def _closing(at: datetime, now: Now) -> str:
    """Returns the closing time; midnight is the end of today, not the beginning of tomorrow."""
    zone = ZoneInfo(now.zone)
    today, closing = now.at.astimezone(zone).date(), at.astimezone(zone)
    if closing.date() == today:
        return _clock(closing.time())
    if closing.time() == MIDNIGHT and closing.date() == today + timedelta(days=1):
        return pgettext("time of day", "%(time)s") % {"time": "24:00"}
    return _moment(at, now)


def _moment(at: datetime, now: Now) -> str:
    """Returns `heute, 13:00 Uhr`, `morgen, 8:00 Uhr`, `Mo, 8:00 Uhr` or `Mo, 04.01.2027, 8:00 Uhr`."""
    with timezone.override(ZoneInfo(now.zone)):
        local, today = timezone.localtime(at), timezone.localtime(now.at).date()
        distance = (local.date() - today).days
        by_name = 1 < distance <= _NAMED_DAYS
        day = str(WEEKDAYS_ABBR[local.weekday()]) if by_name else formats.day(at, now.at)
    return f"{day}, {_clock(local.time())}"


def _clock(at: time) -> str:
    return pgettext("time of day", "%(time)s") % {"time": f"{at.hour}:{at:%M}"}


def _days(weekdays: list[int]) -> str:
    names = [str(WEEKDAYS_ABBR[weekday]) for weekday in weekdays]
    if len(names) == 1:
        return names[0]
    return pgettext("weekdays", "%(first)s to %(last)s") % {"first": names[0], "last": names[-1]}


def _hours(intervals: tuple[Interval, ...]) -> str:
    between = pgettext("between two spans of time", "and")
    joined = f" {between} ".join(
        f"{_short(interval.start_minute)}–{_short(interval.end_minute)}" for interval in intervals
    )
    return pgettext("time of day", "%(time)s") % {"time": joined}


def _short(minute: int) -> str:
    """Returns a time of day as people say it: `8`, `8:30`, `24`."""
    return f"{minute // 60}:{minute % 60:02d}" if minute % 60 else str(minute // 60)
