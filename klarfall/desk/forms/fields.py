"""Fields that several desk forms share: durations, caps, catalogue items with what choosing one fills in."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from klarfall.billing.engine import Caps
from klarfall.contracts.models import CatalogueItem
from klarfall.core.money import parse_amount
from klarfall.desk.durations import minutes_of, span_of, span_text


class MultipleFiles(forms.ClearableFileInput):
    """A picker for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploaded files as a list; what is wrong with one the action says, by its name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=MultipleFiles(), required=False, allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [one for one in data if one] if isinstance(data, list | tuple) else ([data] if data else [])


class EstimateField(forms.CharField):
    """An estimate such as `1–1,5 Std.`; gives (least, most) in minutes."""

    default_error_messages = {"unclear": _("Please write it like 45–60 min or 1–1.5 h.")}  # noqa: RUF012

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return span_of(text) if text else None
        except ValueError:
            raise ValidationError(self.error_messages["unclear"], code="unclear") from None


class CapField(forms.CharField):
    """A cap in time or money: `2 Std.`, `296 €`; gives Caps with one unit, or None when left to the default."""

    default_error_messages = {"unclear": _("Please write a time like 2 h or an amount like 296 €.")}  # noqa: RUF012

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            if "€" in text or "eur" in text.lower():
                return Caps(net=_positive(parse_amount(text)))
            return Caps(minutes=minutes_of(text))
        except ValueError:
            raise ValidationError(self.error_messages["unclear"], code="unclear") from None


def _positive(amount: Decimal) -> Decimal:
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise ValueError(amount)
    return amount


class ItemSelect(forms.Select):
    """A choice of catalogue items; each option carries the texts that choosing it puts into the form (prefill.js).

    They are written in the language of whoever is going to read them.
    """

    def __init__(self, items: Sequence[CatalogueItem], language: str) -> None:
        super().__init__()
        self.language = language
        self.items = {str(item.pk): item for item in items}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        item = self.items.get(str(value))
        if item is not None:
            option["attrs"] |= {
                "data-fill-reason": item.said("reason_template", self.language),
                "data-fill-scope": item.said("default_scope", self.language),
                "data-fill-exclusions": item.said("default_exclusions", self.language),
                "data-fill-estimate": span_text(item.estimate_min, item.estimate_max),
                "data-is": _sort_of(item),
            }
        return option


def _sort_of(item: CatalogueItem) -> str:
    """What the style sheet must know of an item: which further fields belong to it."""
    if item.is_legal:
        return "legal"
    if item.code == "NOT-ONSITE":
        return "onsite"
    return "cause" if item.needs_cause else ""


class ItemField(forms.TypedChoiceField):
    """One of these items; gives the item itself."""

    def __init__(self, items: Sequence[CatalogueItem], language: str = "de", **kwargs: Any) -> None:
        self.items = {item.pk: item for item in items}
        super().__init__(
            label=_("Service"),
            choices=[(item.pk, f"{item.clause} {item.said('title')}") for item in items],
            coerce=lambda value: self.items[int(value)],
            widget=ItemSelect(items, language),
            **kwargs,
        )
