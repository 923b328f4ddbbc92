"""Forms of the words that mean the same."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.knowledge.models import SynonymGroup


class WordsField(forms.CharField):
    """Words separated by commas or lines; gives a tuple."""

    def clean(self, value: Any) -> Any:
        return tuple(str(super().clean(value)).replace("\n", ",").replace(";", ",").replace("=", ",").split(","))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value


class SynonymsForm(forms.Form):
    """A group of words."""

    words = WordsField(
        label=_("Words that mean the same"),
        max_length=800,
        help_text=_("Separated by commas, say: Mahnung, Zahlungserinnerung. Forms of a word are found anyway."),
    )

    @classmethod
    def of(cls, group: SynonymGroup, data: Any = None) -> "SynonymsForm":
        """The form of a group as it stands, or with what was typed."""
        return cls(data, initial={"words": group.words}, auto_id=f"id_{group.pk}_%s")
