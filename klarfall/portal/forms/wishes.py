"""Wishes for consultants and trainings: what the customer asks for, and what the other team answers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models import TrainingOffer
from klarfall.portal.forms.conversation import PortalForm
from klarfall.tickets import text
from klarfall.tickets.actions.handover import Appointment
from klarfall.tickets.models import HandoverStatus

_DAYS = ("day_1", "day_2", "day_3")


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class WishForm(PortalForm):
    """A wish to the consultants or for a training, without a request to support."""

    contact = forms.ChoiceField(label=_("For which company?"))
    product = forms.ChoiceField(label=_("Product"))
    offer = forms.ChoiceField(label=_("Training"), required=False)
    wish = forms.CharField(label=_("What is it about?"), max_length=text.LONG, widget=forms.Textarea(attrs={"rows": 5}))
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    day_1 = _day(_("First choice"))
    day_2 = _day(_("Second choice"))
    day_3 = _day(_("Third choice"))
    preferred_dates = forms.CharField(label=_("Which days suit you?"), max_length=200, required=False)

    def __init__(
        self, data: Any = None, *, contacts: Any, products: Any, offers: Any = (), initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial=initial)
        self.contacts, self.products = {str(c.pk): c for c in contacts}, {str(p.pk): p for p in products}
        self.offers: dict[str, TrainingOffer] = {str(one.pk): one for one in offers}
        other = ("", _("Another training, or I do not know yet"))
        for name, choices in {
            "contact": [(pk, c.customer.name) for pk, c in self.contacts.items()],
            "product": [(pk, p.name) for pk, p in self.products.items()],
            "offer": [other, *((pk, one.said("title")) for pk, one in self.offers.items())],
        }.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_contact(self) -> Any:
        """The contact as whom the person asks."""
        return self.contacts[self.cleaned_data["contact"]]

    def clean_product(self) -> Any:
        """The product itself."""
        return self.products[self.cleaned_data["product"]]

    def clean_offer(self) -> TrainingOffer | None:
        """The training itself."""
        return self.offers.get(self.cleaned_data["offer"])

    @property
    def preferred_on(self) -> list[Any]:
        """The days that were chosen."""
        return [self.cleaned_data[name] for name in _DAYS if self.cleaned_data.get(name)]

    @property
    def day_fields(self) -> list[Any]:
        """The three fields of days, for the page."""
        return [self[name] for name in _DAYS]


class TeamAnswerForm(PortalForm):
    """What the team that fulfils a wish says: the agreed day, that it is done, or that nothing comes of it."""

    status = forms.ChoiceField(
        label=_("State"), widget=forms.RadioSelect,
        choices=[
            (HandoverStatus.SCHEDULED, HandoverStatus.SCHEDULED.label),
            (HandoverStatus.DONE, HandoverStatus.DONE.label),
            (HandoverStatus.WITHDRAWN, HandoverStatus.WITHDRAWN.label),
        ],
    )  # fmt: skip
    scheduled_on = _day(_("Agreed day"))
    starts_at = forms.TimeField(
        label=_("Time of day"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    minutes = forms.IntegerField(label=_("Length in minutes"), required=False, min_value=1, max_value=600)
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    note = forms.CharField(
        label=_("Message to the customer"), max_length=text.SHORT, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """An appointment needs its day."""
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
