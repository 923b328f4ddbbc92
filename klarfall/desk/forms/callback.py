"""A call back as somebody agrees it, and how an attempt went."""

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.telephony.forms import SlotForm


class CallbackForm(SlotForm):
    """Agreed on the phone or asked for by mail: number, time, what it is about."""


class AttemptForm(forms.Form):
    """What became of an attempt to call somebody back."""

    result = forms.ChoiceField(choices=[("nobody", _("Nobody reached")), ("cancelled", _("Taken back"))])
    note = forms.CharField(label=_("Note for us"), required=False, max_length=400)
