"""Service hours at the desk: hours as people type them, the days of three years, a trial, what is refused."""

import re
from datetime import date, time, timedelta

import pytest

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk import calendar_view
from klarfall.desk.opening_hours import hours_text, spans_of
from klarfall.desk.tests.conftest import at, queries_of, text
from klarfall.service_levels import clock as service_clock
from klarfall.service_levels.holidays_de import STATES, holidays_of
from klarfall.service_levels.models import OwnDay, ServiceCalendar
from klarfall.service_levels.queries import forget, hours_of
from tests.cast import NOW, berlin, fresh, make_staff

pytestmark = pytest.mark.django_db
WEEK = {f"weekday_{day}": "8-12, 13–17:30" for day in range(5)} | {"weekday_5": "", "weekday_6": "geschlossen"}


@pytest.fixture
def adas(desk_of, cast):
    return desk_of(make_staff("Ada", "administrator"))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", ""),
        ("–", ""),
        ("geschlossen", ""),
        ("8-17", "08:00–17:00"),
        ("8:30–12, 13.15 - 17 Uhr", "08:30–12:00, 13:15–17:00"),
        ("9 bis 12 und 13 bis 16", "09:00–12:00, 13:00–16:00"),
        ("0-24", "00:00–24:00"),
        ("22:00–24:00", "22:00–24:00"),
    ],
)
def test_hours_are_read_as_people_type_them(typed, expected):
    assert hours_text(spans_of(typed)) == expected
    assert spans_of(expected) == spans_of(typed)


@pytest.mark.parametrize("typed", ["8", "8-", "25-26", "8:60-9", "acht bis neun", "8-12 13-17", "17-0", "8-12,,13-17"])
def test_hours_that_mean_nothing_are_refused(typed):
    with pytest.raises(ValueError):
        spans_of(typed)


def test_the_week_is_entered_by_lines(adas, calendar):
    answer = adas.post(at("calendar-hours", calendar.pk), WEEK | {"valid_from": "01.12.2026"})
    assert answer.status_code == 303
    with viewing_as(SYSTEM):
        hours = hours_of(fresh(calendar))
    assert not service_clock.is_open(berlin("2026-12-01 12:30"), hours)
    assert service_clock.is_open(berlin("2026-12-01 17:29"), hours)
    assert service_clock.is_open(berlin("2026-11-30 12:30"), hours)  # the old hours
    page = text(adas.get(at("calendar", calendar.pk)))
    assert "beginnt später" in page
    adas.post(at("calendar-removal", calendar.pk), {"valid_from": "2026-12-01"})
    assert "beginnt später" not in text(adas.get(at("calendar", calendar.pk)))


@pytest.mark.parametrize(
    ("day", "typed", "words"),
    [
        ("weekday_2", "8-12, 11-17", "überschneiden"),
        ("weekday_4", "17-8", "muss nach dem Beginn"),
        ("weekday_0", "immer", "Bitte schreiben Sie es so"),
    ],
)
def test_a_day_that_cannot_be_is_marked(adas, calendar, day, typed, words):
    answer = adas.post(at("calendar-hours", calendar.pk), WEEK | {"valid_from": "01.12.2026", day: typed})
    assert answer.status_code == 422
    error = re.search(rf'id="week-{day}_error".*?</span></span>', text(answer), re.S)
    assert error
    assert words in error[0]
    assert f'value="{typed}"' in text(answer)
    with viewing_as(SYSTEM):
        assert fresh(calendar).intervals.filter(valid_from=date(2026, 12, 1)).count() == 0


@pytest.mark.parametrize("state", STATES)
def test_the_days_shown_are_those_on_which_the_clock_stands_still(calendar, state):
    """Holidays and own days of three years on the page, against a day-by-day walk of the clock."""
    with viewing_as(SYSTEM):
        ServiceCalendar.objects.filter(pk=calendar.pk).update(state=state, catholic=True)
        found = fresh(calendar)
        shown = [one for _year, months in calendar_view.years_of(found, NOW) for month in months for one in month.days]
        hours = hours_of(found)
    first, last = date(2026, 1, 1), date(2028, 12, 31)
    named = {day for year in (2026, 2027, 2028) for day in holidays_of(state, ("catholic",), year)}
    assert {one.day for one in shown} == named | {date(2026, 12, 24)}
    closed = set()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() < 5 and not service_clock.is_open(berlin(f"{day} 10:00"), hours):
            closed.add(day)
    assert {one.day for one in shown if one.day.weekday() < 5} == closed


def test_the_page_names_the_days_of_this_and_the_next_two_years(adas, calendar):
    page = text(adas.get(at("calendar", calendar.pk)))
    for words in ("Frauentag", "Heiligabend", ">2026<", ">2027<", ">2028<"):
        assert words in page


def test_an_own_day_closes_and_is_taken_back(adas, calendar):
    adas.post(at("own-days", calendar.pk), {"day": "02.12.2026", "name": "Betriebsausflug", "hours": "8-10"})
    with viewing_as(SYSTEM):
        own = OwnDay.objects.get(calendar=calendar, day=date(2026, 12, 2))
    assert own.intervals == [["08:00", "10:00"]]
    where = at("own-day", calendar.pk, own.pk)
    assert "Betriebsausflug" in text(adas.post(where))  # it is asked first
    adas.post(where, {"confirmed": "1"})
    with viewing_as(SYSTEM):
        assert not OwnDay.objects.filter(pk=own.pk).exists()


def test_the_trial_answers_in_service_time(adas, calendar):
    """16:30 on a Friday, open until 17, holiday-free weekend: 60 minutes end on Monday at 8:30."""
    page = text(adas.get(at("calendar", calendar.pk), {"day": "27.11.2026", "time": "16:30"}))
    assert "Mo, 30.11.2026, 08:30" in page
    with viewing_as(SYSTEM):
        answers = calendar_view.trial(fresh(calendar), date(2026, 12, 24), time(9))
    assert answers is not None
    assert "28.12.2026" in answers[0][2]
    assert adas.get(at("calendar", calendar.pk), {"day": "01.01.9999", "time": "16:30"}).status_code == 200


def test_targets_are_durations(adas, calendar):
    good = {"blocked": "30 min", "hindered": "1,5 Std.", "minor": "8:00"}
    assert adas.post(at("calendar-targets", calendar.pk), good).status_code == 303
    with viewing_as(SYSTEM):
        assert dict(calendar.targets.values_list("impact", "minutes")) == {"blocked": 30, "hindered": 90, "minor": 480}
    answer = adas.post(at("calendar-targets", calendar.pk), good | {"minor": "bald"})
    assert answer.status_code == 422
    assert 'id="target-minor_error"' in text(answer)


def test_a_calendar_is_added_with_its_week_changed_and_removed(adas, calendar):
    place = {"name": "Süd", "zone": "Europe/Berlin", "state": "BY", "catholic": "on", "callback_places": "5"}
    assert adas.post(at("calendar-new"), place | WEEK).status_code == 303
    with viewing_as(SYSTEM):
        made = ServiceCalendar.objects.get(name="Süd")
        assert (made.intervals.count(), made.callback_places) == (10, 5)
    adas.post(
        at("calendar", made.pk), {"name": "Südwest", "zone": "Europe/Vienna", "state": "", "callback_places": "2"}
    )
    assert (fresh(made).name, fresh(made).zone, fresh(made).callback_places) == ("Südwest", "Europe/Vienna", 2)
    assert adas.post(at("calendar-removal", made.pk)).status_code == 200
    adas.post(at("calendar-removal", made.pk), {"confirmed": "1"})
    used = adas.post(at("calendar-removal", calendar.pk), {"confirmed": "1"}, follow=True)
    assert "Sie bleiben." in text(used)
    with viewing_as(SYSTEM):
        assert list(ServiceCalendar.objects.values_list("name", flat=True)) == [calendar.name]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "Zentrale"}, "id_name"),
        ({"catholic": "on"}, "id_state"),
        ({"callback_places": "0"}, "id_callback_places"),
        (dict.fromkeys(WEEK, ""), "week-weekday_0"),
        ({"weekday_3": "9-8"}, "week-weekday_3"),
        ({"weekday_3": "früh"}, "week-weekday_3"),
    ],
)
def test_what_is_wrong_with_a_new_calendar_stands_beside_its_field(adas, calendar, given, field):
    place = {"name": "Süd", "zone": "Europe/Berlin", "state": "", "callback_places": "3"}
    answer = adas.post(at("calendar-new"), place | WEEK | given)
    assert answer.status_code == 422
    assert f'id="{field}_error"' in text(answer)


def test_hours_that_are_missing_stop_nobody(adas, cast, calendar, make_ticket):
    """A calendar without any hours: the desk goes on, and requests come in."""
    with viewing_as(SYSTEM):
        calendar.intervals.all().delete()
        OwnDay.objects.all().delete()
    forget(calendar)
    assert adas.get(at("calendar", calendar.pk)).status_code == 200
    assert adas.get("/desk/", follow=True).status_code == 200
    ticket = make_ticket()
    assert ticket.first_due_at - NOW == service_clock.HORIZON


def test_hours_that_never_open_are_refused(adas, calendar):
    with viewing_as(SYSTEM):
        calendar.intervals.all().delete()
    forget(calendar)
    answer = adas.post(at("calendar-hours", calendar.pk), WEEK | {"valid_from": "01.12.2029"})
    assert answer.status_code == 422
    assert 'id="week-valid_from_error"' in text(answer)


def test_only_administrators_find_these_pages(annas, doras, calendar):
    for client in (annas, doras):
        for name, args in (("calendars", ()), ("calendar-new", ()), ("calendar", (calendar.pk,))):
            assert client.get(at(name, *args)).status_code == 404


def test_the_pages_take_few_queries(adas, calendar):
    for path in (at("calendars"), at("calendar", calendar.pk)):
        assert len(queries_of(adas, path)) <= 8, path
