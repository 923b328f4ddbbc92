"""May a draft of the catalogue be published, and what is still missing? Pure: rows in, plain findings out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from klarfall.contracts.content import TEXTS
from klarfall.contracts.models import CatalogueItem, RateCardLine, WorkType
from klarfall.contracts.models.terms import Outcome

#: Items that the way of assessing stands on (domain.md, section 4), with the only outcome that they may have.
FIXED = {
    "COV-DEFECT": Outcome.COVERED,
    "COV-INVESTIGATE": Outcome.COVERED,
    "NOT-LEGAL": Outcome.NOT_OFFERED,
}
#: Services that are chargeable only with an established cause (R31, R35).
CAUSED = ("CHG-DATA", "CHG-INFRA")
OTHER = "CHG-OTHER"


@dataclass(frozen=True)
class Gap:
    """One thing that is missing or does not fit. `item` leads to the clause; only blocking ones hinder publishing."""

    message: str
    blocking: bool = True
    item: CatalogueItem | None = None
    rates: bool = False


def gaps(items: Sequence[CatalogueItem], rates: Iterable[RateCardLine], usual_items: Iterable[str] = ()) -> list[Gap]:
    """Everything that is missing, blocking ones first. `usual_items`: catalogue codes that active tiles name."""
    priced = {one.work_type for one in rates}
    found = [*_required(items), *_unpriced(items, priced)]
    for item in items:
        found += _of_item(item)
    codes = {one.code for one in items}
    found += [
        Gap(_("A tile of the new request names %(code)s, which this catalogue does not have.") % {"code": code}, False)
        for code in sorted({*usual_items} - codes - {""})
    ]
    return sorted(found, key=lambda one: not one.blocking)


def _required(items: Sequence[CatalogueItem]) -> Iterator[Gap]:
    by_code = {one.code: one for one in items}
    if not items:
        yield Gap(_("There is no clause yet."))
    for code, outcome in FIXED.items():
        item = by_code.get(code)
        if item is None:
            yield Gap(_("%(code)s is missing: assessing requests needs it.") % {"code": code})
        elif item.outcome != outcome:
            values = {"code": code, "outcome": outcome.label}
            yield Gap(_("%(code)s can only be: %(outcome)s.") % values, item=item)


def _unpriced(items: Sequence[CatalogueItem], priced: set[str]) -> Iterator[Gap]:
    needed = {one.work_type for one in items if one.outcome == Outcome.CHARGEABLE and one.work_type}
    for kind in WorkType:
        if kind in needed and kind not in priced:
            yield Gap(_("There is no hourly rate for %(work)s.") % {"work": kind.label}, rates=True)


def _of_item(item: CatalogueItem) -> Iterator[Gap]:
    """What one item lacks: words in German, for chargeable ones what leads to a price; English is only missed."""
    for missing, label in (
        (not item.title.strip(), _("the German title")),
        (not item.text.strip(), _("the German text")),
        (not item.examples, _("a German example")),
        (item.outcome == Outcome.CHARGEABLE and not item.work_type, _("the kind of work")),
    ):
        if missing:
            yield Gap(_("%(clause)s: %(what)s is missing.") % {"clause": item.clause, "what": label}, item=item)
    chargeable = item.outcome == Outcome.CHARGEABLE
    if chargeable and item.code.startswith(CAUSED) and not item.needs_cause:
        text = _("%(clause)s must ask for the cause: without an established cause it is covered.")
        yield Gap(text % {"clause": item.clause}, item=item)
    if item.code == OTHER and (item.reason_template + item.reason_template_en).strip():
        text = _("%(clause)s must not bring a reason along: it is written for each case.")
        yield Gap(text % {"clause": item.clause}, item=item)
    if _untranslated(item):
        text = _("%(clause)s is not complete in English: readers of English see German there.")
        yield Gap(text % {"clause": item.clause}, False, item)


def _untranslated(item: CatalogueItem) -> bool:
    texts = any(getattr(item, name).strip() and not getattr(item, f"{name}_en").strip() for name in TEXTS)
    return texts or bool(item.examples and not item.examples_en)
