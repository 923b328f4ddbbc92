"""Where a hand-over to consultants or trainers stands."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.tickets.models import HandoverStatus


class HandoverForm(forms.Form):
    """The new state, with the day once it is agreed."""

    status = forms.ChoiceField(label=_("State"), choices=HandoverStatus.choices)
    scheduled_on = forms.DateField(
        label=_("Agreed day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("status") != HandoverStatus.SCHEDULED:
            data["scheduled_on"] = None
        elif "scheduled_on" not in self.errors and not data.get("scheduled_on"):
            self.add_error("scheduled_on", _("Please enter the agreed day."))
        return data
