"""The form that takes a table in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.transfer.models import ImportKind


class TableForm(forms.Form):
    """A table and what it holds."""

    kind = forms.ChoiceField(label=_("What the table holds"), choices=ImportKind.choices)
    file = forms.FileField(
        label=_("Table: CSV or XLSX, at most 25 MB"),
        max_length=200,
        allow_empty_file=True,  # the action says what is wrong with it
        widget=forms.FileInput({"accept": ".csv,.txt,.xlsx"}),
    )
