"""Service hours as plain values: the week, the holidays, the own days, and the versions that follow each other."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from klarfall.service_levels.errors import (
    DuplicateDay,
    DuplicateVersion,
    IncompleteWeek,
    NotWholeMinutes,
    NoVersion,
    OverlappingIntervals,
    ReversedInterval,
    UnknownWeekday,
    UnknownZone,
    UnreadableHours,
)
from klarfall.service_levels.holidays_de import check_holidays, holidays_of

MIDNIGHT = time(0)
DAY = timedelta(days=1)
MINUTES_A_DAY = 24 * 60
WEEKDAYS = 7
_WALL_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)


class Interval(NamedTuple):
    """Opening hours on the wall clock of one day, end exclusive; an end of 00:00 is the midnight after (24:00)."""

    start: time
    end: time

    @property
    def start_minute(self) -> int:
        """Minutes from midnight on the wall clock, 0 to 1439."""
        return self.start.hour * 60 + self.start.minute

    @property
    def end_minute(self) -> int:
        """Minutes from midnight on the wall clock, 1 to 1440."""
        return self.end.hour * 60 + self.end.minute or MINUTES_A_DAY

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{'24:00' if self.end == MIDNIGHT else format(self.end, '%H:%M')}"


class OwnDay(NamedTuple):
    """A date on which the vendor's own hours replace week and holiday; no intervals means closed."""

    day: date
    name: str = ""
    intervals: tuple[Interval, ...] = ()


class ServiceDay(NamedTuple):
    """The hours of one date; special is a holiday (also on a Sunday) or an own day, and `name` is its name."""

    day: date
    intervals: tuple[Interval, ...] = ()
    name: str = ""
    is_special: bool = False


class Span(NamedTuple):
    """A stretch of real time in UTC during which it is open, end exclusive."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class ServiceHours:
    """One calendar of a place: own days win over holidays, holidays over the week.

    `weekly` has seven entries from Monday on; `state` is the code of a Bundesland, or empty for no holidays;
    `categories` adds holidays that hold in parts of a state. Sorted and checked when made, usable as a key.
    """

    zone: str
    weekly: tuple[tuple[Interval, ...], ...]
    state: str = ""
    categories: tuple[str, ...] = ()
    own_days: tuple[OwnDay, ...] = ()

    def __post_init__(self) -> None:
        _zone(self.zone)
        if len(self.weekly) != WEEKDAYS:
            raise IncompleteWeek(count=len(self.weekly))
        check_holidays(self.state, self.categories)
        own_days = sorted(OwnDay(own.day, own.name, _checked(own.intervals)) for own in self.own_days)
        for first, second in pairwise(own_days):
            if first.day == second.day:
                raise DuplicateDay(day=second.day)
        object.__setattr__(self, "weekly", tuple(_checked(intervals) for intervals in self.weekly))
        object.__setattr__(self, "categories", tuple(sorted(set(self.categories))))
        object.__setattr__(self, "own_days", tuple(own_days))

    @property
    def tzinfo(self) -> ZoneInfo:
        """The zone whose wall clock the hours are read from."""
        return _zone(self.zone)

    @property
    def versions(self) -> tuple[tuple[date, "ServiceHours"], ...]:
        """This calendar as the only version, in force always."""
        return ((date.min, self),)

    def at(self, _instant: datetime) -> "ServiceHours":
        """The hours in force at an instant: always these."""
        return self

    def on(self, day: date) -> ServiceDay:
        """The hours of one date, with the name of the holiday or own day if it is one."""
        own = _own_days(self.own_days).get(day)
        if own is not None:
            return ServiceDay(day, own.intervals, own.name, is_special=True)
        holiday = holidays_of(self.state, self.categories, day.year).get(day)
        if holiday is not None:
            return ServiceDay(day, (), holiday, is_special=True)
        return ServiceDay(day, self.weekly[day.weekday()])

    def spans_on(self, day: date) -> Iterable[Span]:
        """The real stretches of time that belong to one date, in order; hours that the clocks skip are left out."""
        for interval in self.on(day).intervals:
            start = _instant(datetime.combine(day, interval.start), self.tzinfo)
            end = _instant(datetime.combine(day, MIDNIGHT) + timedelta(minutes=interval.end_minute), self.tzinfo)
            if start < end:
                yield Span(start, end)


@dataclass(frozen=True)
class Timeline:
    """Versions of a calendar: on each day that with the newest `valid_from` not after it; before the first, closed."""

    versions: tuple[tuple[date, ServiceHours], ...]

    def __post_init__(self) -> None:
        if not self.versions:
            raise NoVersion
        versions = sorted(self.versions, key=lambda version: version[0])
        for (first, _hours), (second, _other) in pairwise(versions):
            if first == second:
                raise DuplicateVersion(day=second)
        object.__setattr__(self, "versions", tuple(versions))

    def at(self, instant: datetime) -> ServiceHours:
        """The version in force at an instant; before the first one, the first (for its zone: it is closed then)."""
        newest = (hours for valid_from, hours in reversed(self.versions) if valid_from <= _local_date(instant, hours))
        return next(newest, self.versions[0][1])

    def on(self, day: date) -> ServiceDay:
        """The hours of one date in the version of that date."""
        newest = (hours.on(day) for valid_from, hours in reversed(self.versions) if valid_from <= day)
        return next(newest, ServiceDay(day))


Hours = ServiceHours | Timeline


def week(rows: Iterable[tuple[int, time, time]]) -> tuple[tuple[Interval, ...], ...]:
    """This function will sort rows (weekday from Monday = 0, start, end) into the seven days of a week."""
    days: list[list[Interval]] = [[] for _weekday in range(WEEKDAYS)]
    for weekday, start, end in rows:
        if not 0 <= weekday < WEEKDAYS:
            raise UnknownWeekday(weekday=weekday)
        days[weekday].append(Interval(start, end))
    return tuple(tuple(intervals) for intervals in days)


def timeline(
    zone: str,
    rows: Iterable[tuple[date, int, time, time]],
    *,
    state: str = "",
    categories: tuple[str, ...] = (),
    own_days: tuple[OwnDay, ...] = (),
) -> Timeline:
    """This function will build a calendar from stored rows (valid from, weekday, start, end).

    All rows with one `valid_from` are one version; holidays and own days hold in all of them. Without rows the
    calendar is closed, except on own days with hours.
    """
    versions: dict[date, list[tuple[int, time, time]]] = {}
    for valid_from, weekday, start, end in rows:
        versions.setdefault(valid_from, []).append((weekday, start, end))
    return Timeline(
        tuple(
            (valid_from, ServiceHours(zone, week(version), state, categories, own_days))
            for valid_from, version in (versions or {date.min: []}).items()
        )
    )


def own_day(day: date, name: str, pairs: object) -> OwnDay:
    """This function will read an own day with its hours as pairs of "HH:MM" (end also "24:00"); no pairs = closed."""
    if not isinstance(pairs, list | tuple):
        raise UnreadableHours(hours=pairs)
    return OwnDay(day, name, _checked(tuple(_interval(pair) for pair in pairs)))


def _interval(pair: object) -> Interval:
    match pair:
        case [str(start), str(end)] if _WALL_TIME.fullmatch(start) and _WALL_TIME.fullmatch(end):
            return Interval(time.fromisoformat(start), time.fromisoformat(end))
        case [str(start), "24:00"] if _WALL_TIME.fullmatch(start):
            return Interval(time.fromisoformat(start), MIDNIGHT)
    raise UnreadableHours(hours=pair)


def _checked(intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """This function will sort the intervals of a day, and refuse reversed, overlapping or too fine ones."""
    for interval in intervals:
        if any(edge.second or edge.microsecond or edge.tzinfo for edge in interval):
            raise NotWholeMinutes(interval=f"{interval.start}–{interval.end}")
        if interval.start_minute >= interval.end_minute:
            raise ReversedInterval(interval=interval)
    ordered = tuple(sorted(intervals))
    for first, second in pairwise(ordered):
        if second.start_minute < first.end_minute:
            raise OverlappingIntervals(first=first, second=second)
    return ordered


@lru_cache(maxsize=256)
def _own_days(own_days: tuple[OwnDay, ...]) -> dict[date, OwnDay]:
    return {own.day: own for own in own_days}


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UnknownZone(zone=name) from problem


def _local_date(instant: datetime, hours: ServiceHours) -> date:
    return instant.astimezone(hours.tzinfo).date()


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """This function will tell when a wall clock first shows `wall` or later, in UTC.

    A time that exists twice is its first occurrence, a time that is skipped is the moment of the jump. So the
    order of wall times is kept, neighbours stay neighbours, and a length is always the time that really passed.
    """
    before = _offset(wall.replace(tzinfo=zone))
    after = _offset(wall.replace(tzinfo=zone, fold=1))
    if before >= after:
        return (wall - before).replace(tzinfo=UTC)
    early, late = (wall - after).replace(tzinfo=UTC), (wall - before).replace(tzinfo=UTC)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if _offset(middle.astimezone(zone)) == after:
            late = middle
        else:
            early = middle
    return late


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta(0)
