"""Forms of the wizard that sets an own house up, one per step."""

from collections.abc import Iterator, Sequence
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.permissions import StaffRole
from klarfall.contracts.models import ContactChannel, Product, RateCardLine, WorkType
from klarfall.contracts.models.product import ChannelKind
from klarfall.contracts.models.terms import INCREMENTS
from klarfall.desk.forms.money import AmountField
from klarfall.service_levels.holidays_de import STATES
from klarfall.service_levels.models import Impact, ServiceCalendar

_FRIDAY, _SATURDAY = 4, 5
_MOST_AREAS = 60
#: Hours until the first answer that a new house begins with.
TARGET_HOURS = {Impact.BLOCKED: 2, Impact.HINDERED: 4, Impact.MINOR: 8}


class ProductsForm(forms.Form):
    """One product with its areas and its version."""

    name = forms.CharField(label=_("Name of the product"), max_length=120)
    areas = forms.CharField(
        label=_("Areas"),
        required=False,
        max_length=3000,
        help_text=_("One per line, for example: Bookkeeping. By them requests are sorted. Can be added later."),
        widget=forms.Textarea({"rows": 5}),
    )
    version = forms.CharField(label=_("Current version"), required=False, max_length=40, help_text=_("For example 8.4"))

    def clean_areas(self) -> list[str]:
        """The names, each once."""
        names = [" ".join(line.split()) for line in self.cleaned_data["areas"].splitlines()]
        found = list(dict.fromkeys(name for name in names if name))
        if len(found) > _MOST_AREAS:
            raise ValidationError(_("At most 60 areas, please."))
        return found


class ChannelsForm(forms.Form):
    """The ways of contact of every product: telephone, e-mail, remote session; the portal is always there."""

    def __init__(self, data: Any, *, products: Sequence[Product], channels: Sequence[ContactChannel]) -> None:
        super().__init__(data)
        self.products = products
        found = {(one.product_id, one.kind): one for one in reversed(channels) if one.active}
        for product in products:
            phone = found.get((product.pk, ChannelKind.PHONE))
            mail = found.get((product.pk, ChannelKind.EMAIL))
            self.fields |= {
                f"phone_{product.pk}": forms.CharField(
                    label=_("Telephone"), required=False, max_length=60, initial=phone.value if phone else "",
                    widget=forms.TextInput({"type": "tel"}),
                ),
                f"free_{product.pk}": forms.BooleanField(
                    label=_("This number is free of charge"), required=False, initial=bool(phone and phone.toll_free)
                ),
                f"email_{product.pk}": forms.EmailField(
                    label=_("E-mail"), required=False, max_length=200, initial=mail.value if mail else ""
                ),
                f"remote_{product.pk}": forms.BooleanField(
                    label=_("Remote sessions are possible, by appointment and with consent"),
                    required=False, initial=(product.pk, ChannelKind.REMOTE) in found,
                ),
            }  # fmt: skip

    def parts(self) -> Iterator[tuple[Product, list[forms.BoundField]]]:
        """Each product with its fields."""
        for product in self.products:
            yield product, [self[f"{name}_{product.pk}"] for name in ("phone", "free", "email", "remote")]


class HoursForm(forms.Form):
    """When the team works, whose holidays count, and how soon it answers first."""

    name = forms.CharField(label=_("Name of these hours"), max_length=80, initial=_("Support"))
    state = forms.ChoiceField(
        label=_("Public holidays"),
        required=False,
        choices=lambda: [("", _("None")), *sorted(STATES.items(), key=lambda one: one[1])],
    )
    blocked = forms.IntegerField(label=_("Customers cannot work"), min_value=1, max_value=200)
    hindered = forms.IntegerField(label=_("Only by a detour"), min_value=1, max_value=200)
    minor = forms.IntegerField(label=_("Hardly hindered"), min_value=1, max_value=200)

    def __init__(self, data: Any, *, calendar: ServiceCalendar | None = None) -> None:
        initial: dict[str, Any] = {impact.value: hours for impact, hours in TARGET_HOURS.items()}
        spans = {day: (time(8), time(15 if day == _FRIDAY else 17)) for day in range(_SATURDAY)}
        if calendar is not None:
            initial |= {"name": calendar.name, "state": calendar.state}
            initial |= {one.impact: max(1, one.minutes // 60) for one in calendar.targets.all()}
            spans = {one.weekday: (one.starts, one.ends) for one in calendar.intervals.all()}
        super().__init__(data, initial=initial)
        for day in range(7):
            begins, ends = spans.get(day, (None, None))
            self.fields[f"from_{day}"] = _hour(_("from"), begins)
            self.fields[f"to_{day}"] = _hour(_("to"), ends)

    def days(self) -> Iterator[tuple[Any, forms.BoundField, forms.BoundField]]:
        """Each day of the week with its two fields."""
        for day, label in WEEKDAYS.items():
            yield label, self[f"from_{day}"], self[f"to_{day}"]

    def clean(self) -> dict[str, Any]:
        """A day has both ends in order, or none."""
        values: dict[str, Any] = super().clean() or {}
        for day in range(7):
            begins, ends = values.get(f"from_{day}"), values.get(f"to_{day}")
            if bool(begins) != bool(ends) or (begins and ends and ends != time(0) and begins >= ends):
                self.add_error(f"from_{day}", _("Please enter when the day begins and ends, or neither."))
        return values

    @property
    def rows(self) -> tuple[tuple[int, time, time], ...]:
        """The hours as the action takes them."""
        values = self.cleaned_data
        return tuple(
            (day, values[f"from_{day}"], values[f"to_{day}"]) for day in range(7) if values[f"from_{day}"] is not None
        )

    @property
    def minutes(self) -> dict[str, int]:
        """The targets in service minutes, by impact."""
        return {impact.value: self.cleaned_data[impact.value] * 60 for impact in Impact}


class CatalogueForm(forms.Form):
    """The hourly rates (net) that the clauses of the template need, and how minutes are counted."""

    increment = forms.TypedChoiceField(
        label=_("Minutes are counted in steps of"), coerce=int, choices=[(one, one) for one in INCREMENTS]
    )

    minimum = forms.IntegerField(label=_("At least, in minutes"), min_value=0, max_value=480)

    def __init__(self, data: Any, *, needed: Sequence[WorkType], rates: Sequence[RateCardLine] = ()) -> None:
        known = {one.work_type: one for one in rates}
        usual = rates[0] if rates else RateCardLine()
        super().__init__(data, initial={"increment": usual.increment, "minimum": usual.minimum})
        self.needed = needed
        for kind in needed:
            line = known.get(kind.value)
            initial = number_format(line.rate, 2) if line else None
            self.fields[f"{kind.value}_rate"] = AmountField(label=kind.label, max_length=12, initial=initial)

    def rate_fields(self) -> list[forms.BoundField]:
        """One field per kind of work."""
        return [self[f"{kind.value}_rate"] for kind in self.needed]


class ColleagueForm(forms.Form):
    """Somebody who works here, too."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("Work e-mail"), max_length=254)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=StaffRole.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[StaffRole.AGENT.value],
    )


class FinishForm(forms.Form):
    """Nothing to type: the house is set up."""


def _hour(label: Any, initial: time | None) -> forms.TimeField:
    shown = f"{initial:%H:%M}" if initial is not None else None
    return forms.TimeField(
        label=label,
        required=False,
        initial=shown,
        widget=forms.TimeInput({"inputmode": "numeric", "maxlength": 5, "placeholder": "–"}, format="%H:%M"),
    )
