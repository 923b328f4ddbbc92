"""Clauses of the draft: add, change, remove, put in order. Published versions stay as they are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.actions.terms import TermsRefused, locked_draft
from klarfall.contracts.models import CatalogueItem, Product, TermsVersion, WorkType
from klarfall.contracts.models.terms import Outcome
from klarfall.contracts.readiness import FIXED
from klarfall.core import audit
from klarfall.core.action import action

#: Other forms of help that a cost notice may offer instead.
ALTERNATIVES = ("article", "training", "consultant")
PREFIXES = {Outcome.COVERED: "COV-", Outcome.CHARGEABLE: "CHG-", Outcome.NOT_OFFERED: "NOT-"}
_CODE = re.compile(r"(COV|CHG|NOT)-[A-Z0-9]+(-[A-Z0-9]+)*")
_CLAUSE = re.compile(r"[A-Z] [0-9]{1,2}(\.[0-9]{1,2}){0,2}")
_LIMITS = {
    "code": 40, "title": 160, "text": 4_000, "reason_template": 4_000, "changes_if": 240,
    "default_scope": 4_000, "default_exclusions": 4_000,
}  # fmt: skip
_MOST_EXAMPLES, _LONGEST_EXAMPLE = 8, 200
_MOST_MINUTES = 6_000


@dataclass(frozen=True, kw_only=True)
class ItemData:
    """What a clause says; English texts may be empty, in a draft all texts but the German title. Estimates: minutes."""

    clause: str
    outcome: str
    title: str
    title_en: str = ""
    text: str = ""
    text_en: str = ""
    examples: tuple[str, ...] = ()
    examples_en: tuple[str, ...] = ()
    reason_template: str = ""
    reason_template_en: str = ""
    changes_if: str = ""
    changes_if_en: str = ""
    needs_cause: bool = False
    asks_training: bool = False
    work_type: str = ""
    alternatives: tuple[str, ...] = ()
    default_scope: str = ""
    default_scope_en: str = ""
    default_exclusions: str = ""
    default_exclusions_en: str = ""
    estimate_min: int | None = None
    estimate_max: int | None = None
    #: Empty: for every product.
    products: tuple[Product, ...] = field(default=())


@action
def add_item(terms: TermsVersion, *, code: str, data: ItemData, actor: Any, now: datetime) -> CatalogueItem:
    """Add a clause to the draft, as the last of its outcome (R25). Raises TermsRefused (with `field`).

    The code names the service for all time, so it begins with COV-, CHG- or NOT- as the outcome says.
    """
    permissions.require("terms.publish", actor)
    draft = locked_draft(terms)
    values = _checked(draft, data, code)
    if not _CODE.fullmatch(code) or len(code) > _LIMITS["code"] or not code.startswith(PREFIXES[Outcome(data.outcome)]):
        text = _("A code consists of capital letters, digits and hyphens and begins with %(start)s here.")
        raise TermsRefused(text % {"start": PREFIXES[Outcome(data.outcome)]}, field="code")
    if draft.items.filter(code=code).exists():
        raise TermsRefused(_("There is a clause with this code already."), field="code")
    item = CatalogueItem.objects.create(terms=draft, code=code, order=_end_of(draft), **values)
    item.products.set(data.products)
    _renumber(_by_outcome(draft))
    audit.record("terms.item_added", draft, actor=actor, now=now, data={"code": code})
    return item


@action
def change_item(item: CatalogueItem, *, data: ItemData, actor: Any, now: datetime) -> CatalogueItem:
    """Change a clause of the draft; its code stays. Raises TermsRefused (with `field`)."""
    permissions.require("terms.publish", actor)
    draft = locked_draft(item.terms)
    item = _of(draft, item)
    values = _checked(draft, data, item.code, but=item)
    changed = sorted(name for name, value in values.items() if getattr(item, name) != value)
    products = {one.pk for one in data.products}
    if products != set(item.products.values_list("pk", flat=True)):
        changed.append("products")
        item.products.set(products)
    if not changed:
        return item
    for name, value in values.items():
        setattr(item, name, value)
    item.save(update_fields=list(values))
    if "outcome" in changed:
        _renumber(_by_outcome(draft))
    audit.record("terms.item_changed", draft, actor=actor, now=now, data={"code": item.code, "fields": changed})
    return item


@action
def remove_item(item: CatalogueItem, *, actor: Any, now: datetime) -> None:
    """Take a clause out of the draft; published versions keep it. Raises TermsRefused for those assessing stands on."""
    permissions.require("terms.publish", actor)
    draft = locked_draft(item.terms)
    item = _of(draft, item)
    if item.code in FIXED:
        raise TermsRefused(_("%(code)s cannot be left out: assessing requests needs it.") % {"code": item.code})
    item.delete()
    audit.record("terms.item_removed", draft, actor=actor, now=now, data={"code": item.code})


@action
def move_item(item: CatalogueItem, *, up: bool, actor: Any, now: datetime) -> None:
    """Change places with the clause before it (`up`) or after it, within its outcome; at the end nothing changes."""
    permissions.require("terms.publish", actor)
    draft = locked_draft(item.terms)
    item = _of(draft, item)
    items = _by_outcome(draft)
    place = items.index(item)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(items) or items[other].outcome != item.outcome:
        return
    items[place], items[other] = items[other], items[place]
    _renumber(items)
    audit.record("terms.item_moved", draft, actor=actor, now=now, data={"code": item.code, "up": up})


def _of(draft: TermsVersion, item: CatalogueItem) -> CatalogueItem:
    """The clause as it stands now; somebody else may have removed it."""
    found = draft.items.filter(pk=item.pk).first()
    if found is None:
        raise TermsRefused(_("This clause was removed meanwhile."))
    return found


def _by_outcome(draft: TermsVersion) -> list[CatalogueItem]:
    """The clauses as pages show them: covered, chargeable, not offered; each in catalogue order."""
    outcomes = list(Outcome.values)
    return sorted(draft.items.order_by("order", "clause"), key=lambda one: outcomes.index(one.outcome))


def _end_of(draft: TermsVersion) -> int:
    return draft.items.count() + 1


def _renumber(items: Iterable[CatalogueItem]) -> None:
    for order, one in enumerate(items):
        if one.order != order:
            one.order = order
            one.save(update_fields=["order"])


def _checked(draft: TermsVersion, data: ItemData, code: str, but: CatalogueItem | None = None) -> dict[str, Any]:
    """The columns to write; raises TermsRefused with the field that cannot be right."""
    given: dict[str, Any] = {one.name: getattr(data, one.name) for one in fields(data)}
    values: dict[str, Any] = {name: _clean(one) if isinstance(one, str) else one for name, one in given.items()}
    values |= {name: _lines(name, values[name]) for name in ("examples", "examples_en")}
    values["alternatives"] = [one for one in ALTERNATIVES if one in data.alternatives]
    del values["products"]
    _check_outcome(values, code)
    others = draft.items.exclude(pk=but.pk) if but else draft.items.all()
    if not _CLAUSE.fullmatch(values["clause"]):
        raise TermsRefused(_("Please number clauses like A 1.2."), field="clause")
    if others.filter(clause=values["clause"]).exists():
        raise TermsRefused(_("There is a clause with this number already."), field="clause")
    if not values["title"]:
        raise TermsRefused(_("Please enter a title."), field="title")
    for name, most in _LIMITS.items():
        for field_name in (name, f"{name}_en"):
            if len(values.get(field_name, "")) > most:
                raise TermsRefused(_("Please use at most %(most)s characters.") % {"most": most}, field=field_name)
    _check_estimate(values["estimate_min"], values["estimate_max"])
    return values


def _check_outcome(values: dict[str, Any], code: str) -> None:
    """The outcome fits the code; chargeable ones have a kind of work, others have none (INV-8)."""
    if values["outcome"] not in Outcome.values:
        raise TermsRefused(_("Please choose an outcome."), field="outcome")
    fixed = FIXED.get(code)
    if fixed is not None and values["outcome"] != fixed:
        text = _("%(code)s can only be: %(outcome)s.") % {"code": code, "outcome": fixed.label}
        raise TermsRefused(text, field="outcome")
    if values["outcome"] != Outcome.CHARGEABLE:
        values["work_type"] = ""
    elif values["work_type"] not in WorkType.values:
        raise TermsRefused(_("Please choose the kind of work: from it comes the hourly rate."), field="work_type")


def _check_estimate(least: int | None, most: int | None) -> None:
    if (least is None) != (most is None):
        raise TermsRefused(_("Please enter both ends of the estimate, or neither."), field="estimate_max")
    if least is not None and most is not None and not 0 < least <= most <= _MOST_MINUTES:
        raise TermsRefused(_("Please estimate from few to many minutes, at most 6,000."), field="estimate_max")


def _clean(text: str) -> str:
    """Text without space around it, with the line ends of ours: browsers send others."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _lines(name: str, examples: Iterable[str]) -> list[str]:
    found = [line for one in examples if (line := " ".join(one.split()))]
    if len(found) > _MOST_EXAMPLES or any(len(one) > _LONGEST_EXAMPLE for one in found):
        raise TermsRefused(_("Please give at most 8 examples of at most 200 characters each."), field=name)
    return found
