"""The filter of the work lists; it travels in the address, so a filtered list can be kept as a bookmark."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models.product import ChannelKind
from klarfall.desk import reference
from klarfall.service_levels.models import Impact

_ALL = [("", _("all"))]


class FilterForm(forms.Form):
    """Narrows a list by product, area, kind, impact and channel, and sorts it. Unknown values are left out."""

    product = forms.TypedChoiceField(label=_("Product"), required=False, coerce=int, empty_value=None)
    area = forms.TypedChoiceField(label=_("Area"), required=False, coerce=int, empty_value=None)
    kind = forms.TypedChoiceField(label=_("Kind"), required=False, coerce=int, empty_value=None)
    impact = forms.ChoiceField(label=_("Impact"), required=False, choices=[*_ALL, *Impact.choices])
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=[*_ALL, *ChannelKind.choices])
    sort = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[("", _("by deadline, then waiting longest")), ("newest", _("newest first"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("product", [(one.pk, one.name) for one in reference.products()])
        self.choose("area", reference.area_choices())
        self.choose("kind", [(pk, tile.words) for pk, tile in reference.tiles().items()])
        self.is_valid()

    def choose(self, name: str, choices: list[Any]) -> None:
        """Offer these choices and *all*."""
        self.fields[name].choices = [*_ALL, *choices]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        """The valid values other than *all*."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def newest(self) -> bool:
        """Is the list sorted by arrival?"""
        return self.chosen.get("sort") == "newest"

    @property
    def filters(self) -> dict[str, Any]:
        """The chosen filters without the order."""
        return {name: value for name, value in self.chosen.items() if name != "sort"}

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that match."""
        keys = {"product": "product_id", "area": "area_id", "kind": "kind_id"}
        return rows.filter(**{keys.get(name, name): value for name, value in self.filters.items()})
