"""The page of full exports: the latest ones, and how far the worker is."""

from datetime import datetime

from klarfall.core.jobs import is_pending
from klarfall.desk.imports import Working, told
from klarfall.transfer.actions import exports as actions
from klarfall.transfer.exports.running import progress_key
from klarfall.transfer.models import HouseExport

_SHOWN = 20


def latest() -> list[HouseExport]:
    """The newest exports with the people who began them."""
    return list(HouseExport.objects.select_related("started_by")[:_SHOWN])


def working(export: HouseExport, now: datetime) -> Working | None:
    """How far the worker is; None when the archive is finished."""
    if export.finished_at is not None:
        return None
    if not is_pending(actions.WRITE, export_id=export.pk):
        return Working("exporting", failed=True)
    return told("exporting", progress_key(export), now)
