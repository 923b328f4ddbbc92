"""Open, compute anew, discard, freeze and export billing runs; the long work is done by jobs (billing/runs)."""

import secrets
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.billing import vat
from klarfall.billing.models import BatchConcern, BillingBatch
from klarfall.billing.runs.export import EXPORTING
from klarfall.billing.runs.freezing import FREEZING
from klarfall.billing.runs.preview import COMPUTING, basis
from klarfall.billing.status import BatchStatus
from klarfall.contracts.queries import local_day
from klarfall.core import vendor
from klarfall.core.action import Refused, action
from klarfall.core.audit import record
from klarfall.core.jobs import enqueue, is_pending

__all__ = [
    "COMPUTE", "EXPORT", "FREEZE", "BatchBusy", "BatchOpen", "BatchOver", "NothingToBill", "PeriodWrong",
    "discard_batch", "export_batch", "freeze_batch", "open_batch", "recompute",
]  # fmt: skip

COMPUTE, FREEZE, EXPORT = "billing.compute_batch", "billing.freeze_batch", "billing.export_batch"
_DAY = timedelta(days=1)


class BatchOpen(Refused):
    """Another run is open: only one is prepared at a time, or both would bill the same minutes."""

    code = "batch_open"


class PeriodWrong(Refused):
    """The period is backwards or not over yet; `field` says which day is wrong."""

    code = "period_wrong"


class BatchBusy(Refused):
    """The worker is computing, freezing or exporting this run."""

    code = "batch_busy"


class BatchOver(Refused):
    """The run is not in the state for this step (any more): frozen ones never change."""

    code = "batch_over"


class NothingToBill(Refused):
    """A run without any line is not frozen."""

    code = "nothing_to_bill"


@action
def open_batch(*, starts_on: date, ends_on: date, actor: Any, now: datetime) -> BillingBatch:
    """Open a run over everything unbilled up to the end of `ends_on` (vendor's zone) and have its preview computed.

    Raises PeriodWrong (with `field`) or BatchOpen.
    """
    permissions.require("batch.prepare", actor)
    if ends_on < starts_on:
        raise PeriodWrong(_("The last day lies before the first one."), field="ends_on")
    if ends_on >= local_day(now):
        raise PeriodWrong(_("The period must be over: please choose yesterday or an earlier day."), field="ends_on")
    last = BillingBatch.objects.exclude(status=BatchStatus.OPEN).aggregate(last=Max("ends_on"))["last"]
    if last is not None and ends_on < last:
        # An earlier end would take back what is billed of the days between.
        raise PeriodWrong(_("An earlier run went further. Please choose its last day or a later one."), field="ends_on")
    if BillingBatch.objects.filter(status=BatchStatus.OPEN).exists():
        raise BatchOpen(_("A billing run is being prepared already. Freeze or discard it first."))
    batch = BillingBatch(
        starts_on=starts_on,
        ends_on=ends_on,
        until=vat.midnight(ends_on + _DAY, vendor.zone()),
        created_by=actor,
        created_at=now,
    )
    _begin(batch)
    batch.refresh_from_db(fields=["number"])
    return batch


@action
def recompute(batch: BillingBatch, *, actor: Any, now: datetime) -> BillingBatch:
    """Compute the preview of an open run anew, with everything recorded since; also while it is being computed."""
    permissions.require("batch.prepare", actor)
    batch = _open(batch, may_compute=True)
    BatchConcern.objects.filter(batch=batch).delete()
    _begin(batch)
    return batch


@action
def discard_batch(batch: BillingBatch, *, actor: Any, now: datetime) -> None:
    """Throw an open run away; nothing is billed by it, and its minutes fall into the next one."""
    permissions.require("batch.prepare", actor)
    batch = _open(batch, may_compute=True)
    record("batch.discarded", batch, actor=actor, now=now, data={"number": batch.number})
    BatchConcern.objects.filter(batch=batch).delete()
    batch.delete()


@action
def freeze_batch(batch: BillingBatch, *, actor: Any, now: datetime) -> BillingBatch:
    """Have an open, computed run frozen: all of it or nothing (INV-19, INV-20).

    What was recorded since the preview is computed anew by the job. Raises NothingToBill, BatchBusy or BatchOver.
    """
    permissions.require("batch.freeze", actor)
    batch = _open(batch)
    if batch.computed_at is None:
        raise BatchBusy(_("The preview of this billing run is still being computed."))
    if batch.lines == 0:
        raise NothingToBill(_("There is nothing to bill in this period, so there is nothing to freeze."))
    batch.stage, batch.frozen_by = FREEZING, actor
    batch.save(update_fields=["stage", "frozen_by"])
    _enqueue(FREEZE, batch)
    return batch


@action
def export_batch(batch: BillingBatch, *, actor: Any, now: datetime) -> BillingBatch:
    """Have a frozen run exported as CSV and JSON; an exported one keeps its files and nothing happens (INV-19)."""
    permissions.require("batch.export", actor)
    batch = _locked(batch)
    if batch.status == BatchStatus.EXPORTED:
        return batch
    if batch.status != BatchStatus.FROZEN:
        raise BatchOver(_("Only a frozen billing run is exported."))
    _check_idle(batch, FREEZE, EXPORT)
    # The names are settled here: a worker that dies writes the same files again and leaves none behind.
    batch.stage = EXPORTING
    batch.csv_key, batch.json_key = _new_key(batch.csv_key), _new_key(batch.json_key)
    batch.save(update_fields=["stage", "csv_key", "json_key"])
    record("batch.exporting", batch, actor=actor, now=now, data={"number": batch.number})
    _enqueue(EXPORT, batch)
    return batch


def _begin(batch: BillingBatch) -> None:
    """Set a run to the beginning of its preview and have it computed."""
    batch.stage, batch.cursor, batch.computed_at, batch.basis = COMPUTING, 0, None, basis()
    batch.concerns = batch.lines = batch.minutes = 0
    batch.net = Decimal("0.00")
    batch.save()
    _enqueue(COMPUTE, batch)


def _enqueue(name: str, batch: BillingBatch) -> None:
    """One job per step waits at a time, and the jobs of a run follow each other."""
    enqueue(name, lock=f"batch:{batch.pk}", key=f"{name}:{batch.pk}", batch_id=batch.pk)


def _locked(batch: BillingBatch) -> BillingBatch:
    found = BillingBatch.objects.select_for_update().filter(pk=batch.pk).first()
    if found is None:
        raise BatchOver(_("This billing run has been discarded meanwhile."))
    return found


def _open(batch: BillingBatch, *, may_compute: bool = False) -> BillingBatch:
    """The run, locked, if it is open and no worker is busy with it."""
    batch = _locked(batch)
    if batch.status != BatchStatus.OPEN:
        raise BatchOver(_("This billing run is frozen. Frozen runs never change; corrections fall into the next one."))
    _check_idle(batch, FREEZE, *(() if may_compute else (COMPUTE,)))
    return batch


def _check_idle(batch: BillingBatch, *names: str) -> None:
    """Refuse while a job is at work; what failed for good (or was deleted) holds nobody up."""
    if batch.stage and is_pending(*names, batch_id=batch.pk):
        raise BatchBusy(_("The billing run is being worked on. Please wait until that is done."))


def _new_key(key: str) -> str:
    return key or f"documents/{secrets.token_hex(16)}"
