"""The service hours in German words, as the design has them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from klarfall.service_levels.clock import ServiceHours, now_at, own_day, week
from klarfall.service_levels.phrases import now_phrase, week_phrase

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = ServiceHours(
    "Europe/Berlin",
    week((weekday, time(8), time(15 if weekday == 4 else 17)) for weekday in range(5)),
    own_days=tuple(own_day(date(2026, 12, day), "Betriebsferien", []) for day in range(21, 32)),
)
LUNCH = ServiceHours(
    "Europe/Berlin", week([(0, time(8), time(12)), (0, time(13, 30), time(17)), (6, time(20), time(0))])
)
LATE = ServiceHours("Europe/Berlin", week([(0, time(20), time(0)), (1, time(0), time(2))]))


@pytest.fixture(autouse=True)
def _in_german():
    # The reader's zone must not matter: hours are those of the calendar's place.
    with translation.override("de"), timezone.override("America/New_York"):
        yield


@pytest.mark.parametrize(
    ("moment", "hours", "expected"),
    [
        ("2026-03-02 09:00", OFFICE, "Geöffnet bis 17:00 Uhr"),
        ("2026-03-02 07:00", OFFICE, "Geschlossen, wieder ab heute, 8:00 Uhr"),
        ("2026-03-02 17:00", OFFICE, "Geschlossen, wieder ab morgen, 8:00 Uhr"),
        ("2026-03-06 18:00", OFFICE, "Geschlossen, wieder ab Mo, 8:00 Uhr"),
        ("2026-12-18 18:00", OFFICE, "Geschlossen, wieder ab Fr, 01.01.2027, 8:00 Uhr"),
        ("2026-03-02 12:10", LUNCH, "Geschlossen, wieder ab heute, 13:30 Uhr"),
        ("2026-03-08 21:00", LUNCH, "Geöffnet bis 24:00 Uhr"),
        ("2026-03-02 21:00", LATE, "Geöffnet bis morgen, 2:00 Uhr"),
        ("2026-03-03 02:00", LATE, "Geschlossen, wieder ab Mo, 20:00 Uhr"),
        ("2026-03-02 20:00", ServiceHours("UTC", week([])), "Geschlossen"),
        ("2026-03-02 20:00", ServiceHours("UTC", week((day, time(0), time(0)) for day in range(7))),
         "Rund um die Uhr geöffnet"),
    ],
)  # fmt: skip
def test_the_header_says(moment, hours, expected):
    at = datetime.fromisoformat(moment).replace(tzinfo=BERLIN).astimezone(UTC)
    assert now_phrase(now_at(at, hours)) == expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (OFFICE, "Mo bis Do 8–17 Uhr, Fr 8–15 Uhr"),
        (LUNCH, "Mo 8–12 und 13:30–17 Uhr, So 20–24 Uhr"),
        (ServiceHours("UTC", week([])), "Geschlossen"),
    ],
)
def test_the_week_reads(hours, expected):
    assert week_phrase(hours) == expected
