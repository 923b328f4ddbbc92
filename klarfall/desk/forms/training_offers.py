"""Form of a training on offer."""

from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.actions.training_offers import TrainingData
from klarfall.contracts.models import TrainingOffer
from klarfall.desk import reference
from klarfall.desk.forms.billing import DayField
from klarfall.desk.forms.money import AmountField

_NAMES = ("title", "title_en", "description", "description_en", "on", "place", "link", "active")


class TrainingOfferForm(forms.Form):
    """One training; without price or day customers read *on request*."""

    title = forms.CharField(label=_("Title"), max_length=120)
    title_en = forms.CharField(label=_("Title"), max_length=120, required=False)
    description = forms.CharField(
        label=_("Description"), max_length=4000, required=False, widget=forms.Textarea({"rows": 4})
    )
    description_en = forms.CharField(
        label=_("Description"), max_length=4000, required=False, widget=forms.Textarea({"rows": 4})
    )
    product = forms.TypedChoiceField(label=_("Product"), coerce=int, required=False, empty_value=None)
    on = DayField(label=_("Date"), required=False)
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    price = AmountField(label=_("Price per person, net"), max_length=20, required=False)
    link = forms.CharField(label=_("Address with more about it"), max_length=300, required=False)
    active = forms.BooleanField(label=_("Shown to customers"), required=False)

    def __init__(self, data: Any = None, *, offer: TrainingOffer | None = None) -> None:
        start = {name: getattr(offer, name) for name in _NAMES} if offer else {"active": True}
        if offer is not None:
            start |= {
                "product": offer.product_id,
                "price": number_format(offer.price) if offer.price is not None else "",
            }
        super().__init__(data, initial=start)
        self.products = {one.pk: one for one in reference.products()}
        choices = [("", _("for all products")), *((pk, one.name) for pk, one in self.products.items())]
        self.fields["product"].choices = choices  # type: ignore[attr-defined]

    @property
    def given(self) -> TrainingData:
        """What the actions take."""
        product = self.products.get(self.cleaned_data["product"] or 0)
        price = self.cleaned_data["price"] if (self["price"].value() or "").strip() else None
        return TrainingData(**self.cleaned_data | {"product": product, "price": price})
