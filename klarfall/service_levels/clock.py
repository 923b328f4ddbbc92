"""The service clock: when it is open, when something is due, how much service time has passed.

Pure: no database, no current time. Instants go in with any time zone and come out in UTC; durations are real
elapsed time, also where the clocks change (R4, R56). A moment is open from the opening to just before the closing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from klarfall.service_levels.errors import (
    NaiveInstant,
    NegativeTarget,
    NoOpeningTime,
    NotOpen,
    OutOfRange,
    ReversedPeriod,
)
from klarfall.service_levels.holidays_de import FIRST_YEAR, LAST_YEAR
from klarfall.service_levels.hours import (
    DAY,
    Hours,
    Interval,
    OwnDay,
    ServiceDay,
    ServiceHours,
    Span,
    Timeline,
    own_day,
    timeline,
    week,
)

__all__ = [
    "HORIZON",
    "Hours",
    "Interval",
    "Now",
    "OwnDay",
    "ServiceDay",
    "ServiceHours",
    "Span",
    "Timeline",
    "closes_at",
    "due_at",
    "intervals_on",
    "is_open",
    "now_at",
    "opens_at",
    "own_day",
    "service_time_between",
    "special_days",
    "timeline",
    "week",
]

# Long enough for any closure a vendor plans, short enough to notice a calendar without hours.
HORIZON = timedelta(days=400)
# Questions are taken for the years whose zone and horizon still lie in the years of known holidays.
_FIRST, _LAST = FIRST_YEAR + 1, LAST_YEAR - 2
_ZERO = timedelta(0)


@dataclass(frozen=True)
class Now:
    """The answer for the page header; both instants in UTC."""

    at: datetime
    is_open: bool
    changes_at: datetime | None
    """Closing time when open, next opening when closed; None if nothing changes within the horizon."""
    zone: str
    """The zone of the service hours, in which the answer is shown."""


def is_open(at: datetime, hours: Hours) -> bool:
    """This function will tell whether an instant lies in the service hours."""
    at = _utc(at)
    openings = _year(hours, at.year)
    index = bisect_right(openings.starts, at) - 1
    return index >= 0 and at < openings.ends[index]


def opens_at(at: datetime, hours: Hours) -> datetime:
    """This function will find the next opening: the first open instant at or after `at` (when open, `at` itself)."""
    at = _utc(at)
    for span in _openings_from(at, hours):
        return max(at, span.start)
    raise NoOpeningTime(day=at.date(), days=HORIZON.days)


def closes_at(at: datetime, hours: Hours) -> datetime | None:
    """This function will find the end of the opening that holds `at`, across midnight and touching intervals.

    None when it stays open beyond the horizon; NotOpen when `at` is outside the service hours.
    """
    at = _utc(at)
    end = at
    for span in _openings_from(at, hours):
        if span.start > end:
            break
        end = span.end
        if end - at > HORIZON:
            return None
    if end == at:
        raise NotOpen
    return end


def now_at(at: datetime, hours: Hours) -> Now:
    """This function will answer "open until" or "closed, open again from"; it never fails for want of hours."""
    at = _utc(at)
    zone = hours.at(at).zone
    if is_open(at, hours):
        return Now(at, is_open=True, changes_at=closes_at(at, hours), zone=zone)
    opening = next((span.start for span in _openings_from(at, hours)), None)
    return Now(at, is_open=False, changes_at=opening, zone=zone)


def due_at(start: datetime, target: timedelta, hours: Hours) -> datetime:
    """This function will find the first instant by which `target` of service time has passed since `start`.

    A target used up at closing time is due at closing time, not at the next opening; a target of zero at `start`.
    """
    start = _utc(start)
    if target < _ZERO:
        raise NegativeTarget
    if not target:
        return start
    left = target + _year(hours, start.year).time_before(start)
    open_until = start
    for year in range(start.year, LAST_YEAR + 1):
        openings = _year(hours, year)
        opening = openings.starts[0] if openings.starts else _new_year(year + 1)
        if opening - open_until > HORIZON:
            raise NoOpeningTime(day=open_until.date(), days=HORIZON.days)
        if left <= openings.total:
            return openings.instant_after(left)
        left -= openings.total
        open_until = max([open_until, *openings.ends[-1:]])
    raise _out_of_range()


def service_time_between(start: datetime, end: datetime, hours: Hours) -> timedelta:
    """This function will measure the service time from `start` to `end`, which must not lie before it."""
    start, end = _utc(start), _utc(end)
    if end < start:
        raise ReversedPeriod
    whole_years = sum((_year(hours, year).total for year in range(start.year, end.year)), _ZERO)
    return whole_years + _year(hours, end.year).time_before(end) - _year(hours, start.year).time_before(start)


def intervals_on(day: date, hours: Hours) -> tuple[Interval, ...]:
    """This function will give the wall clock hours of one date in the calendar's zone, for the drawing of a day."""
    return hours.on(day).intervals


def special_days(first: date, last: date, hours: Hours) -> list[ServiceDay]:
    """This function will list holidays and own days from `first` to `last`, both included."""
    days = (hours.on(first + DAY * number) for number in range((last - first).days + 1))
    return [day for day in days if day.is_special]


@dataclass(frozen=True)
class _Openings:
    """The openings of one UTC year, merged and in order, with the service time of the year before each of them."""

    starts: list[datetime]
    ends: list[datetime]
    before: list[timedelta]
    total: timedelta

    def time_before(self, at: datetime) -> timedelta:
        """The service time of the year that has passed at an instant of that year."""
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return _ZERO
        return self.before[index] + (min(at, self.ends[index]) - self.starts[index])

    def instant_after(self, service_time: timedelta) -> datetime:
        """The first instant of the year at which that much has passed; above zero, at most `total`."""
        index = bisect_left(self.before, service_time) - 1
        return self.starts[index] + (service_time - self.before[index])


@lru_cache(maxsize=128)
def _year(hours: Hours, year: int) -> _Openings:
    """This function will lay out a whole year once, so that every later question is a binary search."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _out_of_range()
    starts: list[datetime] = []
    ends: list[datetime] = []
    before: list[timedelta] = []
    total = _ZERO
    for span in _merged(_spans_of(hours, _new_year(year), _new_year(year + 1))):
        starts.append(span.start)
        ends.append(span.end)
        before.append(total)
        total += span.end - span.start
    return _Openings(starts, ends, before, total)


def _spans_of(hours: Hours, begin: datetime, end: datetime) -> Iterator[Span]:
    """This function will yield the openings of all versions between two instants, cut at both."""
    # Two days more on each side: a local date may begin more than a day before or after the UTC date.
    first, last = begin.date() - 2 * DAY, end.date() + 2 * DAY
    valid_to = [valid_from for valid_from, _version in hours.versions[1:]] + [date.max]
    for (valid_from, version), following in zip(hours.versions, valid_to, strict=True):
        day = max(first, valid_from)
        while day < min(last, following):
            for span in version.spans_on(day):
                if span.start < end and begin < span.end:
                    yield Span(max(span.start, begin), min(span.end, end))
            day += DAY


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """This function will join spans that touch or overlap (versions in different zones may)."""
    current: Span | None = None
    for span in sorted(spans):
        if current is None:
            current = span
        elif span.start <= current.end:
            current = Span(current.start, max(current.end, span.end))
        else:
            yield current
            current = span
    if current is not None:
        yield current


def _openings_from(at: datetime, hours: Hours) -> Iterator[Span]:
    """This function will yield the openings that end after `at`, until nothing opens within the horizon."""
    open_until = at
    for year in range(at.year, LAST_YEAR + 1):
        openings = _year(hours, year)
        for index in range(bisect_right(openings.ends, at), len(openings.ends)):
            if openings.starts[index] - open_until > HORIZON:
                return
            yield Span(openings.starts[index], openings.ends[index])
            open_until = openings.ends[index]
        if _new_year(year + 1) - open_until > HORIZON:
            return


def _utc(at: datetime) -> datetime:
    """This function will bring an instant to UTC, and refuse one without a zone or outside the known years."""
    if at.utcoffset() is None:
        raise NaiveInstant
    if not _FIRST <= at.year <= _LAST:
        raise _out_of_range()
    return at.astimezone(UTC)


def _new_year(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def _out_of_range() -> OutOfRange:
    return OutOfRange(first=_FIRST, last=_LAST)
