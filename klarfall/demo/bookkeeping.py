"""The demo's billing: last month frozen and exported, and a preview of what came since."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from klarfall.billing.actions import batches
from klarfall.billing.models import BillingBatch
from klarfall.billing.runs import export, freezing, preview
from klarfall.core import jobs
from klarfall.demo.scene import Cast
from klarfall.demo.schedule import Schedule

_BILLER = "Katrin Vogt"
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def moments(cast: Cast, schedule: Schedule) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
    """When bills are made, and how: a month on a later morning, the preview just now."""
    first, last, morning = billed_month(schedule)
    yield morning, lambda at: _bill(cast, first, last, at)
    yield schedule.now - _MINUTE, lambda at: _preview(cast, last + _DAY, schedule.today - _DAY, at)


def billed_month(schedule: Schedule) -> tuple[date, date, datetime]:
    """First and last day of the latest whole month that could be billed two service days ago, and that morning.

    It is billed on the first service day after it; what is found out yesterday is then a correction.
    """
    latest = schedule.service_days[1]
    month = latest.replace(day=1)
    while (day := schedule.next_service_day(month - _DAY, 1)) > latest:
        month = (month - _DAY).replace(day=1)
    return (month - _DAY).replace(day=1), month - _DAY, schedule.at(day, "09:30")


def _bill(cast: Cast, first: date, last: date, at: datetime) -> None:
    """Open, compute, freeze and export a run, doing at once what the worker would do."""
    who = cast.staff[_BILLER]
    run = _computed(batches.open_batch(starts_on=first, ends_on=last, actor=who, now=at))
    batches.freeze_batch(run, actor=who, now=at + 8 * _MINUTE)
    freezing.freeze(run.pk, now=at + 8 * _MINUTE)
    _done(batches.FREEZE, run)
    batches.export_batch(run, actor=who, now=at + 11 * _MINUTE)
    export.export(run.pk, now=at + 11 * _MINUTE)
    _done(batches.EXPORT, run)


def _preview(cast: Cast, first: date, last: date, at: datetime) -> None:
    """A preview of the days since; none where no whole day has passed."""
    if first <= last:
        _computed(batches.open_batch(starts_on=first, ends_on=last, actor=cast.staff[_BILLER], now=at))


def _computed(run: BillingBatch) -> BillingBatch:
    preview.compute_preview(run.pk)
    _done(batches.COMPUTE, run)
    return run


def _done(name: str, run: BillingBatch) -> None:
    """The worker finds nothing left to do."""
    jobs.take_back(name, "batch_id", [run.pk])
