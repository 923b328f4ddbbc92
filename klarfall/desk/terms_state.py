"""How the desk shows a catalogue: which versions there are, its clauses by outcome, what changed in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.contracts.comparison import Change, Comparison, FieldChange, compare
from klarfall.contracts.content import Content, contents_of, item_content, rate_content
from klarfall.contracts.models import CatalogueItem, TermsVersion, WorkType
from klarfall.contracts.models.terms import Outcome
from klarfall.contracts.queries import newest_terms, terms_in_force
from klarfall.contracts.readiness import Gap
from klarfall.desk.forms.terms import ALTERNATIVE_LABELS
from klarfall.ui.formats import duration, money

DRAFT, COMING, IN_FORCE, OLD = "draft", "coming", "in_force", "old"


@dataclass(frozen=True)
class Version:
    """A version with its state: draft, coming, in force or old."""

    terms: TermsVersion
    state: str

    @property
    def words(self) -> str:
        """The state in the reader's language."""
        return {DRAFT: _("Draft"), COMING: _("Coming"), IN_FORCE: _("In force"), OLD: _("Earlier")}[self.state]


def versions(now: datetime) -> list[Version]:
    """All versions, the draft first, then the newest first."""
    current = terms_in_force(now)
    rows = sorted(TermsVersion.objects.all(), key=lambda one: (one.published_at is None, one.number), reverse=True)
    return [Version(one, state_of(one, current)) for one in rows]


def state_of(terms: TermsVersion, current: TermsVersion | None) -> str:
    """Where a version stands, seen from the one in force."""
    if terms.published_at is None:
        return DRAFT
    if current is not None and terms.pk == current.pk:
        return IN_FORCE
    later = current is None or (terms.valid_from, terms.number) > (current.valid_from, current.number)
    return COMING if later else OLD


def groups(items: Sequence[CatalogueItem], found: Sequence[Gap] = ()) -> list[dict[str, Any]]:
    """The clauses by outcome, each with what it lacks, and whether it can move up or down."""
    by_item: dict[int, list[Gap]] = {}
    for gap in found:
        if gap.item is not None:
            by_item.setdefault(gap.item.pk, []).append(gap)
    rows = []
    for outcome in Outcome:
        own = [one for one in items if one.outcome == outcome]
        entries = [
            {"item": one, "gaps": by_item.get(one.pk, []), "up": one is not own[0], "down": one is not own[-1]}
            for one in own
        ]
        rows.append({"outcome": outcome, "label": outcome.label, "entries": entries})
    return rows


def base_of(terms: TermsVersion, number: str = "") -> TermsVersion | None:
    """The version to compare with: the one asked for, else the newest other one that is published."""
    others = TermsVersion.objects.filter(published_at__isnull=False).exclude(pk=terms.pk)
    if number.isascii() and number.isdigit() and len(number) < 9:  # noqa: PLR2004 - what the column holds
        return others.filter(number=int(number)).first()
    if terms.published_at is None:
        return newest_terms()
    earlier = others.filter(valid_from__lte=terms.valid_from, number__lt=terms.number)
    return earlier.order_by("-valid_from", "-number").first()


def side_by_side(old: TermsVersion | None, new: TermsVersion) -> tuple[Comparison, Content]:
    """What differs, and what the newer one says; without an older version everything is new."""
    before, after = contents_of(old, new) if old else (Content([], []), *contents_of(new))
    difference = compare(
        [item_content(one) for one in before.items],
        [item_content(one) for one in after.items],
        [rate_content(one) for one in before.rates],
        [rate_content(one) for one in after.rates],
    )
    return difference, after


def field_label(name: str) -> str:
    """What a column is called, with its language where there are two."""
    base = name.removesuffix("_en")
    label = _LABELS()[base]
    return _("%(label)s (English)") % {"label": label} if base != name else label


def _LABELS() -> dict[str, str]:  # noqa: N802 - a table, in the reader's language
    return {
        "code": _("Code"),
        "clause": _("Clause number"),
        "outcome": _("Outcome"),
        "title": _("Title"),
        "text": _("Text of the clause"),
        "examples": _("Examples"),
        "changes_if": _("Changes if …"),
        "needs_cause": _("Needs an established cause"),
        "asks_training": _("Asks whether there was a training"),
        "work_type": _("Kind of work"),
        "alternatives": _("Other forms that are offered"),
        "estimate_min": _("Estimate from"),
        "estimate_max": _("Estimate to"),
        "reason_template": _("Reason to start from"),
        "default_scope": _("What we would do"),
        "default_exclusions": _("What is not included"),
        "products": _("Only for these products"),
        "rate": _("Hourly rate, net"),
        "currency": _("Currency"),
        "increment": _("Rounded to"),
        "minimum": _("At least"),
    }


def mark_words(change: Change, column: FieldChange) -> list[tuple[str, str]]:
    """The stretches of a field as (kind, words): codes, minutes and amounts as people read them."""
    currency = str(change.content.get("currency", "EUR"))
    return [(one.kind, _words(column.name, one.text, currency)) for one in column.marks]


def _words(name: str, value: Any, currency: str) -> str:
    read = {
        "outcome": lambda: str(Outcome(value).label),
        "work_type": lambda: str(WorkType(value).label),
        "rate": lambda: money(value, currency),
        "alternatives": lambda: ", ".join(str(ALTERNATIVE_LABELS.get(one, one)) for one in value),
        **dict.fromkeys(("estimate_min", "estimate_max", "increment", "minimum"), lambda: duration(value)),
        **dict.fromkeys(("needs_cause", "asks_training"), lambda: _("yes") if value else _("no")),
    }.get(name)
    if read is not None:
        return read()
    return " · ".join(value) if isinstance(value, list) else str(value)
