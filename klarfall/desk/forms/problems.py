"""Forms of known problems: what is said of one, and what its steps ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models import Product
from klarfall.knowledge.actions.problems import ProblemData
from klarfall.knowledge.models import Article, Edition, KnownProblem, Visibility
from klarfall.knowledge.status import EditionStatus
from klarfall.knowledge.versions import place_of
from klarfall.tickets.models import Ticket

_OPEN: tuple[Any, str] = ("", "–")
_MOST_ARTICLES = 300
_TEXTS = ("title", "title_en", "symptoms", "symptoms_en", "visibility", "banner")
_KEYS = ("area", "affected_from", "affected_to", "article")


def _text(label: Any, rows: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=20_000, widget=forms.Textarea({"rows": rows}), **more)


class ProblemForm(forms.Form):
    """Everything that is said of a problem of this product."""

    title = forms.CharField(label=_("Title"), max_length=200)
    title_en = forms.CharField(label=_("Title"), max_length=200, required=False)
    symptoms = _text(_("How one recognises it"), 6, required=False)
    symptoms_en = _text(_("How one recognises it"), 6, required=False)
    area = forms.TypedChoiceField(label=_("Area"), required=False, coerce=int, empty_value=None)
    affected_from = forms.TypedChoiceField(label=_("Affected from"), required=False, coerce=int, empty_value=None)
    affected_to = forms.TypedChoiceField(label=_("Affected up to"), required=False, coerce=int, empty_value=None)
    article = forms.TypedChoiceField(label=_("Article about it"), required=False, coerce=int, empty_value=None)
    visibility = forms.ChoiceField(label=_("Who reads it"), choices=Visibility.choices)
    banner = forms.BooleanField(label=_("Stands above the pages of those it may affect"), required=False)

    def __init__(
        self, data: Any = None, *, product: Product, problem: KnownProblem | None = None, ticket: Ticket | None = None
    ) -> None:
        initial: dict[str, Any] = {"visibility": Visibility.CUSTOMERS, "banner": True}
        if ticket is not None:
            initial |= {"title": ticket.title, "area": ticket.area_id, "affected_from": ticket.version_id}
        if problem is not None:
            initial = {name: getattr(problem, name) for name in _TEXTS}
            initial |= {name: getattr(problem, f"{name}_id") for name in _KEYS}
        super().__init__(data, initial=initial)
        self.rows: dict[str, dict[int, Any]] = {
            "area": {one.pk: one for one in product.areas.filter(active=True)},
            "affected_from": versions_of(product),
            "affected_to": versions_of(product),
            "article": _articles(product),
        }
        for name, rows in self.rows.items():
            self.fields[name].choices = [_OPEN, *((pk, str(row)) for pk, row in rows.items())]  # type: ignore[attr-defined]

    @property
    def given(self) -> ProblemData:
        """What the actions take."""
        keys: dict[str, Any] = {name: self.rows[name].get(self.cleaned_data[name]) for name in _KEYS}
        keys["article"] = keys["article"].article if keys["article"] else None
        return ProblemData(**{name: self.cleaned_data[name] for name in _TEXTS}, **keys)


def versions_of(product: Product) -> dict[int, Any]:
    """The versions of a product, the newest first."""
    rows = sorted(product.versions.all(), key=place_of, reverse=True)
    return {one.pk: one for one in rows}


def _articles(product: Product) -> dict[int, "_Title"]:
    rows = Edition.objects.filter(status=EditionStatus.PUBLISHED, language="de", article__product=product)
    found = rows.select_related("article").order_by("title")[:_MOST_ARTICLES]
    return {one.article_id: _Title(one.article, one.title) for one in found}


class _Title:
    """An article under the title of its current edition."""

    def __init__(self, article: Article, title: str) -> None:
        self.article, self.title = article, title

    def __str__(self) -> str:
        return self.title


class WorkaroundForm(forms.Form):
    """The way around the problem."""

    workaround = _text(_("Workaround"), 8)
    workaround_en = _text(_("Workaround, English"), 8, required=False)

    def __init__(self, data: Any = None, *, problem: KnownProblem) -> None:
        start = {"workaround": problem.workaround, "workaround_en": problem.workaround_en}
        super().__init__(data, initial=start)

    @property
    def given(self) -> dict[str, Any]:
        """What the actions take."""
        return dict(self.cleaned_data)


class FixForm(forms.Form):
    """The version in which it is fixed."""

    fixed_in = forms.TypedChoiceField(label=_("Fixed in version"), coerce=int)

    def __init__(self, data: Any = None, *, problem: KnownProblem) -> None:
        named = [one for one in (problem.affected_from, problem.affected_to) if one is not None]
        latest = max(map(place_of, named), default=None)
        rows = versions_of(problem.product)
        self.versions = {pk: one for pk, one in rows.items() if latest is None or place_of(one) > latest}
        super().__init__(data, initial={"fixed_in": next(iter(self.versions), None)})
        self.fields["fixed_in"].choices = [(pk, str(one)) for pk, one in self.versions.items()]  # type: ignore[attr-defined]

    @property
    def given(self) -> dict[str, Any]:
        """What the actions take."""
        return {"fixed_in": self.versions[self.cleaned_data["fixed_in"]]}

    @property
    def chosen(self) -> Any:
        """The version that is chosen now, for the figures beside it."""
        value = str(self["fixed_in"].value() or "")
        return self.versions.get(int(value)) if value.isdecimal() and len(value) < len("1" * 10) else None


class NothingForm(forms.Form):
    """A step that asks for nothing."""

    def __init__(self, data: Any = None, *, problem: KnownProblem) -> None:
        super().__init__(data)

    @property
    def given(self) -> dict[str, Any]:
        """What the actions take: nothing more."""
        return {}
