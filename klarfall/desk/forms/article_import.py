"""The form with which articles are taken in from files."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.desk import reference
from klarfall.desk.forms.articles import LANGUAGES
from klarfall.knowledge.models import ArticleKind, Visibility


class PackageForm(forms.Form):
    """A package, and what counts where its files say nothing."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A zip folder of Markdown or HTML files with their pictures, one such file, or a CSV table."),
        widget=forms.FileInput({"accept": ".zip,.md,.markdown,.html,.htm,.csv"}),
    )
    product = forms.TypedChoiceField(label=_("Product"), coerce=int)
    kind = forms.ChoiceField(label=_("Kind"), choices=ArticleKind.choices)
    visibility = forms.ChoiceField(label=_("Who reads it?"), choices=Visibility.choices, initial=Visibility.CUSTOMERS)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    publish = forms.BooleanField(
        label=_("Publish at once"),
        required=False,
        help_text=_("Otherwise they wait as drafts. Nobody is told by mail."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = [(one.pk, one.name) for one in reference.products()]  # type: ignore[attr-defined]

    @property
    def options(self) -> dict[str, Any]:
        """What counts where the files say nothing, as columns."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("file", "product")}
        return {**given, "product_id": self.cleaned_data["product"]}
