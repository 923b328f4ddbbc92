"""Forms of service hours: place, the week from a day on, own days, targets, and a trial of a moment."""

from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from klarfall.desk.durations import minutes_of
from klarfall.desk.forms.billing import DayField
from klarfall.desk.opening_hours import Spans, hours_text, spans_of
from klarfall.service_levels.actions.calendars import CalendarData, OwnDayData, Row
from klarfall.service_levels.clock import ServiceHours
from klarfall.service_levels.holidays_de import STATES
from klarfall.service_levels.models import Impact, ServiceCalendar
from klarfall.ui.formats import duration

_WEEK = range(7)
_EUROPE = sorted(zone for zone in available_timezones() if zone.startswith("Europe/"))


class HoursField(forms.CharField):
    """Hours of one day; gives pairs of opening and closing, empty when closed."""

    default_error_messages = {"unclear": _("Please write it like 8:00–12:00, 13:00–17:00.")}  # noqa: RUF012

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return spans_of(text)
        except ValueError:
            raise ValidationError(self.error_messages["unclear"], code="unclear") from None


class DurationField(forms.CharField):
    """Service time such as `2 Std.`, `4:00` or `90 min`; gives minutes."""

    default_error_messages = {"unclear": _("Please write it like 2 h, 1:30 or 90 min.")}  # noqa: RUF012

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return minutes_of(text)
        except ValueError:
            raise ValidationError(self.error_messages["unclear"], code="unclear") from None


class CalendarForm(forms.Form):
    """The place whose hours these are."""

    name = forms.CharField(label=_("Name"), max_length=80)
    zone = forms.ChoiceField(label=_("Time zone"), choices=[(zone, zone) for zone in _EUROPE], initial="Europe/Berlin")
    state = forms.ChoiceField(
        label=_("Public holidays of"), required=False, choices=[("", _("no public holidays")), *STATES.items()]
    )
    catholic = forms.BooleanField(
        label=_("also those of mainly catholic communities"),
        required=False,
        help_text=_("Assumption Day in Bavaria, Corpus Christi in parts of Saxony and Thuringia."),
    )
    callback_places = forms.IntegerField(
        label=_("Callbacks in half an hour"),
        min_value=1,
        max_value=99,
        initial=3,
        help_text=_("So many people may choose the same half hour. What is agreed already stays."),
    )

    @classmethod
    def of(cls, calendar: ServiceCalendar, data: Any = None) -> "CalendarForm":
        """The form as it stands; a zone outside of Europe stays possible."""
        form = cls(data, initial={name: getattr(calendar, name) for name in cls.base_fields})
        zone: Any = form.fields["zone"]
        if calendar.zone not in _EUROPE:
            zone.choices = [(calendar.zone, calendar.zone), *zone.choices]
        return form

    @property
    def given(self) -> CalendarData:
        return CalendarData(**self.cleaned_data)


class WeekForm(forms.Form):
    """The hours of seven days, one line each, and from when they count; those of a new calendar always have."""

    def __init__(
        self,
        data: Any,
        *,
        hours: ServiceHours | None = None,
        valid_from: date | None = None,
        is_new: bool = False,
    ) -> None:
        super().__init__(data, auto_id="week-%s")
        for weekday in _WEEK:
            spans = hours.weekly[weekday] if hours else ()
            self.fields[f"weekday_{weekday}"] = HoursField(
                label=WEEKDAYS[weekday],
                required=False,
                max_length=80,
                initial=hours_text(spans),
                widget=forms.TextInput({"placeholder": "–", "autocomplete": "off"}),
            )
        if not is_new:
            self.fields["valid_from"] = DayField(label=_("from this day on"), initial=valid_from)

    @property
    def days(self) -> list[Any]:
        """The fields of the seven days."""
        return [self[f"weekday_{weekday}"] for weekday in _WEEK]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Weekday, opening and closing of every interval."""
        return tuple(
            (weekday, opening, closing)
            for weekday in _WEEK
            for opening, closing in self.cleaned_data[f"weekday_{weekday}"]
        )


class SinceForm(forms.Form):
    """The day on which hours begin that are taken back."""

    valid_from = DayField(required=False)


class OwnDayForm(forms.Form):
    """A day with its own hours; without them it is closed."""

    day = DayField(label=_("Day"))
    name = forms.CharField(label=_("Name"), max_length=80)
    hours = HoursField(label=_("Hours"), required=False, max_length=80, help_text=_("Empty: closed."))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="own-day-%s")

    @property
    def given(self) -> OwnDayData:
        spans: Spans = self.cleaned_data["hours"]
        return OwnDayData(day=self.cleaned_data["day"], name=self.cleaned_data["name"], hours=spans)


class TargetsForm(forms.Form):
    """Service time until the first answer, by impact."""

    blocked = DurationField(label=Impact.BLOCKED.label, max_length=20)
    hindered = DurationField(label=Impact.HINDERED.label, max_length=20)
    minor = DurationField(label=Impact.MINOR.label, max_length=20)

    def __init__(self, data: Any, *, minutes: dict[str, int]) -> None:
        initial = {impact: duration(value) for impact, value in minutes.items()}
        super().__init__(data, initial=initial, auto_id="target-%s")

    @property
    def minutes(self) -> dict[str, int]:
        return dict(self.cleaned_data)


class TrialForm(forms.Form):
    """A moment at which a request might come in."""

    day = DayField(label=_("Day"))
    time = forms.TimeField(
        label=_("Time"),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Please write the time like 16:30.")},
    )

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, auto_id="trial-%s", **kwargs)
