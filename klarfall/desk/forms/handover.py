"""Where a hand-over to consultants or trainers stands, and to whom it is mailed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.core import vendor
from klarfall.tickets.actions.handover import Appointment
from klarfall.tickets.models import HandoverStatus


class HandoverForm(forms.Form):
    """The new state, with the appointment once it is agreed; for specialists and for the other team."""

    status = forms.ChoiceField(label=_("State"), choices=HandoverStatus.choices)
    scheduled_on = forms.DateField(
        label=_("Agreed day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    starts_at = forms.TimeField(
        label=_("Time of day"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    minutes = forms.IntegerField(label=_("Length in minutes"), required=False, min_value=1, max_value=600)
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    note = forms.CharField(
        label=_("Message to the customer"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )

    @classmethod
    def of(cls, data: Any, wish: Any) -> "HandoverForm":
        """The form of a wish, filled with what is agreed."""
        local = wish.starts_at.astimezone(vendor.zone()) if wish.starts_at else None
        names = ("status", "scheduled_on", "minutes", "place")
        return cls(data, initial={name: getattr(wish, name) for name in names} | {"starts_at": local and local.time()})

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        agreed = data.get("status") == HandoverStatus.SCHEDULED
        if agreed and "scheduled_on" not in self.errors and not data.get("scheduled_on"):
            self.add_error("scheduled_on", _("Please enter the agreed day."))
        return data

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        agreed = data["status"] == HandoverStatus.SCHEDULED
        where = (data["scheduled_on"], data["starts_at"], data["minutes"], data["place"])
        appointment = Appointment.at(*where) if agreed else None
        return {"status": data["status"], "note": data["note"], "appointment": appointment}


class TeamForm(forms.Form):
    """To whom a wish is mailed."""

    address = forms.EmailField(label=_("Address of the team"), max_length=254)
