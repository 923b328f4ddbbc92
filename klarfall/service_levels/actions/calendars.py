"""Change service calendars: place and holidays, weekly hours valid from a day, own days, targets of first answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.core import audit, changes, master_rows
from klarfall.core.action import Refused, action
from klarfall.core.master_rows import StillReferred
from klarfall.service_levels import clock
from klarfall.service_levels.clock import ServiceHours
from klarfall.service_levels.errors import ServiceHoursError
from klarfall.service_levels.models import Impact, OwnDay, ResponseTarget, ServiceCalendar, ServiceInterval
from klarfall.service_levels.queries import forget, read_hours

#: (weekday from Monday = 0, opening, closing; 00:00 is the end of the day)
Row = tuple[int, time, time]

_MOST_NAME = 80
_MOST_PLACES = 99
_MOST_MINUTES = 60_000  # a thousand hours are a slip of the finger
#: From when hours count that are there before anybody asked (the default of the model).
SINCE_EVER = date(2000, 1, 1)
_LAST_DAY = date(2098, 12, 31)  # the clock knows no later years


class CalendarRefused(Refused):
    """Service hours that cannot be so; `field` names what is wrong, `weekday_0` to `weekday_6` for a day's hours."""

    code = "calendar_refused"


@dataclass(frozen=True, kw_only=True)
class CalendarData:
    """A named place: its zone, the Bundesland whose holidays count (two letters, empty = none)."""

    name: str
    zone: str = "Europe/Berlin"
    state: str = ""
    #: Holidays that only mainly catholic communities of the Bundesland keep.
    catholic: bool = False
    #: How many people are called back in one half hour.
    callback_places: int = 3


@dataclass(frozen=True, kw_only=True)
class OwnDayData:
    """A day with its own hours, in order; without hours it is closed."""

    day: date
    name: str
    hours: tuple[tuple[time, time], ...] = ()


@action
def add_calendar(
    *, data: CalendarData, rows: tuple[Row, ...] | None = None, actor: Any, now: datetime
) -> ServiceCalendar:
    """Add a calendar with its weekly hours; None leaves them to `set_hours`. Raises CalendarRefused or UnusableLine."""
    permissions.require("house.set_up", actor)
    calendar = ServiceCalendar(**_checked(data))
    if rows is not None:
        _check_rows(calendar.zone, rows)
    master_rows.insert(calendar, CalendarRefused(_("Other service hours have this name."), field="name"))
    _write_rows(calendar, rows or (), SINCE_EVER)
    audit.record("calendar.added", calendar, actor=actor, now=now, data={"intervals": len(rows or ())})
    return calendar


@action
def change_calendar(calendar: ServiceCalendar, *, data: CalendarData, actor: Any, now: datetime) -> ServiceCalendar:
    """Change name, zone or holidays; what was an example is no longer. Raises CalendarRefused or UnusableLine."""
    calendar = _locked(calendar, actor)
    changed = changes.change(calendar, _checked(data, calendar) | {"sample": False})
    if changed:
        forget(calendar)
        audit.record("calendar.changed", calendar, actor=actor, now=now, data={"fields": changed})
    return calendar


@action
def set_hours(
    calendar: ServiceCalendar, *, rows: tuple[Row, ...], valid_from: date, actor: Any, now: datetime
) -> ServiceCalendar:
    """Let weekly hours begin on a day; those before it stay for the past.

    Hours that begin on the same day are replaced. Raises CalendarRefused (with `field`): they cannot begin in the
    past once contracts or requests refer to this calendar: deadlines were measured by the old ones.
    """
    calendar = _locked(calendar, actor)
    _check_rows(calendar.zone, rows)
    _check_begin(calendar, valid_from, now)
    calendar.intervals.filter(valid_from=valid_from).delete()
    _write_rows(calendar, rows, valid_from)
    _check_opens(calendar, now, field="valid_from")
    _changed(calendar)
    data = {"valid_from": valid_from.isoformat(), "intervals": len(rows)}
    audit.record("calendar.hours_set", calendar, actor=actor, now=now, data=data)
    return calendar


@action
def remove_hours(calendar: ServiceCalendar, *, valid_from: date, actor: Any, now: datetime) -> None:
    """Take back weekly hours that have not begun yet. Raises CalendarRefused."""
    calendar = _locked(calendar, actor)
    if valid_from <= _today(calendar, now):
        raise CalendarRefused(_("These hours have begun: they stay. Please let new ones begin on a later day."))
    removed, _models = calendar.intervals.filter(valid_from=valid_from).delete()
    if removed:
        _check_opens(calendar, now, field=None)
        forget(calendar)
        data = {"valid_from": valid_from.isoformat()}
        audit.record("calendar.hours_removed", calendar, actor=actor, now=now, data=data)


@action
def set_own_day(calendar: ServiceCalendar, *, data: OwnDayData, actor: Any, now: datetime) -> OwnDay:
    """Give a day its own hours or close it; a day that has own hours already gets these instead.

    Raises CalendarRefused or UnusableLine (with `field`): days that have passed stay as they were.
    """
    calendar = _locked(calendar, actor)
    name = master_rows.line(data.name, field="name", most=_MOST_NAME)
    if not _today(calendar, now) <= data.day <= _LAST_DAY:
        raise CalendarRefused(_("Please choose a day from today on."), field="day")
    pairs = [[_hour(opening), _hour(closing, end=True)] for opening, closing in sorted(data.hours)]
    _try(lambda: clock.own_day(data.day, name, pairs), field="hours")
    own, _created = OwnDay.objects.update_or_create(
        calendar=calendar, day=data.day, defaults={"name": name, "intervals": pairs}
    )
    _check_opens(calendar, now, field="day")
    _changed(calendar)
    day = {"day": data.day.isoformat(), "closed": not pairs}
    audit.record("calendar.own_day_set", calendar, actor=actor, now=now, data=day)
    return own


@action
def remove_own_day(own: OwnDay, *, actor: Any, now: datetime) -> None:
    """Let a day have its usual hours again. Raises CalendarRefused for a day that has passed."""
    calendar = _locked(own.calendar, actor)
    own = OwnDay.objects.select_for_update().get(pk=own.pk)
    if own.day < _today(calendar, now):
        raise CalendarRefused(_("This day has passed: it stays as it was."))
    day = own.day.isoformat()
    own.delete()
    _check_opens(calendar, now, field=None)
    forget(calendar)
    audit.record("calendar.own_day_removed", calendar, actor=actor, now=now, data={"day": day})


@action
def set_targets(calendar: ServiceCalendar, *, minutes: Mapping[str, int], actor: Any, now: datetime) -> ServiceCalendar:
    """Set the service minutes until the first answer, by impact; requests that came in keep what they were promised.

    Raises CalendarRefused with the impact as `field`.
    """
    calendar = _locked(calendar, actor)
    for impact, value in minutes.items():
        if impact not in Impact.values or not 1 <= value <= _MOST_MINUTES:
            raise CalendarRefused(_("Please enter at least one minute and at most 1000 hours."), field=impact)
    before = dict(calendar.targets.values_list("impact", "minutes"))
    changed = {impact: value for impact, value in minutes.items() if before.get(impact) != value}
    for impact, value in changed.items():
        ResponseTarget.objects.update_or_create(calendar=calendar, impact=impact, defaults={"minutes": value})
    if changed:
        _changed(calendar)
        audit.record("calendar.targets_set", calendar, actor=actor, now=now, data={"minutes": changed})
    return calendar


@action
def remove_calendar(calendar: ServiceCalendar, *, actor: Any, now: datetime) -> None:
    """Delete a calendar that nothing refers to. Raises StillReferred."""
    calendar = _locked(calendar, actor)
    if master_rows.referring(calendar):
        raise StillReferred(_("Contracts or requests refer to these service hours: they stay."))
    audit.record("calendar.removed", calendar, actor=actor, now=now)
    calendar.delete()


def _locked(calendar: ServiceCalendar, actor: Any) -> ServiceCalendar:
    """The calendar as it is now; whatever belongs to it changes under this lock."""
    permissions.require("house.set_up", actor)
    return ServiceCalendar.objects.select_for_update().get(pk=calendar.pk)


def _checked(data: CalendarData, calendar: ServiceCalendar | None = None) -> dict[str, Any]:
    name = master_rows.line(data.name, field="name", most=_MOST_NAME)
    others = ServiceCalendar.objects.exclude(pk=calendar.pk if calendar else 0)
    if others.filter(name__iexact=name).exists():
        raise CalendarRefused(_("Other service hours have this name."), field="name")
    empty: tuple[tuple[()], ...] = ((),) * 7
    _try(lambda: ServiceHours(data.zone, empty), field="zone")
    _try(lambda: ServiceHours("UTC", empty, data.state), field="state")
    if data.catholic and not data.state:
        raise CalendarRefused(_("Please choose the Bundesland, too."), field="state")
    if not 1 <= data.callback_places <= _MOST_PLACES:
        raise CalendarRefused(_("Please enter a number from 1 to 99."), field="callback_places")
    return {"name": name} | {key: getattr(data, key) for key in ("zone", "state", "catholic", "callback_places")}


def _check_rows(zone: str, rows: tuple[Row, ...]) -> None:
    """Refuse reversed and overlapping intervals of a day, in the words of the clock; and a week without any."""
    if not rows:
        raise CalendarRefused(_("Please enter the hours of at least one day."), field="weekday_0")
    for weekday in sorted({row[0] for row in rows}):
        of_day = [row for row in rows if row[0] == weekday]
        _try(lambda of_day=of_day: ServiceHours(zone, clock.week(of_day)), field=f"weekday_{weekday}")  # type: ignore[misc]


def _check_begin(calendar: ServiceCalendar, valid_from: date, now: datetime) -> None:
    if not SINCE_EVER <= valid_from <= _LAST_DAY:
        raise CalendarRefused(_("Please choose a day from today on."), field="valid_from")
    today = _today(calendar, now)
    if valid_from >= today or not calendar.intervals.exists() or not master_rows.referring(calendar):
        return
    raise CalendarRefused(
        _("Deadlines were measured by these hours: new ones begin today or on a later day."), field="valid_from"
    )


def _check_opens(calendar: ServiceCalendar, now: datetime, *, field: str | None) -> None:
    """Somebody has to be there within the horizon of the clock: else no deadline could be told."""
    try:
        clock.opens_at(now, read_hours(calendar))
    except ServiceHoursError as problem:
        raise CalendarRefused(str(problem), field=field) from problem


def _write_rows(calendar: ServiceCalendar, rows: tuple[Row, ...], valid_from: date) -> None:
    ServiceInterval.objects.bulk_create(
        ServiceInterval(calendar=calendar, valid_from=valid_from, weekday=weekday, starts=opening, ends=closing)
        for weekday, opening, closing in sorted(rows)
    )


def _changed(calendar: ServiceCalendar) -> None:
    """What the vendor has changed is its own: pages say *example value* no longer. It counts at once, here too."""
    changes.change(calendar, {"sample": False})
    forget(calendar)


def _today(calendar: ServiceCalendar, now: datetime) -> date:
    """The day it is where the calendar is."""
    return now.astimezone(ZoneInfo(calendar.zone)).date()


def _hour(at: time, *, end: bool = False) -> str:
    return "24:00" if end and at == time(0) else f"{at:%H:%M}"


def _try(check: Callable[[], Any], *, field: str) -> None:
    """Run a check of the clock; its refusal stands beside `field`."""
    try:
        check()
    except ServiceHoursError as problem:
        raise CalendarRefused(str(problem), field=field) from problem
