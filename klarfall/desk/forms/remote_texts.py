"""The words people agree to before a remote session, in both languages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.actions.remote_consent import MOST


class ConsentTextForm(forms.Form):
    """A new version of the words; empty lines part paragraphs."""

    german = forms.CharField(label=_("German"), max_length=MOST, widget=forms.Textarea({"rows": 14, "lang": "de"}))
    english = forms.CharField(label=_("English"), max_length=MOST, widget=forms.Textarea({"rows": 14, "lang": "en"}))
