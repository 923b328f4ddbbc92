"""Nightly anchors over the heads of all chains: a chain whose tail was cut off is found by them (INV-29).

A chain alone proves that nothing inside was changed. Who removes its last events and writes a new
head leaves no trace in it, but the anchor of the night before knows a longer chain. The anchors are
chained themselves, and the hash of each is logged, so that it also stands outside the database.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from klarfall.core.isolation import system_rows
from klarfall.core.seals import GENESIS, canonical, link
from klarfall.tickets.models import AnchoredHead, ChainAnchor, Ticket, TicketEvent

logger = logging.getLogger(__name__)

_BATCH = 2_000

Head = tuple[int, int, str]
"""Ticket, length and last hash of its chain."""


@dataclass(frozen=True)
class Finding:
    """Something that was changed afterwards; `ticket` is None where an anchor itself is wrong."""

    anchor: int
    ticket: int | None
    what: str


def anchor_heads(now: datetime) -> ChainAnchor | None:
    """Anchor every chain that grew since it was anchored last; None when none did. Runs as SYSTEM."""
    known = (
        system_rows(AnchoredHead)
        .filter(ticket=OuterRef("pk"))
        .values("ticket")
        .annotate(length=Max("sequence"))
        .values("length")
    )
    grown = (
        system_rows(Ticket)
        .annotate(known=Coalesce(Subquery(known), 0))
        .filter(chain_length__gt=F("known"))
        .order_by("pk")
        .values_list("customer_id", "pk", "chain_length", "chain_head")
    )
    heads = list(grown)
    if not heads:
        return None
    last = ChainAnchor.objects.order_by("-pk").first()
    previous = last.hash if last else GENESIS
    proof = _hash(previous, now, (head[1:] for head in heads))
    anchor = ChainAnchor.objects.create(at=now, chains=len(heads), previous_hash=previous, hash=proof)
    rows = (AnchoredHead(anchor=anchor, customer_id=c, ticket_id=t, sequence=n, hash=h) for c, t, n, h in heads)
    while batch := list(islice(rows, _BATCH)):
        AnchoredHead.objects.bulk_create(batch)
    logger.info("anchored %d chains: %d %s", len(heads), anchor.pk, anchor.hash)
    return anchor


def _hash(previous: str, at: datetime, heads: Iterable[Head]) -> str:
    """The hash of an anchor: of its heads in the order of their tickets, and of the anchor before."""
    digest, count = hashlib.sha256(), 0
    for head in heads:
        digest.update(canonical(list(head)))
        count += 1
    return link(previous, {"at": at.isoformat(), "chains": count, "heads": digest.hexdigest()})


def verify_anchors() -> list[Finding]:
    """Compare every anchor with the chains as they are now; empty when all is well. Runs as SYSTEM."""
    return [*_broken_anchors(), *_cut_chains()]


def _broken_anchors() -> Iterator[Finding]:
    previous = GENESIS
    for anchor in ChainAnchor.objects.order_by("pk").iterator():
        heads = system_rows(AnchoredHead).filter(anchor=anchor).order_by("ticket_id")
        expected = _hash(previous, anchor.at, heads.values_list("ticket_id", "sequence", "hash").iterator(_BATCH))
        if anchor.previous_hash != previous or anchor.hash != expected:
            yield Finding(anchor.pk, None, "anchor changed")
        previous = anchor.hash


def _cut_chains() -> Iterator[Finding]:
    """Heads whose event is missing or another one now: the chain was cut or rewritten."""
    event = system_rows(TicketEvent).filter(ticket=OuterRef("ticket"), sequence=OuterRef("sequence"))
    wrong = (
        system_rows(AnchoredHead)
        .annotate(found=Subquery(event.values("hash")[:1]), length=F("ticket__chain_length"))
        .filter(Q(found__isnull=True) | ~Q(found=F("hash")) | Q(length__lt=F("sequence")))
        .order_by("anchor_id", "ticket_id")
    )
    for head in wrong.iterator(_BATCH):
        yield Finding(head.anchor_id, head.ticket_id, "chain cut" if head.found is None else "chain rewritten")
