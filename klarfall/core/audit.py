"""Write and verify the audit trail of master data."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

from klarfall.core.models import AuditEntry
from klarfall.core.seals import GENESIS, link

_LOCK = 7_401_001  # advisory lock: one writer at a time keeps the chain a chain


def record(
    verb: str, subject: models.Model, *, actor: Any, now: datetime, data: dict[str, Any] | None = None
) -> AuditEntry:
    """Append one entry; `data` holds ids, codes and figures, never personal text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [_LOCK])
    last = AuditEntry.objects.order_by("-pk").first()
    previous = last.hash if last else GENESIS
    entry = AuditEntry(
        at=now,
        actor=actor,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        data=data or {},
        previous_hash=previous,
    )
    entry.hash = link(previous, _content(entry))
    entry.save()
    return entry


def broken_entries() -> list[int]:
    """Ids of entries whose content or place in the chain was changed; empty when all is well."""
    previous, broken = GENESIS, []
    for entry in AuditEntry.objects.order_by("pk").iterator():
        if entry.previous_hash != previous or entry.hash != link(previous, _content(entry)):
            broken.append(entry.pk)
        previous = entry.hash
    return broken


def _content(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": entry.at.astimezone(UTC).isoformat(),  # as the database gives it back, whatever zone it came in
        "actor": entry.actor_id,
        "verb": entry.verb,
        "subject": [entry.subject_type, entry.subject_id],
        "data": entry.data,
    }
