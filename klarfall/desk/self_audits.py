"""The self-audit at the desk: what its last run proved per invariant, and what it found."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from klarfall.billing.models import SelfAudit
from klarfall.billing.self_audit.tally import in_words

#: Findings shown per invariant; the number of all of them is always said.
MOST = 20


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant in one run of the audit."""

    invariant: str
    promise: str
    checked: int
    #: How many there are; `findings` are the first of them.
    found: int
    findings: list[str]


def latest() -> SelfAudit | None:
    """The audit that ran last."""
    return SelfAudit.objects.order_by("-pk").first()


def checks_of(audit: SelfAudit | None) -> list[Check]:
    """What one audit checked, those with findings first."""
    rows: list[dict[str, Any]] = audit.checks if audit else []
    found = [
        Check(
            invariant=row["invariant"],
            promise=promise(row["invariant"]),
            checked=row["checked"],
            found=row.get("found", len(row["findings"])),
            findings=[in_words(one) for one in row["findings"][:MOST]],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: not one.findings)


def promise(invariant: str) -> str:
    """What an invariant promises, in one sentence; the bare name of one that has none yet."""
    return {
        "INV-1": _("No minute is billed without an acceptance of that very offer before it."),
        "INV-4": _("No offer is billed above its cap, neither in minutes nor in money."),
        "INV-8": _("What is covered or not offered costs nothing and has no open offer."),
        "INV-19": _("Every billed minute stands in exactly one run."),
        "INV-21": _("Service records and billing lines agree to the cent."),
        "INV-29": _("History and evidence are unchanged: every chain verifies."),
        "INV-30": _("Every service record, computed again from what was stored, gives the same cents."),
    }.get(invariant, invariant)
