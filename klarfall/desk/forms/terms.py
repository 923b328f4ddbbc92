"""Forms of the service catalogue: a clause in both languages, the rate card, the day of publication."""

from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.actions.clauses import ALTERNATIVES, ItemData
from klarfall.contracts.actions.terms import RateData
from klarfall.contracts.models import CatalogueItem, Product, RateCardLine, WorkType
from klarfall.contracts.models.terms import INCREMENTS, Outcome
from klarfall.desk.durations import span_text
from klarfall.desk.forms.billing import DayField
from klarfall.desk.forms.fields import EstimateField
from klarfall.desk.forms.money import AmountField

ALTERNATIVE_LABELS = {"article": _("Article"), "training": _("Training"), "consultant": _("Consultant")}
_USUAL = 15  # minutes; increment and minimum of most vendors


def _line(label: Any, most: int, *, needed: bool = False, **attrs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=needed, widget=forms.TextInput(attrs))


def _lines(label: Any, rows: int = 3) -> forms.CharField:
    return forms.CharField(label=label, max_length=4000, required=False, widget=forms.Textarea({"rows": rows}))


class ClauseForm(forms.Form):
    """One clause of the draft. What stands under an `_en` name is its English."""

    code = _line(_("Code"), 40, needed=True, autocapitalize="characters", autocomplete="off", spellcheck="false")
    clause = _line(_("Clause number"), 12, needed=True, autocomplete="off")
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices)
    title = _line(_("Title"), 160, needed=True)
    title_en = _line(_("Title"), 160)
    text = _lines(_("Text of the clause"), 4)
    text_en = _lines(_("Text of the clause"), 4)
    examples = _lines(_("Examples, one per line"))
    examples_en = _lines(_("Examples, one per line"))
    changes_if = _line(_("Changes if …"), 240)
    changes_if_en = _line(_("Changes if …"), 240)
    reason_template = _lines(_("Reason to start from"))
    reason_template_en = _lines(_("Reason to start from"))
    default_scope = _lines(_("What we would do"))
    default_scope_en = _lines(_("What we would do"))
    default_exclusions = _lines(_("What is not included"))
    default_exclusions_en = _lines(_("What is not included"))
    work_type = forms.ChoiceField(
        label=_("Kind of work"), required=False, choices=[("", _("none: it costs nothing")), *WorkType.choices]
    )
    estimate = EstimateField(label=_("Usual estimate"), required=False, max_length=40)
    needs_cause = forms.BooleanField(label=_("Needs an established cause"), required=False)
    asks_training = forms.BooleanField(label=_("Asks whether there was a training"), required=False)
    alternatives = forms.MultipleChoiceField(
        label=_("Other forms that are offered"),
        required=False,
        choices=[(name, ALTERNATIVE_LABELS[name]) for name in ALTERNATIVES],
        widget=forms.CheckboxSelectMultiple,
    )
    products = forms.ModelMultipleChoiceField(
        Product.objects.none(),
        label=_("Only for these products"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, item: CatalogueItem | None = None) -> None:
        super().__init__(data, initial=_start(item) if item else {})
        self.fields["products"].queryset = Product.objects.order_by("order", "name")  # type: ignore[attr-defined]
        if item is not None:
            del self.fields["code"]

    @property
    def given(self) -> ItemData:
        """What the actions take; the code stands beside it."""
        data = self.cleaned_data
        least, most = data["estimate"] or (None, None)
        own = {name: value for name, value in data.items() if name not in ("code", "estimate")}
        tuples = {name: tuple(data[name].splitlines()) for name in ("examples", "examples_en")}
        tuples |= {"alternatives": tuple(data["alternatives"]), "products": tuple(data["products"])}
        return ItemData(**own | tuples, estimate_min=least, estimate_max=most)


def _start(item: CatalogueItem) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in ClauseForm.base_fields if hasattr(item, name)}
    return values | {
        "examples": "\n".join(item.examples),
        "examples_en": "\n".join(item.examples_en),
        "estimate": span_text(item.estimate_min, item.estimate_max),
        "products": list(item.products.values_list("pk", flat=True)),
    }


class RatesForm(forms.Form):
    """The rate card: a row for each kind of work; a kind without a rate is not offered at a price."""

    def __init__(self, data: Any = None, *, rates: list[RateCardLine]) -> None:
        super().__init__(data)
        known = {one.work_type: one for one in rates}
        for kind in WorkType:
            rate = known.get(kind)
            self.fields[f"{kind}_rate"] = AmountField(
                label=_("Hourly rate, net"),
                required=False,
                max_length=20,
                initial=number_format(rate.rate, 2) if rate else "",
            )
            self.fields[f"{kind}_increment"] = forms.TypedChoiceField(
                label=_("Rounded to"),
                coerce=int,
                choices=[(one, _("%(minutes)s min.") % {"minutes": one}) for one in INCREMENTS],
                initial=rate.increment if rate else _USUAL,
            )
            self.fields[f"{kind}_minimum"] = forms.IntegerField(
                label=_("At least (minutes)"), min_value=0, max_value=480, initial=rate.minimum if rate else _USUAL
            )

    @property
    def rows(self) -> list[tuple[Any, list[Any]]]:
        """Kind of work and its three fields."""
        return [(one.label, [self[f"{one}_{name}"] for name in ("rate", "increment", "minimum")]) for one in WorkType]

    @property
    def given(self) -> list[RateData]:
        """The rows that have a rate."""
        data = self.cleaned_data
        return [
            RateData(
                work_type=kind.value,
                rate=data[f"{kind}_rate"],
                increment=data[f"{kind}_increment"],
                minimum=data[f"{kind}_minimum"],
            )
            for kind in WorkType
            if data[f"{kind}_rate"]
        ]


class PublicationForm(forms.Form):
    """The first day of a new version, and that one knows what publishing means."""

    valid_from = DayField(label=_("In force from"))
    sure = forms.BooleanField(
        label=_("I have compared the versions. What is published cannot be changed any more."),
        error_messages={"required": _("Please confirm that you have compared the versions.")},
    )
