"""Tables of the service clock: what is due when, and what counts."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from klarfall.service_levels import errors
from klarfall.service_levels.clock import (
    Interval,
    Now,
    ServiceHours,
    Timeline,
    closes_at,
    due_at,
    intervals_on,
    is_open,
    now_at,
    opens_at,
    own_day,
    service_time_between,
    special_days,
    timeline,
    week,
)

BERLIN = "Europe/Berlin"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def at(text, zone=BERLIN, fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def daily(*pairs, days=range(7)):
    """The same hours on the given weekdays, written "08:00-12:00"."""
    rows = []
    for pair in pairs:
        start, end = pair.split("-")
        rows += [(weekday, time.fromisoformat(start), time.fromisoformat(end)) for weekday in days]
    return week(rows)


OFFICE = ServiceHours(
    BERLIN,
    daily("08:00-17:00", days=range(5)),
    state="BY",
    categories=("catholic",),
    own_days=(
        own_day(date(2026, 12, 24), "Heiligabend", []),
        own_day(date(2026, 12, 31), "Silvester", [["08:00", "12:00"]]),
        own_day(date(2026, 10, 3), "Umstellung", [["10:00", "12:00"]]),
    ),
)
LUNCH = ServiceHours(BERLIN, daily("08:00-12:00", "13:00-17:00", days=range(5)))
NIGHT = ServiceHours(BERLIN, daily("01:00-04:00"))
LATE = ServiceHours(BERLIN, daily("22:00-00:00", "00:00-06:00"))
ALWAYS = ServiceHours(BERLIN, daily("00:00-00:00"))
NEVER = ServiceHours(BERLIN, week([]))


@pytest.mark.parametrize(
    ("why", "start", "target", "hours", "due"),
    [
        ("within the day", "2026-03-02 09:00", 4 * HOUR, OFFICE, "2026-03-02 13:00"),
        ("overnight", "2026-03-02 15:00", 4 * HOUR, OFFICE, "2026-03-03 10:00"),
        ("several days", "2026-03-02 08:00", 20 * HOUR, OFFICE, "2026-03-04 10:00"),
        ("weekend", "2026-03-06 16:00", 2 * HOUR, OFFICE, "2026-03-09 09:00"),
        ("asked on Sunday night", "2026-03-08 03:00", HOUR, OFFICE, "2026-03-09 09:00"),
        ("lunch break", "2026-03-02 11:30", HOUR, LUNCH, "2026-03-02 13:30"),
        ("asked at lunch", "2026-03-02 12:20", HOUR, LUNCH, "2026-03-02 14:00"),
        ("Easter", "2026-04-02 16:30", HOUR, OFFICE, "2026-04-07 08:30"),
        ("Mariä Himmelfahrt, a Friday", "2025-08-14 16:30", HOUR, OFFICE, "2025-08-18 08:30"),
        ("change to summer time", "2026-03-27 16:00", 2 * HOUR, OFFICE, "2026-03-30 09:00"),
        ("change to winter time", "2026-10-23 16:00", 2 * HOUR, OFFICE, "2026-10-26 09:00"),
        ("through the skipped hour", "2026-03-29 01:30", HOUR, NIGHT, "2026-03-29 03:30"),
        ("through the repeated hour", "2026-10-25 01:30", 2 * HOUR, NIGHT, "2026-10-25 02:30+1"),
        ("own day, holidays, Sunday", "2026-12-23 16:00", 6 * HOUR, OFFICE, "2026-12-28 13:00"),
        ("half day and year change", "2026-12-30 16:00", 6 * HOUR, OFFICE, "2027-01-04 09:00"),
        ("own hours on a holiday, a Saturday", "2026-10-02 16:00", 2 * HOUR, OFFICE, "2026-10-03 11:00"),
        ("due exactly at closing time", "2026-03-02 16:00", HOUR, OFFICE, "2026-03-02 17:00"),
        ("a microsecond after closing time", "2026-03-02 16:00", HOUR + timedelta.resolution, OFFICE,
         "2026-03-03 08:00:00.000001"),
        ("asked at closing time", "2026-03-02 17:00", HOUR, OFFICE, "2026-03-03 09:00"),
        ("asked at opening time", "2026-03-02 08:00", HOUR, OFFICE, "2026-03-02 09:00"),
        ("zero target when open", "2026-03-02 09:00", 0 * HOUR, OFFICE, "2026-03-02 09:00"),
        ("zero target when closed", "2026-03-07 09:00", 0 * HOUR, OFFICE, "2026-03-07 09:00"),
        ("across midnight", "2026-03-02 22:30", 5 * HOUR, LATE, "2026-03-03 03:30"),
        ("across the New Year of UTC", "2026-12-31 23:30", 4 * HOUR, LATE, "2027-01-01 03:30"),
        ("around the clock", "2026-03-28 12:00", 24 * HOUR, ALWAYS, "2026-03-29 13:00"),
        ("three years", "2026-01-01 00:00", timedelta(days=1096), ALWAYS, "2029-01-01 00:00"),
    ],
)  # fmt: skip
def test_due_at(why, start, target, hours, due):
    expected = at(due.removesuffix("+1"), fold=due.endswith("+1"))  # +1: the second of two
    assert due_at(at(start), target, hours) == expected.astimezone(UTC), why


@pytest.mark.parametrize(
    ("why", "start", "end", "hours", "passed"),
    [
        ("a night", "2026-03-02 15:00", "2026-03-03 10:00", OFFICE, 4 * HOUR),
        ("a weekend", "2026-03-06 17:00", "2026-03-09 08:00", OFFICE, 0 * HOUR),
        ("the same instant", "2026-03-06 12:00", "2026-03-06 12:00", OFFICE, 0 * HOUR),
        ("lunch", "2026-03-02 11:00", "2026-03-02 14:00", LUNCH, 2 * HOUR),
        ("the skipped hour", "2026-03-29 00:00", "2026-03-29 12:00", NIGHT, 2 * HOUR),
        ("the repeated hour", "2026-10-25 00:00", "2026-10-25 12:00", NIGHT, 4 * HOUR),
        ("a week with Easter", "2026-04-01 00:00", "2026-04-08 00:00", OFFICE, 27 * HOUR),
        ("the days between the years", "2026-12-23 00:00", "2027-01-05 00:00", OFFICE, (9 + 27 + 4 + 9) * HOUR),
        ("a common and a leap year", "2027-01-01 00:00", "2029-01-01 00:00", ALWAYS, timedelta(days=731)),
    ],
)
def test_service_time_between(why, start, end, hours, passed):
    assert service_time_between(at(start), at(end), hours) == passed, why


@pytest.mark.parametrize(
    ("why", "pair", "day", "passed", "opening", "closing"),
    [
        ("begins in the skipped hour", "02:30-04:00", "2026-03-29", 60 * MINUTE, "01:00", "02:00"),
        ("ends in the skipped hour", "01:00-02:30", "2026-03-29", 60 * MINUTE, "00:00", "01:00"),
        ("lies in the skipped hour", "02:10-02:50", "2026-03-29", 0 * MINUTE, None, None),
        ("begins in the repeated hour", "02:30-04:00", "2026-10-25", 150 * MINUTE, "00:30", "03:00"),
        ("ends in the repeated hour", "01:00-02:30", "2026-10-25", 90 * MINUTE, "-1:00", "00:30"),
        ("lies in the repeated hour", "02:10-02:50", "2026-10-25", 40 * MINUTE, "00:10", "00:50"),
        ("is the repeated hour", "02:00-03:00", "2026-10-25", 120 * MINUTE, "00:00", "02:00"),
    ],
)
def test_an_interval_on_the_night_of_a_time_change(why, pair, day, passed, opening, closing):
    hours = ServiceHours(BERLIN, daily(pair, days=[6]))
    midnight = datetime.fromisoformat(f"{day} 00:00+00:00")
    assert service_time_between(midnight - 6 * HOUR, midnight + 12 * HOUR, hours) == passed, why
    if opening is not None:
        starts = midnight + int(opening[:-3]) * HOUR + int(opening[-2:]) * MINUTE
        ends = midnight + int(closing[:2]) * HOUR + int(closing[3:]) * MINUTE
        assert (opens_at(midnight - 6 * HOUR, hours), closes_at(starts, hours)) == (starts, ends), why


@pytest.mark.parametrize(
    ("moment", "hours", "expected"),
    [
        ("2026-03-02 07:59:59.999999", OFFICE, False),
        ("2026-03-02 08:00", OFFICE, True),
        ("2026-03-02 16:59:59.999999", OFFICE, True),
        ("2026-03-02 17:00", OFFICE, False),
        ("2026-04-06 10:00", OFFICE, False),
        ("2026-10-03 11:00", OFFICE, True),
        ("2026-12-24 10:00", OFFICE, False),
        ("2025-12-24 10:00", OFFICE, True),
        ("2026-03-03 00:00", LATE, True),
        ("2026-03-03 06:00", LATE, False),
        ("2026-03-03 12:00", ALWAYS, True),
        ("2026-03-03 12:00", NEVER, False),
    ],
)
def test_is_open(moment, hours, expected):
    assert is_open(at(moment), hours) is expected


def test_a_closing_time_is_found_across_midnight_and_touching_intervals():
    assert closes_at(at("2026-03-02 23:00"), LATE) == at("2026-03-03 06:00")
    touching = ServiceHours(BERLIN, daily("12:00-17:00", "08:00-12:00"))
    assert closes_at(at("2026-03-02 09:00"), touching) == at("2026-03-02 17:00")
    new_year = ServiceHours("UTC", daily("20:00-00:00", "00:00-02:00"))
    assert closes_at(at("2026-12-31 21:00", "UTC"), new_year) == at("2027-01-01 02:00", "UTC")


def test_around_the_clock_never_closes():
    assert closes_at(at("2026-03-02 23:00"), ALWAYS) is None
    assert closes_at(at("2098-12-31 23:00"), ALWAYS) is None


def test_a_closing_time_is_refused_when_closed():
    for moment in ("2026-03-02 17:00", "2026-03-02 07:00"):
        with pytest.raises(errors.NotOpen):
            closes_at(at(moment), OFFICE)


def test_the_next_opening_is_the_moment_itself_when_open():
    assert opens_at(at("2026-03-02 09:00"), OFFICE) == at("2026-03-02 09:00")
    assert opens_at(at("2026-03-02 17:00"), OFFICE) == at("2026-03-03 08:00")
    assert opens_at(at("2026-12-31 12:00"), OFFICE) == at("2027-01-04 08:00")


def test_now_answers_open_closed_and_never():
    monday, evening = at("2026-03-02 09:00"), at("2026-03-06 18:00")
    assert now_at(monday, OFFICE) == Now(monday, is_open=True, changes_at=at("2026-03-02 17:00"), zone=BERLIN)
    assert now_at(evening, OFFICE) == Now(evening, is_open=False, changes_at=at("2026-03-09 08:00"), zone=BERLIN)
    assert now_at(monday, NEVER) == Now(monday, is_open=False, changes_at=None, zone=BERLIN)
    assert now_at(monday, ALWAYS) == Now(monday, is_open=True, changes_at=None, zone=BERLIN)


def test_answers_are_in_utc():
    moment = at("2026-03-02 09:00")
    answers = (
        due_at(moment, HOUR, OFFICE), due_at(moment, 0 * HOUR, OFFICE), opens_at(moment, OFFICE),
        closes_at(moment, OFFICE), now_at(moment, OFFICE).at, now_at(moment, OFFICE).changes_at,
    )  # fmt: skip
    assert [answer.tzinfo for answer in answers] == [UTC] * len(answers)


@pytest.mark.parametrize(
    ("zone", "start", "due"),
    [
        ("America/New_York", "2026-03-06 16:30", "2026-03-09 08:30"),
        ("Asia/Kathmandu", "2026-03-06 16:30", "2026-03-09 08:30"),
        ("Pacific/Kiritimati", "2026-12-31 16:30", "2027-01-01 08:30"),
        ("Pacific/Pago_Pago", "2026-12-31 16:30", "2027-01-01 08:30"),
    ],
)
def test_other_zones_keep_their_own_wall_clock(zone, start, due):
    hours = ServiceHours(zone, daily("08:00-17:00", days=range(5)))
    assert due_at(at(start, zone), HOUR, hours) == at(due, zone)


def test_a_date_that_a_place_skipped_has_no_service_time():
    apia = ServiceHours("Pacific/Apia", daily("08:00-17:00"))
    start, end = at("2011-12-29 12:00", "Pacific/Apia"), at("2011-12-31 12:00", "Pacific/Apia")
    assert service_time_between(start, end, apia) == 9 * HOUR


# --- Calendars that change -------------------------------------------------------------------------------------------

CHANGING = Timeline(
    (
        (date(2026, 3, 4), ServiceHours(BERLIN, daily("10:00-12:00"))),
        (date(2026, 3, 2), ServiceHours(BERLIN, daily("08:00-17:00"))),
    )
)


def test_a_change_of_hours_takes_effect_on_its_date():
    assert intervals_on(date(2026, 3, 3), CHANGING) == (Interval(time(8), time(17)),)
    assert intervals_on(date(2026, 3, 4), CHANGING) == (Interval(time(10), time(12)),)
    assert due_at(at("2026-03-03 16:00"), 2 * HOUR, CHANGING) == at("2026-03-04 11:00")
    assert service_time_between(at("2026-03-01 00:00"), at("2026-03-06 00:00"), CHANGING) == 22 * HOUR
    assert now_at(at("2026-03-03 18:00"), CHANGING).changes_at == at("2026-03-04 10:00")


def test_before_the_first_version_it_is_closed():
    assert intervals_on(date(2026, 3, 1), CHANGING) == ()
    assert not is_open(at("2026-03-01 09:00"), CHANGING)
    assert opens_at(at("2026-02-01 09:00"), CHANGING) == at("2026-03-02 08:00")
    assert now_at(at("2026-02-01 09:00"), CHANGING).zone == BERLIN


def test_versions_may_lie_in_different_zones():
    moving = Timeline(
        (
            (date(2020, 1, 1), ServiceHours(BERLIN, daily("08:00-17:00"))),
            (date(2026, 3, 4), ServiceHours("Asia/Tokyo", daily("08:00-17:00"))),
        )
    )
    assert now_at(at("2026-03-03 10:00"), moving).zone == BERLIN
    assert now_at(at("2026-03-04 10:00", "Asia/Tokyo"), moving).zone == "Asia/Tokyo"
    # Tokyo's 4 March opens at 00:00 Berlin time, seven hours after Berlin's last day closed.
    assert opens_at(at("2026-03-03 17:00"), moving) == at("2026-03-04 08:00", "Asia/Tokyo")


def test_stored_rows_become_versions():
    rows = [
        (date(2026, 1, 1), 0, time(8), time(17)),
        (date(2026, 6, 1), 0, time(13), time(17)),
        (date(2026, 6, 1), 0, time(8), time(12)),
    ]
    closed = own_day(date(2026, 6, 8), "Betriebsausflug", [])
    hours = timeline(BERLIN, rows, state="BY", own_days=(closed,))
    assert intervals_on(date(2026, 5, 18), hours) == (Interval(time(8), time(17)),)
    assert intervals_on(date(2026, 6, 1), hours) == (Interval(time(8), time(12)), Interval(time(13), time(17)))
    assert intervals_on(date(2026, 6, 8), hours) == intervals_on(date(2026, 5, 25), hours) == ()


def test_a_calendar_without_rows_is_closed_except_on_own_days():
    hours = timeline(BERLIN, [], own_days=(own_day(date(2026, 6, 8), "Sonderdienst", [["08:00", "24:00"]]),))
    assert opens_at(at("2026-06-01 00:00"), hours) == at("2026-06-08 08:00")
    assert closes_at(at("2026-06-08 09:00"), hours) == at("2026-06-09 00:00")


def test_equal_calendars_are_one_key():
    rows = [(0, time(8), time(12)), (0, time(13), time(17))]
    one = ServiceHours(BERLIN, week(rows), "BY", ("catholic",), OFFICE.own_days)
    other = ServiceHours(BERLIN, week(rows[::-1]), "BY", ("catholic", "catholic"), OFFICE.own_days[::-1])
    assert one == other
    assert hash(one) == hash(other)
    assert Timeline(((date(2026, 1, 1), one),)) == Timeline(((date(2026, 1, 1), other),))


# --- Holidays and special days ---------------------------------------------------------------------------------------


def test_special_days_name_holidays_and_own_days():
    days = special_days(date(2026, 12, 24), date(2027, 1, 6), OFFICE)
    assert [(day.day.isoformat(), day.name, len(day.intervals)) for day in days] == [
        ("2026-12-24", "Heiligabend", 0),
        ("2026-12-25", "Erster Weihnachtstag", 0),
        ("2026-12-26", "Zweiter Weihnachtstag", 0),
        ("2026-12-31", "Silvester", 1),
        ("2027-01-01", "Neujahr", 0),
        ("2027-01-06", "Heilige Drei Könige", 0),
    ]


@pytest.mark.parametrize(
    ("day", "state", "categories", "closed"),
    [
        ("2026-08-15", "BY", ("catholic",), True),
        ("2026-08-15", "BY", (), False),
        ("2026-08-15", "SL", (), True),
        ("2026-11-18", "SN", (), True),
        ("2026-11-18", "BE", (), False),
        ("2026-03-08", "BE", (), True),
        ("2026-10-31", "NI", (), True),
        ("2026-10-31", "BY", ("catholic",), False),
        ("2026-06-04", "TH", ("catholic",), True),
        ("2017-10-31", "BY", (), True),
        ("2026-12-24", "BY", ("catholic",), False),
        ("2026-12-31", "BY", ("catholic",), False),
        ("2026-05-01", "", (), False),
    ],
)
def test_holidays_are_those_of_the_state(day, state, categories, closed):
    hours = ServiceHours(BERLIN, daily("08:00-17:00"), state=state, categories=categories)
    assert (intervals_on(date.fromisoformat(day), hours) == ()) is closed
