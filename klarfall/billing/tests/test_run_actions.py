"""Opening, discarding, freezing and exporting runs: what is refused, and in which words."""

from datetime import date

import pytest
from django.utils import timezone

from klarfall.billing.actions import batches
from klarfall.billing.models import BatchConcern, BillingBatch, Unbilled
from klarfall.billing.runs import freezing, preview
from klarfall.billing.tests.run_steps import NOVEMBER, biller, exported, freeze, fresh, frozen, lines, opened, previewed
from klarfall.billing.tests.steps import accept, clock, send, work
from klarfall.core import vendor
from klarfall.core.audit import broken_entries
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry, VendorProfile
from klarfall.core.progress import progress
from klarfall.customers.models import Customer
from tests.cast import berlin, concern_of
from tests.queue import _remove, again, run_jobs, waiting_jobs

NOW = berlin("2026-12-01 00:30")
YEAR = {"starts_on": date(2026, 1, 1), "ends_on": NOVEMBER}


@pytest.fixture
def concern(cast, make_ticket):
    found = concern_of(make_ticket(now=clock("07:50")))
    accept(send(cast, found, at=clock("08:40")), cast.astrid, at=clock("09:00"))
    work(cast, found, "09:10", "10:10")
    return found


def count(model):
    with viewing_as(SYSTEM):
        return model.objects.count()


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2026, 11, 30), date(2026, 11, 1)),
        (date(2026, 12, 1), date(2026, 12, 1)),  # half an hour old in Berlin, still yesterday in UTC
        (date(2026, 11, 1), date(2999, 1, 1)),
    ],
)
def test_a_period_must_be_over_and_in_order(cast, starts_on, ends_on):
    with pytest.raises(batches.PeriodWrong) as refused:
        batches.open_batch(starts_on=starts_on, ends_on=ends_on, actor=biller(), now=NOW)
    assert refused.value.field == "ends_on"
    assert count(BillingBatch) == 0


def test_one_run_is_open_at_a_time(concern):
    first = batches.open_batch(**YEAR, actor=biller(), now=NOW)
    assert first.until == berlin("2026-12-01 00:00")
    with pytest.raises(batches.BatchOpen):
        batches.open_batch(**YEAR, actor=biller(), now=NOW)
    batches.discard_batch(first, actor=biller(), now=NOW)
    second = batches.open_batch(**YEAR, actor=biller(), now=NOW)
    assert second.number > first.number


def test_a_discarded_run_bills_nothing_and_its_job_does_nothing(concern):
    batch = batches.open_batch(**YEAR, actor=biller(), now=NOW)
    batches.discard_batch(batch, actor=biller(), now=NOW)
    assert run_jobs(batches.COMPUTE) == [batches.COMPUTE]
    assert (count(BillingBatch), count(BatchConcern), count(Unbilled)) == (0, 0, 1)
    with viewing_as(SYSTEM):
        assert AuditEntry.objects.filter(verb="batch.discarded", data__number=batch.number).count() == 1
    with pytest.raises(batches.BatchOver):
        batches.recompute(batch, actor=biller(), now=NOW)


def test_a_preview_is_computed_in_chunks_and_says_how_far_it_is(cast, concern, make_ticket, monkeypatch):
    for number in range(4):
        other = concern_of(make_ticket(now=clock("12:00"), title=f"Anderes {number}"))
        accept(send(cast, other, at=clock("12:10")), cast.astrid, at=clock("12:20"))
        work(cast, other, f"{13 + number}:00", f"{13 + number}:30")
    monkeypatch.setattr(preview, "CHUNK", 2)
    batch = batches.open_batch(**YEAR, actor=biller(), now=NOW)
    assert preview._next_chunk(batch.pk) == 2
    half = fresh(batch)
    assert (half.stage, half.concerns, half.lines, str(half.net)) == ("computing", 2, 2, "198.00")
    run_jobs(batches.COMPUTE)
    batch = fresh(batch)
    assert (batch.stage, batch.concerns, batch.minutes, str(batch.net)) == ("", 5, 180, "396.00")
    with viewing_as(SYSTEM):
        told = progress(preview.progress_key(batch))
    assert (told.done, told.total, told.percent) == (5, 5, 100)


def test_computing_again_counts_everything_once(cast, concern):
    batch = opened()
    batches.recompute(batch, actor=biller(), now=timezone.now())
    batches.recompute(batch, actor=biller(), now=timezone.now())
    run_jobs(batches.COMPUTE)
    assert previewed(fresh(batch)) == [("work", 60, "132.00")]
    assert (fresh(batch).lines, str(fresh(batch).net)) == (1, "132.00")


def test_a_run_is_frozen_only_when_it_is_computed_and_nobody_works_on_it(concern):
    batch = batches.open_batch(**YEAR, actor=biller(), now=NOW)
    with pytest.raises(batches.BatchBusy):
        batches.freeze_batch(batch, actor=biller(), now=NOW)
    run_jobs(batches.COMPUTE)
    batches.freeze_batch(batch, actor=biller(), now=NOW)
    for step in (batches.freeze_batch, batches.recompute, batches.discard_batch):
        with pytest.raises(batches.BatchBusy):
            step(batch, actor=biller(), now=NOW)
    with pytest.raises(batches.BatchOver):
        batches.export_batch(batch, actor=biller(), now=NOW)
    run_jobs(batches.FREEZE)
    for step in (batches.freeze_batch, batches.recompute, batches.discard_batch):
        with pytest.raises(batches.BatchOver):
            step(batch, actor=biller(), now=NOW)


def test_freezing_that_failed_for_good_can_be_begun_again(concern):
    """Its job is no longer in the queue, although the run still says that it is being frozen."""
    batch = opened()
    batches.freeze_batch(batch, actor=biller(), now=NOW)
    for job_id, name, _arguments in waiting_jobs():
        if name == batches.FREEZE:
            _remove(job_id)
    assert fresh(batch).stage == "freezing"
    assert freeze(batch).status == "frozen"


def test_freezing_is_audited_sealed_and_happens_once(concern):
    batch = frozen()
    with viewing_as(SYSTEM):
        entry = AuditEntry.objects.get(verb="batch.frozen")
        assert (entry.actor, entry.data["content_hash"]) == (biller(), batch.content_hash)
        assert (entry.data["net"], entry.data["lines"]) == ("132.00", 1)
        assert broken_entries() == []
    before = lines(batch), batch.frozen_at
    again(batches.FREEZE, batch_id=batch.pk)
    again(batches.COMPUTE, batch_id=batch.pk)
    assert (lines(batch), fresh(batch).frozen_at) == before
    with viewing_as(SYSTEM):
        assert AuditEntry.objects.filter(verb="batch.frozen").count() == 1


def test_nothing_is_left_for_a_second_run_of_the_same_period(concern):
    frozen()
    batch = opened()
    assert (batch.lines, previewed(batch)) == (0, [])
    with pytest.raises(batches.NothingToBill):
        batches.freeze_batch(batch, actor=biller(), now=NOW)


def test_an_exported_run_has_other_files_than_another(cast, concern):
    first = exported(frozen())
    work(cast, concern, "10:30", "10:40", day="2026-11-25")
    second = exported(frozen())
    assert len({first.csv_key, first.json_key, second.csv_key, second.json_key}) == 4


def test_a_customer_that_moves_before_the_first_bill_is_billed_where_it_is(cast, concern):
    batch = opened()
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=cast.acme.pk).update(country="CH", vat_id="")
    batch = freeze(batch)
    with viewing_as(SYSTEM):
        assert [(line.category, str(line.percent)) for line in batch.billing_lines.all()] == [("O", "0.00")]


@pytest.mark.parametrize("writes", [True, False])
def test_invoices_are_asked_for_where_the_vendor_writes_them(concern, writes):
    with viewing_as(SYSTEM):
        VendorProfile.objects.update(writes_invoices=writes)
    vendor.forget()
    batch = frozen()
    asked = [arguments for _id, name, arguments in waiting_jobs() if name == freezing.INVOICES]
    assert asked == ([{"batch_id": batch.pk}] if writes else [])
