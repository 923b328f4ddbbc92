"""The list of billing runs: what waits to be billed, what a worker is doing, and every run with its figures."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from klarfall.billing.actions import batches
from klarfall.billing.models import BillingBatch, Unbilled
from klarfall.billing.runs.preview import progress_key
from klarfall.billing.status import BatchStatus
from klarfall.core.jobs import is_pending
from klarfall.core.progress import progress

#: Waiting concerns are counted up to here and shown as "1000+": counting further would grow with the table.
MOST = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: A worker that has said nothing for so long has probably died; its job is done anew by itself.
_SILENT = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What no run holds yet: concerns (up to MOST + 1), the oldest new minute, changes of what was billed."""

    concerns: int
    oldest: datetime | None
    changes: int


@dataclass(frozen=True, slots=True)
class Working:
    """What a worker does for a run: `stage`, how far it is, whether it has been silent for long or has given up."""

    stage: str
    percent: int = 0
    done: int = 0
    total: int = 0
    silent: bool = False
    failed: bool = False


def runs() -> QuerySet[BillingBatch]:
    """All runs with the people who made them."""
    return BillingBatch.objects.select_related("created_by", "frozen_by")


def open_run() -> BillingBatch | None:
    """The one preview there may be."""
    return BillingBatch.objects.filter(status=BatchStatus.OPEN).first()


def last_run() -> BillingBatch | None:
    """The run that reaches furthest."""
    return BillingBatch.objects.exclude(status=BatchStatus.OPEN).order_by("-ends_on", "-pk").first()


def waiting() -> Waiting:
    """One query over the index by time, however much waits."""
    found = list(Unbilled.objects.order_by("since").values_list("since", flat=True)[: MOST + 1])
    minutes = [since for since in found if since > _EPOCH]
    return Waiting(len(found), minutes[0] if minutes else None, len(found) - len(minutes))


def working(run: BillingBatch, now: datetime) -> Working | None:
    """How far the worker is; None while nothing is being done for the run."""
    if not run.stage:
        return None
    if not is_pending(batches.COMPUTE, batches.FREEZE, batches.EXPORT, batch_id=run.pk):
        return Working(run.stage, failed=True)
    found = progress(progress_key(run))
    if found is None:
        return Working(run.stage)
    return Working(run.stage, found.percent, found.done, found.total, silent=now - found.updated_at > _SILENT)
