"""The form of a new request, and what of it a draft keeps."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models import Area, Product, RequestKind
from klarfall.core.action import Refused
from klarfall.customers.models import Contact
from klarfall.portal.offering import Offering
from klarfall.service_levels.models import Impact
from klarfall.tickets import text

#: What a draft keeps, besides the files.
DRAFT_FIELDS = (
    "contact", "product", "area", "partner_product", "kind", "title", "description", "tried", "impact", "needed_by",
    "confidential", "token", "article",
)  # fmt: skip
_DATES = ("%Y-%m-%d", "%d.%m.%Y")


def draft_of(data: Any) -> dict[str, str]:
    """Returns the fields of a form that is still being written, cut to what can be stored."""
    return {name: str(data.get(name, ""))[: text.LONG].replace("\x00", "") for name in DRAFT_FIELDS if data.get(name)}


class RequestForm(forms.Form):
    """A new request. Only title and description must be filled in; nothing forces a choice of kind or area."""

    contact = forms.ChoiceField(label=_("For which company?"))
    product = forms.ChoiceField(label=_("Product"))
    area = forms.ChoiceField(label=_("Area"), required=False)
    partner_product = forms.ChoiceField(label=_("Is a connected partner product concerned?"), required=False)
    kind = forms.ChoiceField(label=_("What is it about?"), required=False)
    title = forms.CharField(label=_("In one sentence"), max_length=text.LINE)
    description = forms.CharField(
        label=_("Description"), max_length=text.LONG, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What did you do, what happened, what did you expect?"),
    )  # fmt: skip
    tried = forms.CharField(
        label=_("What have you tried already?"), max_length=text.SHORT, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    impact = forms.ChoiceField(
        label=_("How much does it hinder you?"), widget=forms.RadioSelect, choices=Impact.choices
    )
    needed_by = forms.DateField(
        label=_("When do you need a solution?"), required=False, input_formats=_DATES,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    confidential = forms.BooleanField(label=_("Treat as confidential"), required=False)

    def __init__(
        self, data: Any = None, *, offered: Offering, contacts: Sequence[Contact], today: date, initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial={"impact": Impact.HINDERED, **initial})
        self.offered, self.contacts, self.today = offered, contacts, today
        self._choices("contact", [(one.pk, one.customer.name) for one in contacts])
        products = offered.own_products()
        self._choices("product", [(one.pk, one.name) for one in products])
        self._choices("area", [("", _("Not sure or none of these")), *_grouped_areas(products, offered.areas)])
        self._choices("partner_product", [("", _("No")), *((one.pk, one.name) for one in offered.partner_products())])
        self._choices("kind", [("", ""), *((one.code, one.title) for one in offered.kinds)])

    def _choices(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields[name].widget.choices = choices

    def clean_contact(self) -> Contact:
        """The contact as whom the person asks."""
        return next(one for one in self.contacts if str(one.pk) == self.cleaned_data["contact"])

    def clean_product(self) -> Product:
        """The product itself."""
        return next(one for one in self.offered.products if str(one.pk) == self.cleaned_data["product"])

    def clean_partner_product(self) -> Product | None:
        """The partner product itself, if one is named."""
        return next((p for p in self.offered.products if str(p.pk) == self.cleaned_data["partner_product"]), None)

    def clean_area(self) -> Area | None:
        """The area itself, if one is named."""
        return next((one for one in self.offered.areas if str(one.pk) == self.cleaned_data["area"]), None)

    def clean_kind(self) -> RequestKind | None:
        """The tile itself; the one without a usual outcome means "not sure" and stays a wish to be assessed."""
        return next((one for one in self.offered.kinds if one.code == self.cleaned_data["kind"]), None)

    def clean_needed_by(self) -> date | None:
        """A day that is not over."""
        day: date | None = self.cleaned_data["needed_by"]
        if day is not None and day < self.today:
            raise forms.ValidationError(_("This day is over. Please choose today or a later day."))
        return day

    def clean(self) -> dict[str, Any]:
        """Area and partner product belong to the chosen product; without scripts all can be chosen."""
        cleaned = super().clean() or {}
        product, area, partner = (cleaned.get(name) for name in ("product", "area", "partner_product"))
        if product and area and area.product_id not in (product.pk, partner.pk if partner else None):
            self.add_error("area", _("This area belongs to another product. Please choose again."))
        if product and partner and partner.pk not in self.offered.partners.get(product.pk, ()):
            self.add_error("partner_product", _("This partner product is not connected to the chosen product."))
        return cleaned

    @property
    def wants_visit(self) -> bool:
        """Does the request go to the consultants instead of support (R54)?"""
        kind, product = self.cleaned_data.get("kind"), self.cleaned_data["product"]
        return bool(kind and kind.to_consulting and not product.onsite_by_support)

    def refuse(self, problem: Refused) -> None:
        """Show why an action refused, at the field it names."""
        field = problem.field if problem.field in self.fields else None
        self.add_error(field, str(problem))


def _grouped_areas(products: Iterable[Product], areas: Iterable[Area]) -> list[tuple[str, list[tuple[int, str]]]]:
    groups = [(one.name, [(area.pk, area.name) for area in areas if area.product_id == one.pk]) for one in products]
    return [group for group in groups if group[1]]
