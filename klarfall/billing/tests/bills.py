"""Billing runs in tests, each on the morning after its period by the worker's own clock too."""

from datetime import date, timedelta
from unittest.mock import patch

from django.utils import timezone

from klarfall.billing.actions import batches
from klarfall.billing.models import BillingLine
from klarfall.billing.tests.run_steps import biller as accountant
from klarfall.billing.tests.run_steps import fresh as again
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import berlin
from tests.queue import run_jobs


def preview(ends_on="2026-11-30", *, now=None):
    """An open run up to the end of a day, computed."""
    last = date.fromisoformat(ends_on)
    now = now or berlin(f"{last + timedelta(days=1)} 09:00")
    batch = batches.open_batch(starts_on=last.replace(day=1), ends_on=last, actor=accountant(), now=now)
    run_jobs(batches.COMPUTE)
    return again(batch)


def freeze(batch, *, now=None):
    """Freeze an open run."""
    now = now or batch.until + timedelta(hours=10)
    batches.freeze_batch(batch, actor=accountant(), now=now)
    with patch.object(timezone, "now", lambda: now):  # the worker reads the clock itself
        run_jobs(batches.FREEZE)
    return again(batch)


def billed(ends_on="2026-11-30", *, now=None):
    """A frozen run over everything up to the end of a day."""
    batch = freeze(preview(ends_on, now=now))
    assert batch.status == "frozen"
    return batch


def export(batch, *, now=None):
    """Export a frozen run."""
    batches.export_batch(batch, actor=accountant(), now=now or batch.until + timedelta(hours=11))
    run_jobs(batches.EXPORT)
    return again(batch)


def lines_of(batch=None):
    """Kind, minutes and net of the lines of a run (or of all), in order."""
    with viewing_as(SYSTEM):
        rows = BillingLine.objects.order_by("pk")
        rows = rows if batch is None else rows.filter(batch=batch)
        return [(kind, minutes, str(net)) for kind, minutes, net in rows.values_list("kind", "minutes", "net")]
