"""The answer to a cost offer as people fill it in; no option is preselected."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.billing.engine import Caps
from klarfall.billing.models import CostOffer
from klarfall.core.action import Refused
from klarfall.core.money import parse_amount
from klarfall.tickets import text

ACCEPT, COUNTER, DECLINE = "accept", "counter", "decline"
OTHER = "other:"
FULL = "full"


def lower_caps(offer: CostOffer) -> dict[str, Caps]:
    """The lower caps that the offer lists, by the value of their radio button."""
    caps = {}
    for one in offer.lower_caps:
        if one.get("minutes"):
            caps[f"m{int(one['minutes'])}"] = Caps(minutes=int(one["minutes"]))
        elif one.get("net"):
            caps[f"n{one['net']}"] = Caps(net=Decimal(str(one["net"])))
    return caps


class DecisionForm(forms.Form):
    """Commission (with a listed cap), propose something else, another form, or not commission."""

    choice = forms.ChoiceField(
        label=_("Your options"), widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the options.")},
    )  # fmt: skip
    cap = forms.ChoiceField(label=_("Cap"), widget=forms.RadioSelect, required=False)
    order_number = forms.CharField(label=_("Your order number"), max_length=60, required=False)
    proposal = forms.CharField(
        label=_("What do you propose?"), max_length=text.SHORT, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    proposed_cap = forms.CharField(label=_("Your cap, net"), max_length=20, required=False)
    wish = forms.CharField(
        label=_("What matters to you?"), max_length=text.SHORT, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    text_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: Any = None, *, offer: CostOffer, alternatives: list[str]) -> None:
        if data is not None and data.get("cap") and not data.get("choice"):
            data = {**data.dict(), "choice": ACCEPT}  # a cap belongs to commissioning: whoever picks one has chosen
        super().__init__(data, initial={"text_hash": offer.text_hash})
        self.offer, self.lower = offer, lower_caps(offer)
        values = [ACCEPT, COUNTER, *(f"{OTHER}{one}" for one in alternatives), DECLINE]
        self.fields["choice"].choices = [(one, one) for one in values]  # type: ignore[attr-defined]
        self.fields["cap"].choices = [(one, one) for one in (FULL, *self.lower)]  # type: ignore[attr-defined]

    def clean_proposed_cap(self) -> Decimal | None:
        """The proposed cap, typed with comma or point."""
        typed = self.cleaned_data["proposed_cap"]
        if not typed.strip():
            return None
        try:
            amount = parse_amount(typed)
        except ValueError:
            raise forms.ValidationError(_("This is not an amount. Please write it like 150,00.")) from None
        if amount <= 0 or amount != round(amount, 2) or amount >= 10**8:
            raise forms.ValidationError(_("Please write an amount above zero with at most two decimals."))
        return amount

    def clean(self) -> dict[str, Any]:
        """What belongs to the chosen option must be there; the rest is ignored."""
        cleaned = super().clean() or {}
        if cleaned.get("choice") == ACCEPT and self.lower and not cleaned.get("cap"):
            self.add_error("cap", _("Please choose a cap."))
        if cleaned.get("choice") == COUNTER and not (cleaned.get("proposal") or cleaned.get("proposed_cap")):
            self.add_error("proposal", _("Please write what you propose."))
        return cleaned

    @property
    def caps(self) -> Caps | None:
        """The chosen lower cap; None is the offer as it stands."""
        return self.lower.get(self.cleaned_data.get("cap") or FULL)

    @property
    def alternative(self) -> str:
        """The other form, if one was chosen."""
        choice: str = self.cleaned_data["choice"]
        return choice.removeprefix(OTHER) if choice.startswith(OTHER) else ""

    def refuse(self, problem: Refused) -> None:
        """Show why an action refused."""
        self.add_error(problem.field if problem.field in self.fields else None, str(problem))
