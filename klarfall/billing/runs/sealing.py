"""The seal of a frozen run: one hash over its lines in order, so that any later change is noticed (INV-20, INV-29)."""

import hashlib
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from klarfall.billing.models import BillingBatch, BillingLine
from klarfall.core.seals import canonical

#: Everything a line says. Amounts are hashed as text, instants in UTC: as the database gives them back.
_NAMES = (
    "id", "customer_id", "ticket_id", "concern_id", "offer_id", "kind", "counts_for", "corrects_id", "category",
    "percent", "minutes", "rate", "net", "currency", "begins", "ends", "service_from", "service_to", "reason",
)  # fmt: skip
_INSTANTS = (_NAMES.index("begins"), _NAMES.index("ends"))
CHUNK = 2_000


def content_hash(batch: BillingBatch) -> str:
    """SHA-256 over the run's number and lines by id, one canonical form per line; reads as SYSTEM, in chunks."""
    seal = hashlib.sha256(canonical(batch.number))
    for values in _lines(batch):
        for place in _INSTANTS:
            values[place] = values[place].astimezone(UTC).isoformat()
        seal.update(b"\n" + canonical(values))
    return seal.hexdigest()


def _lines(batch: BillingBatch) -> Iterator[list[Any]]:
    last = 0
    while True:
        rows = BillingLine.objects.filter(batch=batch, id__gt=last).order_by("id").values_list(*_NAMES)[:CHUNK]
        found = list(rows)
        yield from map(list, found)
        if len(found) < CHUNK:
            return
        last = found[-1][0]
