"""What a customer answers to a service record."""

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.portal.forms.conversation import PortalForm


class DisputeForm(PortalForm):
    """What the customer sees differently in a service record."""

    reason = forms.CharField(
        label=_("What do you see differently?"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 4})
    )
