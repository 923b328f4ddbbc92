"""Service calendars: hours from a day on, own days, targets, and what is refused in words."""

from datetime import date, time, timedelta

import pytest
from django.utils import translation

from klarfall.core.action import Refused
from klarfall.core.master_rows import StillReferred
from klarfall.core.models import AuditEntry
from klarfall.service_levels import clock
from klarfall.service_levels.actions import calendars as actions
from klarfall.service_levels.actions.calendars import CalendarData, CalendarRefused, OwnDayData
from klarfall.service_levels.models import OwnDay, ServiceCalendar
from klarfall.service_levels.queries import hours_of, target_of
from tests.cast import NOW, berlin, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("system")]
TODAY = date(2026, 11, 24)  # a Tuesday
MORNINGS = tuple((day, time(8), time(12)) for day in range(5))


@pytest.fixture
def who(cast):
    return {"actor": make_staff("Ada", "administrator"), "now": NOW}


@pytest.fixture
def used(make_ticket, calendar):
    """The calendar by which a deadline was measured."""
    make_ticket()
    return calendar


def test_new_hours_begin_on_a_day_and_the_old_ones_stay_for_the_past(used, who):
    actions.set_hours(used, rows=MORNINGS, valid_from=date(2026, 12, 1), **who)
    hours = hours_of(used)
    assert clock.is_open(berlin("2026-11-30 14:00"), hours)
    assert not clock.is_open(berlin("2026-12-01 14:00"), hours)
    assert clock.is_open(berlin("2026-12-01 11:59"), hours)


def test_hours_of_the_same_day_are_replaced_and_those_to_come_can_be_taken_back(used, who):
    day = date(2026, 12, 1)
    for rows in (MORNINGS, MORNINGS[:1]):
        actions.set_hours(used, rows=rows, valid_from=day, **who)
    assert used.intervals.filter(valid_from=day).count() == 1
    actions.remove_hours(used, valid_from=day, **who)
    assert clock.is_open(berlin("2026-12-01 14:00"), hours_of(used))
    with pytest.raises(CalendarRefused):
        actions.remove_hours(used, valid_from=date(2000, 1, 1), **who)


def test_what_was_measured_stays_measured(used, who):
    with pytest.raises(CalendarRefused) as refused:
        actions.set_hours(used, rows=MORNINGS, valid_from=TODAY - timedelta(days=1), **who)
    assert refused.value.field == "valid_from"
    actions.set_hours(used, rows=MORNINGS, valid_from=TODAY, **who)
    with pytest.raises(CalendarRefused) as refused:
        actions.set_own_day(used, data=OwnDayData(day=TODAY - timedelta(days=1), name="Ausflug"), **who)
    assert refused.value.field == "day"


@pytest.mark.parametrize(
    ("rows", "field", "words"),
    [
        (((0, time(8), time(12)), (0, time(11), time(17))), "weekday_0", "overlap"),
        (((0, time(8), time(12)), (3, time(17), time(8))), "weekday_3", "later than the start"),
        (((6, time(8), time(8)),), "weekday_6", "later than the start"),
        (((2, time(8, 0, 30), time(9)),), "weekday_2", "whole minutes"),
        (((9, time(8), time(9)),), "weekday_9", "weekday"),
        ((), "weekday_0", "at least one day"),
    ],
)
def test_hours_that_cannot_be_are_refused_beside_their_day(calendar, who, rows, field, words):
    with translation.override("en"), pytest.raises(CalendarRefused) as refused:
        actions.set_hours(calendar, rows=rows, valid_from=TODAY, **who)
    assert refused.value.field == field
    assert words in str(refused.value.message)


def test_own_days_close_or_open_and_their_hours_are_checked(used, who):
    day = date(2026, 12, 5)  # a Saturday
    assert not clock.is_open(berlin("2026-12-05 10:00"), hours_of(used))
    own = actions.set_own_day(used, data=OwnDayData(day=day, name="Umstellung", hours=((time(9), time(0)),)), **who)
    assert own.intervals == [["09:00", "24:00"]]
    assert clock.is_open(berlin("2026-12-05 23:30"), hours_of(used))
    wrong = OwnDayData(day=day, name="Umstellung", hours=((time(9), time(12)), (time(11), time(13))))
    with pytest.raises(CalendarRefused) as refused:
        actions.set_own_day(used, data=wrong, **who)
    assert refused.value.field == "hours"
    actions.set_own_day(used, data=OwnDayData(day=day, name="Doch zu"), **who)
    assert OwnDay.objects.get(calendar=used, day=day).intervals == []
    actions.remove_own_day(OwnDay.objects.get(calendar=used, day=day), **who)
    assert not OwnDay.objects.filter(calendar=used, day=day).exists()


def test_own_days_of_the_past_stay(used, who):
    own = OwnDay.objects.create(calendar=used, day=TODAY - timedelta(days=1), name="Ausflug")
    with pytest.raises(CalendarRefused):
        actions.remove_own_day(own, **who)


def test_targets_count_for_requests_to_come_and_the_promised_ones_stay(make_ticket, calendar, who):
    before = make_ticket()
    due = before.first_due_at
    actions.set_targets(calendar, minutes={"hindered": 30}, **who)
    assert target_of(calendar, "hindered") == timedelta(minutes=30)
    before.refresh_from_db()
    assert before.first_due_at == due
    for minutes, field in (({"hindered": 0}, "hindered"), ({"minor": 60_001}, "minor"), ({"x": 5}, "x")):
        with pytest.raises(CalendarRefused) as refused:
            actions.set_targets(calendar, minutes=minutes, **who)
        assert refused.value.field == field


def test_what_is_changed_is_no_example_any_more(calendar, who):
    for change in (
        lambda one: actions.set_targets(one, minutes={"minor": 999}, **who),
        lambda one: actions.set_own_day(one, data=OwnDayData(day=TODAY, name="Zu"), **who),
        lambda one: actions.set_hours(one, rows=MORNINGS, valid_from=TODAY, **who),
        lambda one: actions.change_calendar(one, data=CalendarData(name="Neu"), **who),
    ):
        ServiceCalendar.objects.filter(pk=calendar.pk).update(sample=True)
        change(calendar)
        assert not ServiceCalendar.objects.get(pk=calendar.pk).sample


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "ZENTRALE"}, "name"),
        ({"zone": "Europe/Nirgendwo"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"state": "XX"}, "state"),
        ({"catholic": True}, "state"),
        ({"callback_places": 0}, "callback_places"),
        ({"callback_places": 100}, "callback_places"),
    ],
)
def test_a_place_is_checked(cast, who, values, field):
    with pytest.raises(Refused) as refused:
        actions.add_calendar(data=CalendarData(**{"name": "Neu", **values}), **who)
    assert refused.value.field == field


def test_a_calendar_may_be_added_with_its_week(who):
    found = actions.add_calendar(data=CalendarData(name="Neu", state="BY", catholic=True), rows=MORNINGS, **who)
    hours = hours_of(found)
    assert clock.is_open(berlin("2026-08-14 09:00"), hours)
    assert [day.name for day in clock.special_days(date(2025, 8, 15), date(2025, 8, 15), hours)] == [
        "Mariä Himmelfahrt"
    ]


def test_a_calendar_of_contracts_stays_another_goes(calendar, who):
    with pytest.raises(StillReferred):
        actions.remove_calendar(calendar, **who)
    free = actions.add_calendar(data=CalendarData(name="Neu"), rows=MORNINGS, **who)
    actions.remove_calendar(free, **who)
    assert list(ServiceCalendar.objects.all()) == [calendar]
    assert AuditEntry.objects.filter(verb="calendar.removed", subject_id=free.pk).exists()
