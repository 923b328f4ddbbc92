"""The filter of the list of articles, and the form with which a new one begins."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models import Product
from klarfall.desk import reference
from klarfall.desk.article_list import SORTS, STATES
from klarfall.knowledge.models import ArticleKind, Visibility

LANGUAGES = [("de", _("German")), ("en", _("English"))]
_ALL: list[Any] = [("", _("all"))]
_SORT_NAMES = {"": _("changed last first"), "oldest": _("changed first first"), "title": _("by title")}
_ALWAYS = (ArticleKind.KNOWLEDGE, ArticleKind.UPDATE)
#: What each visibility means, in a sentence.
VISIBILITY_NOTES = {
    Visibility.PUBLIC.value: _("Also without an account, and in search engines."),
    Visibility.SIGNED_IN.value: _("Every customer, whatever product they have."),
    Visibility.CUSTOMERS.value: _("Those with a contract for the product. The usual choice."),
    Visibility.INTERNAL.value: _("Nobody outside our house sees or finds it."),
}
KIND_NOTES = {
    ArticleKind.KNOWLEDGE.value: _("Answers one question."),
    ArticleKind.UPDATE.value: _("Says what is new in a version. Subscribers are told once."),
    ArticleKind.MANUAL.value: _("Chapters and editions; the current one counts, older ones stay readable."),
    ArticleKind.QUICK_START.value: _("The first steps with one subject, on one page."),
    ArticleKind.VIDEO.value: _("A video of ours with captions and chapters."),
}


def kinds_of(product: Product) -> list[str]:
    """The kinds of help that a product has; others do not appear (R22)."""
    return [kind for kind in ArticleKind.values if kind in _ALWAYS or kind in product.media]


class FilterForm(forms.Form):
    """What articles are looked for by; unknown values are left out. It travels in the address."""

    q = forms.CharField(required=False, max_length=80)
    state = forms.ChoiceField(required=False, choices=STATES)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[*_ALL, *ArticleKind.choices])
    product = forms.TypedChoiceField(label=_("Product"), required=False, coerce=int, empty_value=None)
    area = forms.TypedChoiceField(label=_("Area"), required=False, coerce=int, empty_value=None)
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[*_ALL, *LANGUAGES])
    sort = forms.ChoiceField(label=_("Order"), required=False, choices=[(key, _SORT_NAMES[key]) for key in SORTS])
    mine = forms.BooleanField(label=_("only mine"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = [(one.pk, one.name) for one in reference.products()]
        self.fields["product"].choices = [*_ALL, *products]  # type: ignore[attr-defined]
        self.fields["area"].choices = [*_ALL, *reference.area_choices()]  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def chosen(self) -> dict[str, Any]:
        """The valid values that narrow or order something."""
        found = {name: value for name, value in self.cleaned_data.items() if value}
        return found | ({"mine": "1"} if "mine" in found else {})

    @property
    def filters(self) -> dict[str, Any]:
        """Those behind the button *Filter*."""
        return {name: value for name, value in self.chosen.items() if name not in ("q", "state")}


class NewArticleForm(forms.Form):
    """What a new article is about. The kinds follow the product."""

    product = forms.TypedChoiceField(label=_("Product"), coerce=int)
    kind = forms.ChoiceField(label=_("Kind"), widget=forms.RadioSelect)
    area = forms.TypedChoiceField(label=_("Area"), required=False, coerce=int, empty_value=None)
    visibility = forms.ChoiceField(
        label=_("Who reads it?"),
        choices=Visibility.choices,
        widget=forms.RadioSelect,
        initial=Visibility.CUSTOMERS,
    )
    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("The question or the task in the words of your customers.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, initial="de")

    def __init__(self, data: Any = None, *, product: Product, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.about = product
        kinds = [(kind, ArticleKind(kind).label) for kind in kinds_of(product)]
        areas = [("", _("none")), *((area.pk, area.name) for area in product.areas.all())]
        self.fields["product"].choices = [(one.pk, one.name) for one in reference.products()]  # type: ignore[attr-defined]
        self.fields["product"].initial = product.pk
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["area"].choices = areas  # type: ignore[attr-defined]
