"""Check of the service calendars: hours are there, and holidays are known for the next two years."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.operations.checks.finding import Finding, fault, ok, warning
from klarfall.service_levels.errors import UnknownState
from klarfall.service_levels.holidays_de import CATHOLIC, LAST_YEAR, holidays_of
from klarfall.service_levels.models import ServiceCalendar


def check_calendars(now: datetime) -> Iterator[Finding]:
    """Every calendar has hours, and its holidays reach two years ahead."""
    with viewing_as(SYSTEM):
        calendars = list(ServiceCalendar.objects.prefetch_related("intervals").order_by("pk"))
    if not calendars:
        yield warning(
            _("There are no service hours yet."), _("Desk, Settings, Service hours: without them no deadline.")
        )
        return
    found = [one for calendar in calendars for one in _faults(calendar, now.year)]
    yield from found
    if not found:
        yield ok(_("Holidays are known until %(year)s.") % {"year": now.year + 2})


def _faults(calendar: ServiceCalendar, year: int) -> Iterator[Finding]:
    if not calendar.intervals.all():
        seen = _("The calendar “%(name)s” has no hours.") % {"name": calendar.name}
        yield fault(seen, _("Desk, Settings, Service hours: without hours no deadline ever comes."))
    if calendar.state and not _reaches(calendar, year + 2):
        seen = _("The calendar “%(name)s” knows no holidays for %(year)s.") % {"name": calendar.name, "year": year + 2}
        yield warning(seen, _("Update Klarfall: holidays come with it (package holidays). Else enter own days."))


def _reaches(calendar: ServiceCalendar, year: int) -> bool:
    try:
        return year <= LAST_YEAR and bool(holidays_of(calendar.state, (CATHOLIC,) if calendar.catholic else (), year))
    except UnknownState:
        return False
