"""Minutes that an issued service record has locked and that no run holds yet: they are billed with their own dates."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from django.db.models import OuterRef, Subquery

from klarfall.billing.engine import ConcernFacts, Locked
from klarfall.billing.models import BillingBatch, TimeLock
from klarfall.billing.status import BatchStatus

_Key = tuple[int, datetime]


def with_unbilled(facts: Mapping[int, ConcernFacts]) -> dict[int, ConcernFacts]:
    """The facts by concern, with locks told apart: those of minutes that a run holds, and the others. As SYSTEM.

    A run settles every minute before its end, and what a record had locked before keeps that lock. So minutes of a
    record are billed up to the latest end of a run that was frozen after it.
    """
    runs = BillingBatch.objects.exclude(status=BatchStatus.OPEN).filter(frozen_at__gte=OuterRef("record__issued_at"))
    settled = Subquery(runs.order_by("-until").values("until")[:1])
    locks = TimeLock.objects.filter(concern__in=list(facts), batch=None).order_by().annotate(settled=settled)
    shown = {(entry, start): until for entry, start, until in locks.values_list("entry_id", "start", "settled")}
    return {pk: _told_apart(one, shown) for pk, one in facts.items()} if shown else dict(facts)


def _told_apart(facts: ConcernFacts, shown: Mapping[_Key, datetime | None]) -> ConcernFacts:
    return replace(facts, locked=tuple(part for one in facts.locked for part in _parts(one, shown)))


def _parts(lock: Locked, shown: Mapping[_Key, datetime | None]) -> Iterator[Locked]:
    """A lock of a run as it is; one of a record in what is billed and what is not."""
    if (lock.entry_id, lock.start) not in shown:
        yield lock
        return
    settled = shown[lock.entry_id, lock.start] or lock.start
    if settled > lock.start:
        yield replace(lock, end=min(settled, lock.end))
    if settled < lock.end:
        yield replace(lock, start=max(settled, lock.start), billed=False)
