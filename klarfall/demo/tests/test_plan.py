"""The stories fit into any calendar: whenever the demo is played, nothing lies in the future and nobody works twice."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from klarfall.demo.acts import note, worked
from klarfall.demo.bookkeeping import billed_month
from klarfall.demo.files import sample
from klarfall.demo.plan import BadPlan, plan, tickets_before
from klarfall.demo.schedule import Schedule, after, day_after, days_ago, just_now, minutes_ago, sundays_ago
from klarfall.demo.script import Story, step
from klarfall.demo.stories import MAIN_NUMBER, STORIES, finished
from klarfall.demo.vendor import HOURS
from klarfall.demo.words import UnknownPlace, filled
from klarfall.service_levels.clock import is_open, own_day, service_time_between, timeline
from klarfall.tickets import file_types

BERLIN = ZoneInfo("Europe/Berlin")
ROWS = [
    (date(2000, 1, 1), day, time.fromisoformat(begin), time.fromisoformat(end))
    for day, begin, end in HOURS["Produktsupport PowerHaus"]
]
TIMES = ("00:05", "07:30", "08:20", "10:42", "14:59", "16:50", "23:40")


def schedule_at(now):
    closed = tuple(
        own_day(date(year, 12, day), "zu", []) for year in (now.year - 1, now.year, now.year + 1) for day in (24, 31)
    )
    return Schedule(now, timeline("Europe/Berlin", ROWS, state="RP", own_days=closed))


def every_day(first, days):
    for number in range(days):
        wall = time.fromisoformat(TIMES[number % len(TIMES)])
        yield datetime.combine(first + timedelta(days=number), wall, BERLIN)


def test_every_day_of_two_years_gives_a_plan():
    for now in every_day(date(2026, 1, 1), 730):
        timed = plan(STORIES, schedule_at(now))  # raises BadPlan where a story does not fit
        assert timed[0].begins > now - timedelta(weeks=11)
        assert tickets_before(timed, MAIN_NUMBER) > 30


def test_every_day_of_two_years_has_a_month_to_bill_before_what_is_found_out_yesterday():
    """The label printer's work lies in the billed month or before, its defect after the run."""
    for now in every_day(date(2026, 1, 1), 730):
        schedule = schedule_at(now)
        first, last, morning = billed_month(schedule)
        assert first.day == 1
        assert (last + timedelta(days=1)).day == 1
        assert last - first < timedelta(days=31)
        found_out = schedule.at(schedule.service_days[0], "14:10")
        assert schedule.at(last + timedelta(days=1), "00:00") < morning < found_out - timedelta(hours=12)
        begun = finished.LABELS.when(schedule, now)
        assert begun < schedule.at(last, "12:00")


def test_specialists_work_in_service_hours_mostly():
    schedule = schedule_at(datetime(2026, 11, 24, 10, 42, tzinfo=BERLIN))
    staff = ("Tobias Brandt", "Selin Aydın", "Miriam Lorenz", "Katrin Vogt")
    steps = [at for one in plan(STORIES, schedule) for at, what in one.steps if what.who in staff]
    outside = [at for at in steps if not is_open(at - timedelta(minutes=1), schedule.hours)]
    assert len(steps) > 100
    assert outside == []


def test_some_write_on_sundays_in_the_night():
    schedule = schedule_at(datetime(2026, 11, 24, 10, 42, tzinfo=BERLIN))
    begins = [one.begins.astimezone(BERLIN) for one in plan(STORIES, schedule)]
    assert sum(at.weekday() == 6 and at.hour == 3 for at in begins) >= 2


SUNDAY_NOON = datetime(2026, 11, 22, 12, 0, tzinfo=BERLIN)  # after a Friday that closed at 15:00


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (days_ago(1, "09:00"), "2026-11-20 09:00"),
        (days_ago(6, "09:00"), "2026-11-13 09:00"),
        (sundays_ago(1, "03:04"), "2026-11-15 03:04"),
        (sundays_ago(2, "03:04"), "2026-11-08 03:04"),
        (minutes_ago(30), "2026-11-20 14:30"),
        (minutes_ago(8 * 60), "2026-11-19 16:00"),
        (just_now(25), "2026-11-22 11:35"),
    ],
)
def test_instants_are_counted_back_from_now(when, expected):
    schedule = schedule_at(SUNDAY_NOON)
    assert f"{when(schedule, schedule.now).astimezone(BERLIN):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (after(30), "2026-11-19 17:00"),
        (after(31), "2026-11-20 08:01"),
        (day_after("08:40"), "2026-11-20 08:40"),
        (day_after("08:40", days=2), "2026-11-23 08:40"),
    ],
)
def test_later_steps_follow_the_service_hours(when, expected):
    schedule = schedule_at(datetime(2026, 12, 1, 12, 0, tzinfo=BERLIN))
    before = datetime(2026, 11, 19, 16, 30, tzinfo=BERLIN)
    assert f"{when(schedule, before).astimezone(BERLIN):%Y-%m-%d %H:%M}" == expected


def test_service_minutes_are_counted_exactly():
    schedule = schedule_at(SUNDAY_NOON)
    at = schedule.service_minutes_ago(130)
    assert service_time_between(at, schedule.now, schedule.hours) == timedelta(minutes=130)


def story(*steps, when=None):
    return Story(by="Petra Sommer", when=when or days_ago(3, "09:00"), title="Probe", text="Probe", steps=steps)


@pytest.mark.parametrize(
    "stories",
    [
        [story(step(just_now(-5), "Tobias Brandt", note("morgen")))],
        [story(step(days_ago(4, "09:00"), "Tobias Brandt", note("vorher")))],
        [
            story(worked(after(60), "Tobias Brandt", 40, "eins")),
            story(worked(after(90), "Tobias Brandt", 40, "zwei")),
        ],
    ],
    ids=["in the future", "back in time", "two things at once"],
)
def test_a_plan_that_cannot_be_is_refused(stories):
    with pytest.raises(BadPlan):
        plan(stories, schedule_at(SUNDAY_NOON))


def test_texts_speak_of_the_right_days():
    text = "{vormonat} {monat} {folgemonat} {jahr} {folgejahr}; {vor3}, {wochentag2} {in2}"
    at = datetime(2026, 12, 3, 9, 0, tzinfo=BERLIN)
    assert filled(text, at=at, schedule=schedule_at(at)) == (
        "November Dezember Januar 2026 2027; 30.11., Montag 07.12."
    )


def test_an_unknown_place_in_a_text_is_noticed():
    with pytest.raises(UnknownPlace):
        filled("{gestern}", at=SUNDAY_NOON, schedule=schedule_at(SUNDAY_NOON))


@pytest.mark.parametrize("name", ["Protokoll.pdf", "Bild.png", "Liste.csv"])
def test_files_are_what_their_names_say(name):
    file = sample(name, "Übergabe (Entwurf);1", "zweite Zeile;2").uploaded(str)
    kind = file_types.type_of(name.rpartition(".")[2], file.file)
    assert kind is not None
    assert kind.content_type.startswith(file.content_type)
