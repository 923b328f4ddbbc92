"""Run every check over one moment of the data, store the result and have the leads told."""

import logging
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from klarfall.billing.models import SelfAudit
from klarfall.billing.self_audit.acceptances import check_acceptances
from klarfall.billing.self_audit.caps import check_caps
from klarfall.billing.self_audit.free_concerns import check_free_concerns
from klarfall.billing.self_audit.history import check_history
from klarfall.billing.self_audit.minutes import check_minutes
from klarfall.billing.self_audit.records import check_records_again, check_records_and_lines
from klarfall.billing.self_audit.tally import Tally
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.jobs import enqueue
from klarfall.core.snapshot import one_moment

logger = logging.getLogger(__name__)

CHECKS: dict[str, Callable[[Tally], None]] = {
    "INV-1": check_acceptances,
    "INV-4": check_caps,
    "INV-8": check_free_concerns,
    "INV-19": check_minutes,
    "INV-21": check_records_and_lines,
    "INV-29": check_history,
    "INV-30": check_records_again,
}
JOB = "billing.self_audit"
#: Mails the leads; the channels know how.
TELL = "channels.tell_self_audit"


def run() -> SelfAudit:
    """Do all checks, store what they found, and enqueue the mails if it is anything. Opens its own scopes."""
    started_at = timezone.now()
    with one_moment(), viewing_as(SYSTEM):
        tallies = [_checked(Tally(name), check) for name, check in CHECKS.items()]
    with viewing_as(SYSTEM):
        audit: SelfAudit = SelfAudit.objects.create(
            started_at=started_at,
            finished_at=timezone.now(),
            is_clean=not any(one.found for one in tallies),
            checks=[one.as_json() for one in tallies],
        )
        if not audit.is_clean:
            logger.error("self-audit %s: %s", audit.pk, {one.invariant: one.found for one in tallies})
            enqueue(TELL, audit_id=audit.pk)
    return audit


def _checked(tally: Tally, check: Callable[[Tally], None]) -> Tally:
    """One check; data so broken that it cannot be read is a finding and keeps no other check from looking."""
    try:
        with transaction.atomic():
            check(tally)
    except Exception:
        logger.exception("the check of %s could not be finished", tally.invariant)
        tally.report("crashed", "check", int(tally.invariant.removeprefix("INV-")))
    return tally
