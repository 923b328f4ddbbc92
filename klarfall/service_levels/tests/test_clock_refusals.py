"""What the service clock refuses: calendars that cannot be, and questions without an answer."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from klarfall.service_levels import errors
from klarfall.service_levels.clock import (
    HORIZON,
    Interval,
    OwnDay,
    ServiceHours,
    Timeline,
    closes_at,
    due_at,
    is_open,
    now_at,
    opens_at,
    own_day,
    service_time_between,
    week,
)

BERLIN = "Europe/Berlin"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MONDAY = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo(BERLIN))
OFFICE = ServiceHours(BERLIN, week((weekday, time(8), time(17)) for weekday in range(5)), state="BY")
NEVER = ServiceHours(BERLIN, week([]))


def test_without_hours_a_due_date_is_refused():
    for question in (lambda: due_at(MONDAY, HOUR, NEVER), lambda: opens_at(MONDAY, NEVER)):
        with pytest.raises(errors.NoOpeningTime) as refusal:
            question()
        assert refusal.value.params == {"day": date(2026, 3, 2), "days": 400}


def test_the_horizon_is_400_days():
    opening = OwnDay(date(2027, 6, 1), "einmal", (Interval(time(0), time(1)),))
    once = ServiceHours("UTC", week([]), own_days=(opening,))
    first = datetime(2027, 6, 1, tzinfo=UTC)
    assert opens_at(first - HORIZON, once) == first
    assert due_at(first - HORIZON, HOUR, once) == first + HOUR
    for question in (opens_at, lambda start, hours: due_at(start, HOUR, hours)):
        with pytest.raises(errors.NoOpeningTime):
            question(first - HORIZON - timedelta.resolution, once)
    with pytest.raises(errors.NoOpeningTime):
        due_at(first, HOUR + MINUTE, once)


@pytest.mark.parametrize(
    ("error", "change"),
    [
        (errors.UnknownZone, {"zone": "Europe/Bielefeld"}),
        (errors.UnknownZone, {"zone": "../../etc/passwd"}),
        (errors.UnknownZone, {"zone": ""}),
        (errors.UnknownZone, {"zone": "Europe"}),
        (errors.UnknownZone, {"zone": "Europe/Ber\0lin"}),
        (errors.UnknownState, {"state": "XX"}),
        (errors.UnknownState, {"state": "by"}),
        (errors.UnknownCategory, {"state": "BY", "categories": ("school",)}),
        (errors.UnknownCategory, {"categories": ("catholic",)}),
        (errors.IncompleteWeek, {"weekly": ()}),
        (errors.DuplicateDay, {"own_days": (OwnDay(date(2026, 1, 2), "a"), OwnDay(date(2026, 1, 2), "b"))}),
    ],
)
def test_calendars_that_cannot_be_are_refused(error, change):
    with pytest.raises(error):
        ServiceHours(**{"zone": BERLIN, "weekly": week([]), **change})


@pytest.mark.parametrize(
    ("error", "intervals"),
    [
        (errors.ReversedInterval, [(time(17), time(8))]),
        (errors.ReversedInterval, [(time(22), time(6))]),
        (errors.ReversedInterval, [(time(8), time(8))]),
        (errors.OverlappingIntervals, [(time(8), time(12)), (time(11, 59), time(17))]),
        (errors.OverlappingIntervals, [(time(8), time(12)), (time(8), time(12))]),
        (errors.OverlappingIntervals, [(time(8), time(0)), (time(9), time(10))]),
        (errors.NotWholeMinutes, [(time(8, 0, 30), time(12))]),
        (errors.NotWholeMinutes, [(time(8), time(12, 0, 0, 1))]),
        (errors.NotWholeMinutes, [(time(8, tzinfo=UTC), time(12))]),
    ],
)
def test_intervals_that_cannot_be_are_refused(error, intervals):
    with pytest.raises(error):
        ServiceHours(BERLIN, week((2, start, end) for start, end in intervals))
    own = OwnDay(date(2026, 1, 2), "", tuple(Interval(*interval) for interval in intervals))
    with pytest.raises(error):
        ServiceHours(BERLIN, week([]), own_days=(own,))


@pytest.mark.parametrize(
    "pairs",
    [None, "08:00", {"08:00": "12:00"}, [["08:00"]], ["08"], [["8:00", "12:00"]], [["08:00", "25:00"]], [[8, 12]],
     [["08:00", "12:00", "13:00"]], [["24:00", "24:00"]], [["08:00+01:00", "12:00"]], [["08:00:30", "12:00"]], [None]],
)  # fmt: skip
def test_own_hours_that_cannot_be_read_are_refused(pairs):
    with pytest.raises(errors.UnreadableHours):
        own_day(date(2026, 1, 2), "", pairs)


def test_weekdays_and_versions_that_cannot_be_are_refused():
    for weekday in (-1, 7):
        with pytest.raises(errors.UnknownWeekday):
            week([(weekday, time(8), time(9))])
    with pytest.raises(errors.NoVersion):
        Timeline(())
    with pytest.raises(errors.DuplicateVersion):
        Timeline(((date(2026, 1, 1), OFFICE), (date(2026, 1, 1), NEVER)))


@pytest.mark.parametrize(
    ("error", "moment"),
    [
        (errors.NaiveInstant, datetime(2026, 3, 2, 9)),
        (errors.OutOfRange, datetime.min.replace(tzinfo=UTC)),
        (errors.OutOfRange, datetime.max.replace(tzinfo=UTC)),
        (errors.OutOfRange, datetime(1991, 12, 31, tzinfo=UTC)),
        (errors.OutOfRange, datetime(2099, 1, 1, tzinfo=UTC)),
    ],
)
def test_instants_that_cannot_be_placed_are_refused(error, moment):
    sound = datetime(2026, 3, 2, 9, tzinfo=UTC)
    questions = (
        lambda: is_open(moment, OFFICE),
        lambda: opens_at(moment, OFFICE),
        lambda: closes_at(moment, OFFICE),
        lambda: now_at(moment, OFFICE),
        lambda: due_at(moment, HOUR, OFFICE),
        lambda: service_time_between(moment, sound, OFFICE),
        lambda: service_time_between(sound, moment, OFFICE),
    )
    for question in questions:
        with pytest.raises(error):
            question()


def test_reversed_periods_and_negative_or_endless_targets_are_refused():
    start = MONDAY
    with pytest.raises(errors.ReversedPeriod):
        service_time_between(start, start - timedelta.resolution, OFFICE)
    with pytest.raises(errors.NegativeTarget):
        due_at(start, -timedelta.resolution, OFFICE)
    with pytest.raises(errors.OutOfRange):
        due_at(start, timedelta(days=36500), OFFICE)
