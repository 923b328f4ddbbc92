"""Form of the vendor's own words in a kind of mail."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.channels.mail_texts import Words


class MailTextForm(forms.Form):
    """Subject, opening and closing; what is left empty is ours."""

    subject = forms.CharField(label=_("Subject"), required=False, max_length=160)
    opening = forms.CharField(label=_("Opening"), required=False, max_length=2000, widget=forms.Textarea({"rows": 5}))
    closing = forms.CharField(label=_("Closing"), required=False, max_length=600, widget=forms.Textarea({"rows": 3}))

    @classmethod
    def of(cls, words: Words, data: Any = None) -> "MailTextForm":
        """The form as it stands, or with what was typed."""
        return cls(data, initial={"subject": words.subject, "opening": words.opening, "closing": words.closing})

    @property
    def typed(self) -> Words:
        """What stands in the fields now, right or wrong."""
        return Words(*(str(self[name].value() or "")[:2000] for name in ("subject", "opening", "closing")))

    @property
    def given(self) -> Words:
        return Words(**self.cleaned_data)
