"""Forms about money that the customer does not pay: goodwill, and a defect found later."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from klarfall.core.money import parse_amount
from klarfall.desk.durations import minutes_of

_NOTHING = Decimal("0.00")


class MinutesField(forms.CharField):
    """Minutes as people write them: `15`, `15 Min.`, `1:30`; gives whole minutes, 0 when left empty."""

    default_error_messages = {"unclear": _("Please write minutes like 15 or a time like 1:30.")}  # noqa: RUF012

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return minutes_of(text) if text else 0
        except ValueError:
            raise ValidationError(self.error_messages["unclear"], code="unclear") from None


class AmountField(forms.CharField):
    """A net amount: `50`, `49,90 €`; gives a Decimal with two decimals, 0.00 when left empty."""

    default_error_messages = {"unclear": _("Please write an amount like 50 or 49.90.")}  # noqa: RUF012

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_amount(text) if text else _NOTHING
        except ValueError:
            raise ValidationError(self.error_messages["unclear"], code="unclear") from None


class GoodwillForm(forms.Form):
    """Goodwill in minutes or euros, with the reason that the customer reads. `seen`: grants the form knew of."""

    minutes = MinutesField(label=_("Minutes"), required=False, max_length=20)
    net = AmountField(label=_("or amount, net"), required=False, max_length=20)
    reason = forms.CharField(
        label=_("Reason, which the customer reads"), max_length=400, widget=forms.Textarea({"rows": 2})
    )
    seen = forms.IntegerField(required=False, min_value=0, max_value=100_000, widget=forms.HiddenInput())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("minutes") and data.get("net"):
            self.add_error("net", _("Please enter either minutes or an amount."))
        return data


class DefectForm(forms.Form):
    """A product defect was found: what shows it, and that one is sure: it cannot be taken back."""

    reason = forms.CharField(label=_("What shows the defect"), max_length=4000, widget=forms.Textarea({"rows": 2}))
    sure = forms.BooleanField(
        label=_("It is a defect of the product. The customer pays nothing for this, also not for what was billed."),
        error_messages={"required": _("Please confirm that it is a defect.")},
    )
