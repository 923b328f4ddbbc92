"""Slots for call backs: always within service hours, never in the past, never twice."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from klarfall.service_levels.clock import ServiceHours, is_open, own_day, week
from klarfall.telephony.slots import DAYS, LENGTH, NOTICE, slot_at, slots
from tests.cast import berlin

OFFICE = ServiceHours("Europe/Berlin", week([(day, time(8), time(17)) for day in range(5)]), state="BE")
LUNCH = ServiceHours(
    "Europe/Berlin",
    week([(day, *span) for day in range(5) for span in ((time(8, 15), time(12)), (time(13), time(16, 45)))]),
)
ALWAYS = ServiceHours("Europe/Berlin", week([(day, time(0), time(0)) for day in range(7)]))
NEVER = ServiceHours("Europe/Berlin", week([]))
ZONE = ZoneInfo("Europe/Berlin")


def test_a_morning_offers_the_rest_of_the_day_and_four_more() -> None:
    """At 9:55 the first slot is 10:30: that at 10:00 begins too soon; Saturday and Sunday are left out."""
    found = slots(berlin("2026-11-24 09:55"), OFFICE)
    assert found[0].start == berlin("2026-11-24 10:30")
    assert found[0].end - found[0].start == LENGTH
    assert {one.start.date() for one in found} == {date(2026, 11, day) for day in (24, 25, 26, 27, 30)}
    assert found[-1].end == berlin("2026-11-30 17:00")


def test_lunch_and_odd_hours_leave_half_hours_on_the_wall_clock() -> None:
    """From 8:15 the first is 8:30; none reaches into lunch or past the end."""
    today = [one.start.strftime("%H:%M") for one in slots(berlin("2026-11-24 06:00"), LUNCH)]
    assert today[0] == "08:30"
    assert "11:30" in today
    assert not {"12:00", "12:30", "16:30"} & set(today)


def test_holidays_and_own_days_are_left_out() -> None:
    """Christmas in Berlin with a closed 24th: after the 23rd comes the 28th."""
    hours = ServiceHours("Europe/Berlin", OFFICE.weekly, state="BE", own_days=(own_day(date(2026, 12, 24), "", []),))
    days = sorted({one.start.date().day for one in slots(berlin("2026-12-23 08:00"), hours)})
    assert days == [23, 28, 29, 30, 31]


def test_full_slots_are_left_out_and_no_hours_mean_none() -> None:
    """What is full cannot be chosen; a calendar without hours offers nothing."""
    now = berlin("2026-11-24 09:00")
    first, second, *_rest = slots(now, OFFICE)
    assert slots(now, OFFICE, full={first.start})[0] == second
    assert slots(now, NEVER) == []


def test_only_offered_instants_are_slots() -> None:
    """Past, odd, closed and far instants are refused."""
    now = berlin("2026-11-24 09:00")
    assert slot_at(berlin("2026-11-24 09:30"), now, OFFICE) is not None
    for wrong in ("2026-11-24 08:30", "2026-11-24 09:45", "2026-11-24 17:00", "2026-11-28 10:00", "2027-01-05 10:00"):
        assert slot_at(berlin(wrong), now, OFFICE) is None


@given(
    now=st.datetimes(datetime(2026, 1, 5), datetime(2027, 12, 1)).map(lambda at: at.replace(tzinfo=UTC)),
    hours=st.sampled_from([OFFICE, LUNCH, ALWAYS]),
)
@settings(max_examples=60, deadline=None)
def test_slots_hold_at_every_instant(now: datetime, hours: ServiceHours) -> None:
    """In order, apart, open from end to end, in the future, on at most five days; also where the clocks change."""
    found = slots(now, hours)
    assert found
    assert len({one.start.date() for one in found}) == DAYS
    for one in found:
        assert one.start >= now + NOTICE
        assert one.start.minute in (0, 30)
        assert one.end.astimezone(UTC) - one.start.astimezone(UTC) == LENGTH
        assert is_open(one.start, hours)
        assert is_open(one.end - timedelta(minutes=1), hours)
    starts = [one.start.astimezone(UTC) for one in found]
    assert all(before + LENGTH <= after for before, after in pairwise(starts))
    assert len({one.key for one in found}) == len(found)
