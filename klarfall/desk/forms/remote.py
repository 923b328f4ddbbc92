"""Forms about remote sessions: invitation, answer on the phone, access, who is there, end."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.billing.models import Purpose
from klarfall.desk.forms.work import MomentField
from klarfall.tickets.models.remote_session import ConsentWay

_NO_CREDENTIALS = _("No credentials, please.")


class AccessForm(forms.Form):
    """What opens the tool."""

    code = forms.CharField(
        label=_("Code of the session"),
        required=False,
        max_length=60,
        help_text=_NO_CREDENTIALS,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    link = forms.CharField(
        label=_("Address, where it is not that of the product"),
        required=False,
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "url", "spellcheck": "false"}),
    )


class InviteForm(AccessForm):
    """Whom we ask for a look at their screen, and what for."""

    contact = forms.TypedChoiceField(label=_("Whom we ask"), coerce=int)
    purpose = forms.CharField(label=_("What for, as they read it"), max_length=200)
    dpa_reason = forms.CharField(label=_("Why without a data-processing agreement"), required=False, max_length=240)
    field_order = ("contact", "purpose", "code", "link", "dpa_reason")

    def __init__(self, data: Any = None, *, people: list[Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["contact"].choices = people  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """What somebody said on the phone or wrote, after the words were read to them."""

    contact = forms.TypedChoiceField(label=_("Who agreed"), coerce=int)
    way = forms.ChoiceField(
        label=_("How they agreed"),
        choices=[one for one in ConsentWay.choices if one[0] != ConsentWay.PORTAL],
        initial=ConsentWay.PHONE,
    )
    at = MomentField(label=_("When"))

    def __init__(self, data: Any = None, *, people: list[Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["contact"].choices = people  # type: ignore[attr-defined]


class StartForm(forms.Form):
    """What the time of the session counts as."""

    purpose = forms.ChoiceField(choices=Purpose.choices)


class EndForm(forms.Form):
    """What was done."""

    note = forms.CharField(
        label=_("What was done, as the customer reads it"), required=False, max_length=240, help_text=_NO_CREDENTIALS
    )


class ParticipantForm(forms.Form):
    """Somebody else who is there: a contact, or a name."""

    contact = forms.TypedChoiceField(label=_("Contact"), required=False, coerce=int, empty_value=None)
    name = forms.CharField(label=_("or by name"), required=False, max_length=120)

    def __init__(self, data: Any = None, *, people: list[Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["contact"].choices = [("", "–"), *people]  # type: ignore[attr-defined]
