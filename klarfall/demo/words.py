"""Placeholders in the demo's texts, so that they speak of the right days whenever they are played. Pure."""

import re
from datetime import date, datetime

from klarfall.demo.schedule import Schedule

MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")

_PLACE = re.compile(r"\{(\w+?)(\d*)\}")


class UnknownPlace(Exception):
    """A text holds a placeholder that nobody knows: a slip of its author."""


def filled(text: str, *, at: datetime, schedule: Schedule) -> str:
    """The text with its placeholders replaced, seen from the instant `at` at which its request was sent.

    {monat} {vormonat} {vorvormonat} {folgemonat} are months in words, {jahr} {vorjahr} {folgejahr} years,
    {vor3} the date three service days earlier, {in2} and {wochentag2} the second service day afterwards.
    """
    day = at.astimezone(schedule.zone).date()

    def replaced(match: re.Match[str]) -> str:
        name, count = match[1], int(match[2] or 0)
        if name in _MONTH_STEPS:
            return MONTHS[(day.month - 1 + _MONTH_STEPS[name]) % 12]
        if name in _YEAR_STEPS:
            return str(day.year + _YEAR_STEPS[name])
        return _day_in_words(name, count, day, schedule)

    return _PLACE.sub(replaced, text)


_MONTH_STEPS = {"monat": 0, "vormonat": -1, "vorvormonat": -2, "folgemonat": 1}
_YEAR_STEPS = {"jahr": 0, "vorjahr": -1, "folgejahr": 1}


def _day_in_words(name: str, count: int, day: date, schedule: Schedule) -> str:
    if name == "vor":
        return f"{schedule.next_service_day(day, -count):%d.%m.}"
    later = schedule.next_service_day(day, count)
    if name == "in":
        return f"{later:%d.%m.}"
    if name == "wochentag":
        return WEEKDAYS[later.weekday()]
    raise UnknownPlace(name)
