"""Short forms on the page of a request: reply, seeing it differently, rating, wishes to other teams."""

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.core.action import Refused
from klarfall.tickets import text


class PortalForm(forms.Form):
    """A form that can show why an action refused."""

    def refuse(self, problem: Refused) -> None:
        """Show the refusal at the field it names, else on top."""
        self.add_error(problem.field if problem.field in self.fields else None, str(problem))


class ReplyForm(PortalForm):
    """A message to support; files may stand alone, which the action knows."""

    text = forms.CharField(
        label=_("Write a reply"), max_length=text.LONG, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReopenForm(PortalForm):
    """Why a solved request is opened again."""

    text = forms.CharField(
        label=_("What is still open?"), max_length=text.LONG, widget=forms.Textarea(attrs={"rows": 4})
    )


class ObjectionForm(PortalForm):
    """What the customer sees differently."""

    text = forms.CharField(
        label=_("What do you see differently?"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 3})
    )


class RatingForm(PortalForm):
    """How helpful it was."""

    stars = forms.TypedChoiceField(
        label=_("How helpful were we?"), coerce=int, widget=forms.RadioSelect,
        choices=[(5, _("5, very")), (4, _("4")), (3, _("3")), (2, _("2")), (1, _("1, not at all"))],
    )  # fmt: skip
    comment = forms.CharField(
        label=_("Do you want to add something?"), max_length=text.SHORT, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
