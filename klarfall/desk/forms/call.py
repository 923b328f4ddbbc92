"""A request by phone: who called about which product, and what they said."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models import RequestKind
from klarfall.contracts.models.product import ChannelKind
from klarfall.desk import reference
from klarfall.desk.forms.fields import FilesField
from klarfall.service_levels.models import Impact
from klarfall.tickets.actions.submit import NewRequest


class CallForm(forms.Form):
    """The new request of a contact who called (or wrote to a private mailbox)."""

    channel = forms.ChoiceField(
        label=_("How it reached us"),
        choices=[(ChannelKind.PHONE, _("Phone")), (ChannelKind.EMAIL, _("E-mail"))],
        initial=ChannelKind.PHONE,
    )
    product = forms.TypedChoiceField(label=_("Product"), coerce=int)
    area = forms.TypedChoiceField(label=_("Area"), coerce=int, required=False, empty_value=None)
    kind = forms.TypedChoiceField(label=_("Kind"), coerce=int, required=False, empty_value=None)
    title = forms.CharField(label=_("In one sentence"), max_length=160)
    description = forms.CharField(label=_("What was said"), max_length=20000, widget=forms.Textarea({"rows": 6}))
    tried = forms.CharField(
        label=_("What have they tried already?"), required=False, max_length=4000, widget=forms.Textarea({"rows": 2})
    )
    impact = forms.ChoiceField(
        label=_("How much does it hinder them?"),
        choices=Impact.choices,
        initial=Impact.HINDERED,
        widget=forms.RadioSelect,
    )
    confidential = forms.BooleanField(label=_("Confidential within the company"), required=False)
    attachments = FilesField(label=_("Files"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.products = {one.pk: one for one in reference.products()}
        self.areas = {area.pk: area for one in self.products.values() for area in one.areas.all()}
        self.fields["product"].choices = [(pk, one.name) for pk, one in self.products.items()]  # type: ignore[attr-defined]
        none = [("", _("not known"))]
        self.fields["area"].choices = [*none, *reference.area_choices()]  # type: ignore[attr-defined]
        kinds = [(pk, tile.words) for pk, tile in reference.tiles().items()]
        self.fields["kind"].choices = [("", _("not sure")), *kinds]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        area = self.areas.get(data.get("area") or 0)
        if area is not None and area.product_id != data.get("product"):
            self.add_error("area", _("This area belongs to another product."))
        return data

    def request(self) -> NewRequest:
        """What the action takes."""
        data = self.cleaned_data
        kind = RequestKind.objects.filter(pk=data["kind"]).first() if data["kind"] else None
        return NewRequest(
            product=self.products[data["product"]],
            title=data["title"],
            description=data["description"],
            kind=kind,
            area=self.areas.get(data["area"] or 0),
            impact=data["impact"],
            tried=data["tried"],
            confidential=data["confidential"],
            channel=data["channel"],
        )
