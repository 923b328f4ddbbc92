"""Stored calendars as the values that the pure clock reads, kept for half a minute per process."""

from datetime import timedelta

from django.core.cache import cache

from klarfall.service_levels.clock import Hours, own_day, timeline
from klarfall.service_levels.models import ServiceCalendar

_SECONDS = 30
_HOUR = 60


def hours_of(calendar: ServiceCalendar) -> Hours:
    """The service hours of a calendar with holidays, own days and all its versions."""
    hours, _targets = _stored(calendar)
    return hours


def target_of(calendar: ServiceCalendar, impact: str) -> timedelta:
    """Service time until the first answer is promised; eight hours where none was set."""
    _hours, targets = _stored(calendar)
    return timedelta(minutes=targets.get(impact, 8 * _HOUR))


def forget(calendar: ServiceCalendar) -> None:
    """Read the calendar anew next time (after it was changed)."""
    cache.delete(f"klarfall.calendar.{calendar.pk}")


def _stored(calendar: ServiceCalendar) -> tuple[Hours, dict[str, int]]:
    key = f"klarfall.calendar.{calendar.pk}"
    if (kept := cache.get(key)) is not None:
        return kept
    value = (read_hours(calendar), dict(calendar.targets.values_list("impact", "minutes")))
    cache.set(key, value, _SECONDS)
    return value


def read_hours(calendar: ServiceCalendar) -> Hours:
    """The hours as the database holds them in this transaction; nothing is kept."""
    rows = calendar.intervals.values_list("valid_from", "weekday", "starts", "ends")
    days = calendar.own_days.values_list("day", "name", "intervals")
    return timeline(
        calendar.zone,
        rows,
        state=calendar.state,
        categories=("catholic",) if calendar.catholic and calendar.state else (),
        own_days=tuple(own_day(*day) for day in days),
    )
