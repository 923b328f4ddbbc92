"""The choice of number and time for a call back; portal and desk ask the same."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.customers.phone_numbers import LONGEST
from klarfall.telephony.actions.callbacks import Wish
from klarfall.telephony.slots import Slot
from klarfall.ui.formats import day, time_of_day


class SlotForm(forms.Form):
    """Number, time and what it is about. `slots` are those that are free now."""

    phone = forms.CharField(
        label=_("Telephone number"), max_length=LONGEST,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    slot = forms.ChoiceField(
        label=_("When shall we call?"), required=False,
        error_messages={"invalid_choice": _("This time has just been taken. Please choose another one.")},
    )  # fmt: skip
    about = forms.CharField(
        label=_("What is it about?"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, slots: Sequence[Slot], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slots = {one.key: one for one in slots}
        self.fields["slot"].choices = slot_choices(slots, now)  # type: ignore[attr-defined]

    def wish(self) -> Wish:
        """What the actions take."""
        data = self.cleaned_data
        chosen = self.slots.get(data["slot"])
        return Wish(number=data["phone"], start=chosen.start if chosen else None, about=data["about"])


def slot_choices(slots: Sequence[Slot], now: datetime) -> list[Any]:
    """As soon as possible, then the times by day."""
    days = groupby(slots, key=lambda one: one.start.date())
    times = [
        (day(that, now), [(one.key, f"{time_of_day(one.start)}–{time_of_day(one.end)}") for one in found])
        for that, found in days
    ]
    return [("", _("as soon as possible within service hours")), *times]
