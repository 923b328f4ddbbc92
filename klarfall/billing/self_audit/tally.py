"""What a check has looked at and found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

#: More findings of one check are only counted: by then something is wrong with all of it.
MOST_NAMED = 100
_CHUNK = 2_000


@dataclass
class Tally:
    """The result of one check. A finding is "code kind id", e.g. "above_cap offer 17"; `in_words` says it to people."""

    invariant: str
    checked: int = 0
    found: int = 0
    findings: list[str] = field(default_factory=list)

    def look(self, number: int = 1) -> None:
        """So many more were looked at."""
        self.checked += number

    def report(self, code: str, kind: str, id: int) -> None:
        """Something is wrong with one row."""
        self.found += 1
        if len(self.findings) < MOST_NAMED:
            self.findings.append(f"{code} {kind} {id}")

    def count(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Look at as many as a SELECT count(*) says."""
        self.look(next(iter(rows(sql, params)))[0])

    def report_all(self, code: str, kind: str, sql: str, params: Sequence[Any] = ()) -> None:
        """Report every id that a SELECT gives."""
        for (id,) in rows(sql, params):
            self.report(code, kind, id)

    def as_json(self) -> dict[str, Any]:
        """As `SelfAudit.checks` keeps it."""
        return {
            "invariant": self.invariant,
            "checked": self.checked,
            "found": self.found,
            "findings": self.findings,
        }


def rows(sql: str, params: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """Rows of a SELECT, streamed from the server."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while found := cursor.fetchmany(_CHUNK):
            yield from found


def in_words(finding: str) -> str:
    """A stored finding in the active language; what an older or newer program wrote stays as it is."""
    code, _space, row = finding.partition(" ")
    kind, _space, id = row.partition(" ")
    words, kinds = _codes(), _kinds()
    return f"{kinds[kind]} {id}: {words[code]}" if code in words and kind in kinds else finding


def _kinds() -> dict[str, str]:
    return {
        "audit_entry": _("Audit entry"),
        "batch": _("Billing run (id)"),
        "check": _("Check"),
        "concern": _("Concern (id)"),
        "decision": _("Decision (id)"),
        "entry": _("Time entry (id)"),
        "invoice": _("Invoice (id)"),
        "anchor": _("Anchor"),
        "line": _("Billing line (id)"),
        "lock": _("Lock (id)"),
        "offer": _("Cost notice (id)"),
        "record": _("Service record (id)"),
        "ticket": _("Request (id)"),
    }


def _codes() -> dict[str, str]:
    return {
        "above_cap": _("billed above the accepted cap"),
        "anchor_changed": _("an anchor or an anchored history was changed"),
        "audit_changed": _("the audit trail was changed"),
        "below_zero": _("billed below zero"),
        "chain_changed": _("the history was changed"),
        "content_changed": _("the content is not the one that was sealed"),
        "crashed": _("the check could not be finished; the log says why"),
        "decided_by_nobody": _("decided by nobody of the customer"),
        "file_changed": _("a file is missing or was changed"),
        "free_concern_billed": _("costs nothing, but is billed and waits for no correction"),
        "free_concern_offered": _("costs nothing, but has a cost notice that is open or in effect"),
        "late_acceptance": _("accepted after its end of validity"),
        "lines_without_batch": _("lines or locks of a run that is not frozen"),
        "locked_twice": _("minutes that are locked twice"),
        "locks_and_state": _("locks and state of a time entry do not fit"),
        "no_acceptance": _("no acceptance of this very cost notice before it"),
        "not_waiting": _("what is billed is not what is right, and no run will correct it"),
        "other_cents": _("computed again it gives other figures"),
        "other_sum": _("says another sum than the billing lines, and no run will correct it"),
        "text_changed": _("the text is not the one that was accepted"),
        "unlocked_minutes": _("billable minutes that no run and no service record holds"),
    }
