"""Everything else a specialist types about a request: replies, time, solutions, hand-overs."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from klarfall.billing.actions.assessments import Verdict
from klarfall.billing.models import Purpose, WorkChannel
from klarfall.contracts.models import CatalogueItem
from klarfall.desk.forms.fields import CapField, EstimateField, FilesField, ItemField
from klarfall.tickets.models import Cause, ResolutionKind, Training
from klarfall.tickets.models.assessment import Trigger
from klarfall.tickets.models.objection import ReviewResult
from klarfall.tickets.models.remote_session import ConsentWay

_MOMENT = {"type": "datetime-local"}
_MOMENT_FORMAT = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A local date and time from the browser's picker, without seconds."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(_MOMENT, format=_MOMENT_FORMAT)
        super().__init__(input_formats=[_MOMENT_FORMAT, "%Y-%m-%dT%H:%M:%S"], widget=widget, **kwargs)


class ReplyForm(forms.Form):
    """A reply or an internal note, with files."""

    kind = forms.ChoiceField(choices=[("reply", _("Reply to the customer")), ("note", _("Internal note"))])
    text = forms.CharField(label=_("Text"), max_length=20000)
    attachments = FilesField(label=_("Files"))
    waits = forms.BooleanField(label=_("waits for an answer of the customer"), required=False)

    @property
    def is_note(self) -> bool:
        return bool(self.cleaned_data["kind"] == "note")


class AssignForm(forms.Form):
    """Who has the request in hand; empty for nobody."""

    to = forms.TypedChoiceField(label=_("In the hands of"), required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any = None, *, staff: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["to"].choices = [("", _("nobody")), *staff]  # type: ignore[attr-defined]


class SplitForm(forms.Form):
    """Titles of further concerns, one a line."""

    titles = forms.CharField(
        label=_("Further concerns, one a line"), max_length=1600, widget=forms.Textarea({"rows": 3})
    )

    def clean_titles(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["titles"].splitlines() if line.strip()]


class TitleForm(forms.Form):
    """The title of a concern."""

    title = forms.CharField(label=_("Title"), max_length=160)


class OfferForm(forms.Form):
    """A further cost notice: after a decline or counter-proposal, or as an extension."""

    estimate = EstimateField(label=_("Estimate"), max_length=40)
    scope = forms.CharField(label=_("What we would do"), max_length=4000, widget=forms.Textarea({"rows": 2}))
    cap = CapField(label=_("Cap"), required=False, max_length=40)
    exclusions = forms.CharField(
        label=_("What is not included"), required=False, max_length=4000, widget=forms.Textarea({"rows": 2})
    )
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


class PhoneDecisionForm(forms.Form):
    """The code which a contact reads out, and which cap was chosen."""

    contact = forms.TypedChoiceField(label=_("Who decides"), coerce=int)
    code = forms.RegexField(
        r"^\s*\d{3}\s?\d{3}\s*$",
        label=_("Six-digit code"),
        error_messages={"invalid": _("The code has six digits.")},
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    cap = forms.TypedChoiceField(label=_("Cap"), required=False, coerce=int, empty_value=None)
    order_number = forms.CharField(label=_("Order number of the customer"), required=False, max_length=80)

    def __init__(self, data: Any = None, *, people: list[Any], caps: list[Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["contact"].choices = people  # type: ignore[attr-defined]
        self.fields["cap"].choices = [("", _("as offered")), *caps]  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split())


class TimerForm(forms.Form):
    """What the timer is started for."""

    purpose = forms.ChoiceField(choices=Purpose.choices)
    channel = forms.ChoiceField(label=_("Channel"), choices=WorkChannel.choices, initial=WorkChannel.INTERNAL)
    activity = forms.CharField(label=_("Activity"), required=False, max_length=240)


class TimeForm(forms.Form):
    """An entry by hand. More than 24 hours late it needs a reason."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)
    channel = forms.ChoiceField(label=_("Channel"), choices=WorkChannel.choices, initial=WorkChannel.INTERNAL)
    start = MomentField(label=_("From"))
    end = MomentField(label=_("Until (time)"))
    activity = forms.CharField(label=_("Activity, which the customer can read"), max_length=240)
    late_reason = forms.CharField(
        label=_("Why it is entered late"),
        required=False,
        max_length=240,
        help_text=_("Needed for time that ended more than 24 hours ago. The customer reads it."),
    )


class ConsentForm(forms.Form):
    """Who agreed to a remote session, how, when, and what for (INV-28)."""

    contact = forms.TypedChoiceField(label=_("Who agreed"), coerce=int)
    way = forms.ChoiceField(label=_("How they agreed"), choices=ConsentWay.choices, initial=ConsentWay.PHONE)
    at = MomentField(label=_("When"))
    purpose = forms.CharField(label=_("Purpose"), max_length=200)
    dpa_reason = forms.CharField(label=_("Why without a data-processing agreement"), required=False, max_length=500)

    def __init__(self, data: Any = None, *, people: list[Any], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["contact"].choices = people  # type: ignore[attr-defined]


class RestoreForm(forms.Form):
    """When the customer could work again, and by which workaround."""

    at = MomentField(label=_("Since"))
    workaround = forms.CharField(label=_("Workaround"), max_length=2000, widget=forms.Textarea({"rows": 2}))


class ResolveForm(forms.Form):
    """A solution that the customer can read, and its kind (R10, R13)."""

    solution = forms.CharField(label=_("Solution"), max_length=20000, widget=forms.Textarea({"rows": 3}))
    resolution_kind = forms.ChoiceField(
        label=_("Kind of solution"),
        choices=[one for one in ResolutionKind.choices if one[0] != ResolutionKind.NO_WORK],
    )


class ReviewForm(forms.Form):
    """The second review: its result with the reason the customer reads, and the new service where it changes."""

    result = forms.ChoiceField(
        label=_("Result"),
        choices=[(one.value, one.label) for one in ReviewResult if one != ReviewResult.WITHDRAWN],
    )
    text = forms.CharField(
        label=_("Reason, which the customer reads"), max_length=4000, widget=forms.Textarea({"rows": 3})
    )
    cause = forms.ChoiceField(label=_("Cause"), required=False, choices=Cause.choices, initial=Cause.NOT_RELEVANT)
    training = forms.ChoiceField(
        label=_("Was the person trained?"), required=False, choices=Training.choices, initial=Training.UNKNOWN
    )

    def __init__(self, data: Any = None, *, items: list[CatalogueItem], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["item"] = ItemField(items, required=False, empty_value=None)
        self.fields["item"].label = _("New service, if it changes")
        self.fields["item"].choices = [("", _("stays as it is")), *self.fields["item"].choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("result") != ReviewResult.CONFIRMED and not data.get("item"):
            self.add_error("item", _("Please choose the service that applies from now on."))
        return data

    def verdict(self) -> Verdict | None:
        """The new assessment; None where all is confirmed. A service that needs a cause says so when published."""
        data = self.cleaned_data
        if not data["item"]:
            return None
        return Verdict(
            item=data["item"],
            reason=data["text"],
            cause=data["cause"] or Cause.NOT_RELEVANT,
            training=data["training"] or Training.UNKNOWN,
            trigger=Trigger.OBJECTION,
        )


def local_now(now: datetime) -> str:
    """Now as the browser's picker wants it."""
    return timezone.localtime(now).strftime(_MOMENT_FORMAT)
