"""The service clock against a slow and obvious one that looks at every single minute."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from klarfall.service_levels import errors
from klarfall.service_levels.clock import (
    Interval,
    OwnDay,
    ServiceHours,
    Timeline,
    closes_at,
    due_at,
    is_open,
    now_at,
    opens_at,
    service_time_between,
)
from klarfall.service_levels.hours import Hours

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ZERO = timedelta(0)

# --- The obvious clock: its own idea of wall clocks, holidays and versions -------------------------------------------


def easter_sunday(year: int) -> date:
    """Gauss's rule in the form of Meeus, Jones and Butcher."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def is_catholic_bavarian_holiday(day: date) -> bool:
    fixed = {(1, 1), (1, 6), (5, 1), (8, 15), (10, 3), (11, 1), (12, 25), (12, 26)}
    moving = {easter_sunday(day.year) + DAY * days for days in (-2, 1, 39, 50, 60)}
    luther = day == date(2017, 10, 31)
    return (day.month, day.day) in fixed or day in moving or luther


def intervals_of(day: date, hours: ServiceHours) -> tuple[Interval, ...]:
    own = [special.intervals for special in hours.own_days if special.day == day]
    if own:
        return own[0]
    if hours.state and is_catholic_bavarian_holiday(day):
        return ()
    return hours.weekly[day.weekday()]


def shows_open(wall: datetime, valid_from: date, valid_to: date, hours: ServiceHours) -> bool:
    if not valid_from <= wall.date() < valid_to:
        return False
    minute = wall.hour * 60 + wall.minute
    for start, end in intervals_of(wall.date(), hours):
        if start.hour * 60 + start.minute <= minute < (end.hour * 60 + end.minute or 1440):
            return True
    return False


def open_minutes(start: datetime, end: datetime, hours: Hours) -> Iterator[bool]:
    """One answer per minute of UTC. Where the clocks go back, the hours wait until the clock shows new times again."""
    borders = [valid_from for valid_from, _version in hours.versions[1:]] + [date.max]
    latest = [datetime.min for _version in hours.versions]
    minute = start - 2 * DAY
    while minute < end:
        answer = False
        for number, (valid_from, version) in enumerate(hours.versions):
            wall = minute.astimezone(ZoneInfo(version.zone)).replace(tzinfo=None, fold=0)
            latest[number] = max(latest[number], wall)
            answer = answer or shows_open(latest[number], valid_from, borders[number], version)
        if minute >= start:
            yield answer
        minute += MINUTE


# --- What to try -----------------------------------------------------------------------------------------------------

# Nights on which clocks change: by an hour, by half an hour, at midnight, just after it, by a whole day.
TURNS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Sao_Paulo", date(2017, 10, 15)),
    ("America/Sao_Paulo", date(2018, 2, 18)),
    ("America/St_Johns", date(2010, 11, 7)),
    ("America/Havana", date(2024, 11, 3)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kathmandu", date(2026, 1, 1)),
]


@st.composite
def day_intervals(draw: st.DrawFn) -> tuple[Interval, ...]:
    edges = sorted(draw(st.lists(st.sampled_from(EDGES), max_size=6, unique=True)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(Interval(clock_time(start), clock_time(end % 1440)) for start, end in pairs)


EDGES = [*range(0, 300, 10), *range(300, 1380, 45), *range(1380, 1441, 10)]


def clock_time(minute: int) -> time:
    return time(minute // 60, minute % 60)


@st.composite
def service_hours(draw: st.DrawFn, zone: str, around: date) -> ServiceHours:
    own_days = draw(st.dictionaries(st.integers(-3, 6), day_intervals(), max_size=2))
    state = draw(st.sampled_from(["", "BY"]))
    return ServiceHours(
        zone,
        tuple(draw(st.tuples(*[day_intervals()] * 7))),
        state=state,
        categories=("catholic",) if state else (),
        own_days=tuple(OwnDay(around + DAY * days, "", hours) for days, hours in own_days.items()),
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[Hours, datetime]:
    """A calendar, with or without versions, and a whole minute near a moment at which something can go wrong."""
    turns = st.sampled_from(TURNS)
    any_day = st.tuples(
        st.sampled_from(["Europe/Berlin", "Asia/Kolkata"]), st.dates(date(2000, 1, 1), date(2060, 1, 1))
    )
    zone, day = draw(turns | any_day)
    hours: Hours = draw(service_hours(zone, day))
    if draw(st.booleans()):
        other = draw(st.sampled_from([zone, "Asia/Tokyo"]))
        change = day + DAY * draw(st.integers(-1, 4))
        hours = Timeline(((date(1995, 1, 1), hours), (change, draw(service_hours(other, day)))))
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return hours, midnight + MINUTE * draw(st.integers(-1500, 1500))


def slow(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])


# --- What must hold --------------------------------------------------------------------------------------------------


@slow(50)
@given(situations(), st.integers(0, 4000))
def test_it_counts_the_minutes_that_are_open(situation, length):
    hours, start = situation
    end = start + MINUTE * length
    counted = sum(open_minutes(start, end, hours))
    assert service_time_between(start, end, hours) == MINUTE * counted


@slow(50)
@given(situations(), st.integers(0, 1500))
def test_due_is_the_end_of_the_last_minute_needed(situation, target):
    hours, start = situation
    window = 5 * 1440
    left, due = target, start
    for number, is_open_then in enumerate(open_minutes(start, start + MINUTE * window, hours), 1):
        if not left:
            break
        if is_open_then:
            left, due = left - 1, start + MINUTE * number
    assume(not left)
    assert due_at(start, MINUTE * target, hours) == due


@slow(40)
@given(situations())
def test_open_and_the_next_change_are_those_of_the_minutes(situation):
    hours, start = situation
    answers = list(open_minutes(start, start + 3 * DAY, hours))
    assert is_open(start, hours) is answers[0]
    change = next((number for number, answer in enumerate(answers) if answer is not answers[0]), None)
    assume(change is not None)
    moment = start + MINUTE * change
    assert now_at(start, hours).changes_at == moment
    assert (closes_at if answers[0] else opens_at)(start, hours) == moment
    assert is_open(moment, hours) is not answers[0]
    assert is_open(moment - timedelta.resolution, hours) is answers[0]


moments = st.timedeltas(ZERO, 900 * DAY)
targets = st.timedeltas(ZERO, 90 * DAY)


@slow(80)
@given(situations(), moments, targets)
@example((ServiceHours("UTC", ((),) * 7), datetime(2026, 1, 1, tzinfo=UTC)), ZERO, ZERO)
def test_the_service_time_until_due_is_the_target(situation, offset, target):
    hours, start = situation[0], situation[1] + offset
    try:
        due = due_at(start, target, hours)
        passed = service_time_between(start, due, hours)
    except (errors.NoOpeningTime, errors.OutOfRange):
        assume(False)  # ten minutes a week need centuries for 27 days
    assert passed == target
    # It is the first such instant: a moment earlier less has passed.
    if due > start:
        earlier = service_time_between(start, due - timedelta.resolution, hours)
        assert earlier == target - timedelta.resolution


@slow(80)
@given(situations(), moments, moments)
def test_due_after_the_time_that_passed_is_no_later(situation, first, second):
    hours, base = situation
    start, end = sorted([base + first, base + second])
    passed = service_time_between(start, end, hours)
    assert ZERO <= passed <= end - start
    due = due_at(start, passed, hours)
    assert due <= end
    assert service_time_between(due, end, hours) == ZERO
    if passed and is_open(end, hours):
        assert due == end


@slow(80)
@given(situations(), moments, moments, moments)
def test_service_time_adds_up(situation, one, two, three):
    hours, base = situation
    first, middle, last = sorted(base + offset for offset in (one, two, three))
    parts = service_time_between(first, middle, hours) + service_time_between(middle, last, hours)
    assert service_time_between(first, last, hours) == parts


@slow(80)
@given(situations(), moments, moments, targets, targets)
def test_asking_later_or_for_more_is_never_due_earlier(situation, one, other, small, large):
    hours, base = situation
    early, late = sorted([base + one, base + other])
    small, large = sorted([small, large])
    try:
        due = due_at(late, large, hours)
    except errors.NoOpeningTime:
        assume(False)
    assert due_at(early, small, hours) <= due
    assert due_at(late, small, hours) <= due
    assert due_at(early, large, hours) <= due


@pytest.mark.parametrize(("zone", "day"), TURNS)
@pytest.mark.parametrize("shift", [0, 10, 25, 40])
def test_every_edge_near_a_turn_of_the_clocks(zone, day, shift):
    """Short openings all day long, so that one begins, ends or lies wholly in whatever is skipped or repeated."""
    edges = list(range(shift, 1440, 35))
    intervals = tuple(
        Interval(clock_time(start), clock_time(end)) for start, end in zip(edges[::2], edges[1::2], strict=False)
    )
    hours = ServiceHours(zone, (intervals,) * 7)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - 2 * DAY
    passed = ZERO
    for number, answer in enumerate(open_minutes(start, start + 4 * DAY, hours)):
        minute = start + MINUTE * number
        assert is_open(minute, hours) is answer, minute
        passed += MINUTE * answer
    assert service_time_between(start, start + 4 * DAY, hours) == passed
