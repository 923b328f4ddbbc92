"""Forms of billing: the period of a run, and what of a run is shown."""

import calendar
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from klarfall.billing.models import BillingBatch
from klarfall.customers.models import Customer

_ISO, _GERMAN = "%Y-%m-%d", "%d.%m.%Y"
_FORMATS = [_GERMAN, "%d.%m.%y", _ISO]
_DAY = timedelta(days=1)
#: Customers that a name may stand for; a longer list would be no filter.
_MOST_CUSTOMERS = 50


class DayField(forms.DateField):
    """A day as people type it: 31.10.2026, 31.10.26 or 2026-10-31."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off", "maxlength": 10}
        unclear = _("Please write the day like 31.10.2026 or 2026-10-31.")
        super().__init__(
            input_formats=_FORMATS, widget=forms.DateInput(attrs), error_messages={"invalid": unclear}, **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        """Days of ours are shown in the reader's notation."""
        if isinstance(value, date):
            return value.strftime(_GERMAN if (get_language() or "de").startswith("de") else _ISO)
        return value


class PeriodForm(forms.Form):
    """First and last day of a run, both inclusive; the last one is over (vendor's zone)."""

    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def clean_ends_on(self) -> date:
        day: date = self.cleaned_data["ends_on"]
        if day >= self.today:
            raise forms.ValidationError(_("This day is not over yet. A run ends yesterday at the latest."))
        return day

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and first > last:
            self.add_error("ends_on", _("The last day lies before the first day."))
        return data


def next_period(last: BillingBatch | None, today: date) -> dict[str, date]:
    """The proposal: the month after the last run, at most up to yesterday; without a run the month before this one."""
    if last is None:
        end = today.replace(day=1) - _DAY
        return {"starts_on": end.replace(day=1), "ends_on": end}
    begin = last.ends_on + _DAY
    month_end = begin.replace(day=calendar.monthrange(begin.year, begin.month)[1])
    # Two runs may follow each other within a day: then the last day is billed once more for what was entered late.
    end = min(month_end, today - _DAY)
    return {"starts_on": min(begin, end), "ends_on": end}


class RunFilter(forms.Form):
    """What of a run is shown; unknown values are left out. It travels in the address."""

    customer = forms.CharField(label=_("Customer: number or part of the name"), required=False, max_length=80)
    only = forms.ChoiceField(
        label=_("Lines"),
        required=False,
        choices=[("", _("all")), ("correction", _("only corrections")), ("goodwill", _("only with goodwill"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_valid()

    @property
    def chosen(self) -> dict[str, str]:
        """The valid values that narrow something."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    def customers(self) -> list[int] | None:
        """The ids of the customers that are meant; None for all."""
        words = self.chosen.get("customer")
        if words is None:
            return None
        rows: QuerySet[Customer] = Customer.objects.filter(Q(number=words) | Q(name__icontains=words))
        return list(rows.order_by("pk").values_list("pk", flat=True)[:_MOST_CUSTOMERS])
