"""Minutes that an issued service record has locked and that no run holds yet: they are billed with their own dates."""

from collections.abc import Mapping
from dataclasses import replace

from django.db.models import Exists, OuterRef

from klarfall.billing.engine import ConcernFacts
from klarfall.billing.models import BillingBatch, TimeLock
from klarfall.billing.status import BatchStatus


def with_unbilled(facts: Mapping[int, ConcernFacts]) -> dict[int, ConcernFacts]:
    """The facts by concern, with locks told apart: those of minutes that a run holds, and the others. As SYSTEM.

    A run settles every minute before its end, and what a record had locked before keeps that lock. So minutes of a
    record are billed if a run was frozen after it that ends after them.
    """
    settled = BillingBatch.objects.exclude(status=BatchStatus.OPEN).filter(
        until__gt=OuterRef("start"), frozen_at__gte=OuterRef("record__issued_at")
    )
    locks = TimeLock.objects.filter(concern__in=list(facts), batch=None).exclude(Exists(settled)).order_by()
    shown = set(locks.values_list("entry_id", "start"))
    return {pk: _told_apart(one, shown) for pk, one in facts.items()} if shown else dict(facts)


def _told_apart(facts: ConcernFacts, shown: set[tuple[int, object]]) -> ConcernFacts:
    locks = (replace(one, billed=(one.entry_id, one.start) not in shown) for one in facts.locked)
    return replace(facts, locked=tuple(locks))
