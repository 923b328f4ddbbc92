"""Short words for billing runs in tests: open, compute, freeze, export, and look at the lines."""

import csv
import io
import json
from datetime import date

from django.core.files.storage import default_storage

from klarfall.billing.actions import batches
from klarfall.billing.models import BillingBatch, BillingLine, TimeLock
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import berlin, make_staff
from tests.queue import run_jobs

NOVEMBER, DECEMBER = date(2026, 11, 30), date(2026, 12, 31)


def biller():
    """A colleague of the accounts department, made once."""
    from klarfall.accounts.models import User

    with viewing_as(SYSTEM):
        found = User.objects.filter(email="berta@vendor.example").first()
    return found or make_staff("Berta", "billing")


def opened(ends_on=NOVEMBER, *, at="2027-01-04 10:00", starts_on=None):
    """A run up to a day, its preview computed."""
    batch = batches.open_batch(
        starts_on=starts_on or ends_on.replace(day=1), ends_on=ends_on, actor=biller(), now=berlin(at)
    )
    run_jobs(batches.COMPUTE)
    return fresh(batch)


def frozen(ends_on=NOVEMBER, *, at="2027-01-04 10:00"):
    """A run up to a day, frozen."""
    return freeze(opened(ends_on, at=at), at=at)


def freeze(batch, *, at="2027-01-04 11:00"):
    batches.freeze_batch(batch, actor=biller(), now=berlin(at))
    run_jobs(batches.FREEZE)
    return fresh(batch)


def exported(batch, *, at="2027-01-04 12:00"):
    batches.export_batch(batch, actor=biller(), now=berlin(at))
    run_jobs(batches.EXPORT)
    return fresh(batch)


def fresh(batch):
    with viewing_as(SYSTEM):
        return BillingBatch.objects.get(pk=batch.pk)


def lines(batch, concern=None):
    """(kind, counts_for, minutes, net) of a frozen run in order."""
    with viewing_as(SYSTEM):
        rows = BillingLine.objects.filter(batch=batch, **({} if concern is None else {"concern": concern}))
        return [(row.kind, row.minutes, str(row.net)) for row in rows.order_by("id")]


def previewed(batch):
    """The same of a preview."""
    with viewing_as(SYSTEM):
        items = batch.items.order_by("concern_id")
        return [(one["kind"], one["minutes"], one["net"]) for item in items for one in item.lines]


def locked(batch):
    """(entry, offer, minutes) of a frozen run."""
    with viewing_as(SYSTEM):
        rows = TimeLock.objects.filter(batch=batch).order_by("id")
        return [(row.entry_id, row.offer_id, (row.end - row.start).seconds // 60) for row in rows]


def read(key):
    with default_storage.open(key, "rb") as file:
        return file.read()


def table(batch):
    """The CSV as Excel reads it: a list of dictionaries by heading."""
    text = read(batch.csv_key).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def document(batch):
    return json.loads(read(batch.json_key))
