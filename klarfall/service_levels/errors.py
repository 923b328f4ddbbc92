"""What can be wrong with service hours or with a question asked about them; the texts may be shown to users."""

from datetime import date
from typing import Any, ClassVar

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ServiceHoursError(ValueError):
    """Base of all refusals; `message` is translated when it is read, not when it is raised."""

    message: ClassVar[str | Promise] = _("The service hours cannot be used.")

    def __init__(self, **params: Any) -> None:
        super().__init__(params)
        self.params = params

    def __str__(self) -> str:
        return str(self.message) % {name: _readable(value) for name, value in self.params.items()}


def _readable(value: Any) -> str:
    return date_format(value) if isinstance(value, date) else str(value)


class UnknownZone(ServiceHoursError):
    """The name is not in the time zone database."""

    message = _("“%(zone)s” is not a known time zone.")


class UnknownState(ServiceHoursError):
    """The code is not one of the 16 states."""

    message = _("“%(state)s” is not a known federal state.")


class UnknownCategory(ServiceHoursError):
    """Holidays of this category are unknown, or the category stands without a state."""

    message = _("“%(category)s” is not a known kind of public holiday.")


class IncompleteWeek(ServiceHoursError):
    """The week has not exactly seven days."""

    message = _("Service hours need seven weekdays, there are %(count)s.")


class UnknownWeekday(ServiceHoursError):
    """Weekdays are numbered from Monday = 0 to Sunday = 6."""

    message = _("%(weekday)s is not a weekday from 0 to 6.")


class UnreadableHours(ServiceHoursError):
    """Hours that are not pairs of times."""

    message = _("Hours are entered like 08:00–12:00: %(hours)s.")


class NotWholeMinutes(ServiceHoursError):
    """An opening or closing time carries seconds or a zone of its own."""

    message = _("Service hours are entered in whole minutes: %(interval)s.")


class ReversedInterval(ServiceHoursError):
    """An interval that ends before or when it starts; one through the night is entered as two."""

    message = _("The end must be later than the start: %(interval)s. Enter hours through the night on two days.")


class OverlappingIntervals(ServiceHoursError):
    """Two intervals of one day share time."""

    message = _("These hours of one day overlap: %(first)s and %(second)s.")


class DuplicateDay(ServiceHoursError):
    """One date stands twice in the list of own days."""

    message = _("%(day)s is entered twice.")


class DuplicateVersion(ServiceHoursError):
    """Two versions of a calendar begin on the same day."""

    message = _("Two versions of the service hours begin on %(day)s.")


class NoVersion(ServiceHoursError):
    """A calendar has no version at all."""

    message = _("The calendar has no service hours yet.")


class NoOpeningTime(ServiceHoursError):
    """Nothing opens within the horizon, so that there is no answer to *when*."""

    message = _("There are no service hours within %(days)s days after %(day)s.")


class NotOpen(ServiceHoursError):
    """A closing time was asked for at a moment outside the service hours."""

    message = _("It is outside the service hours.")


class NaiveInstant(ServiceHoursError):
    """An instant without a time zone: a mistake of the caller."""

    message = _("A point in time needs a time zone.")


class OutOfRange(ServiceHoursError):
    """A year for which the holidays are unknown."""

    message = _("Service hours are known for the years %(first)s to %(last)s only.")


class ReversedPeriod(ServiceHoursError):
    """A period that ends before it starts: a mistake of the caller."""

    message = _("The end of a period lies before its start.")


class NegativeTarget(ServiceHoursError):
    """A target below zero."""

    message = _("A target cannot be negative.")
