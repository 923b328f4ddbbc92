"""Numbers without a gap: with several writers at once, after a rollback, and when everything runs twice."""

import re

import pytest
from django.db import IntegrityError, transaction

from klarfall.billing.actions import invoices
from klarfall.billing.models import BillingBatch, Invoice
from klarfall.billing.tests.invoice_steps import ready, written
from klarfall.billing.tests.run_steps import biller, frozen
from klarfall.billing.tests.steps import accept, clock, send, work
from klarfall.billing.tests.test_concurrency import at_once
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import berlin, concern_of
from tests.queue import run_jobs

LATER = berlin("2027-01-04 12:00")


def billed(make_ticket, cast, contact, start="09:10"):
    """Something to bill for the company of a contact."""
    concern = concern_of(make_ticket(contact=contact, now=clock("07:50")))
    accept(send(cast, concern, at=clock("08:40")), contact, at=clock("09:00"))
    work(cast, concern, start, f"{start[:2]}:50")


@pytest.fixture
def batch(cast, make_ticket):
    """A frozen run with lines of Acme and of Borealis."""
    ready(cast)
    billed(make_ticket, cast, cast.bernd)
    billed(make_ticket, cast, cast.clara, "10:10")
    return frozen()


def serials():
    with viewing_as(SYSTEM):
        return list(Invoice.objects.order_by("serial").values_list("serial", flat=True))


def test_one_after_the_other(cast, batch):
    first, second = written(batch)
    assert [first.serial, second.serial] == [1, 2]
    assert [first.customer_id, second.customer_id] == [cast.acme.pk, cast.borealis.pk]
    assert re.fullmatch(r"RE-\d{4}-00001", first.number)


def test_a_rollback_leaves_no_gap(cast, batch):
    with viewing_as(SYSTEM), transaction.atomic():
        invoices.write_invoice(batch, customer=cast.acme, actor=biller(), now=LATER)
        transaction.set_rollback(True)
    assert serials() == []
    written(batch)
    assert serials() == [1, 2]


def test_twice_is_once(batch):
    written(batch)
    for _time in range(2):
        assert invoices.write_invoices(batch, actor=biller(), now=LATER) == []
        run_jobs(invoices.WRITE, invoices.RENDER)
    assert serials() == [1, 2]


def test_files_are_made_once(batch):
    invoice = written(batch)[0]
    again = invoices.render_invoice(invoice, actor=biller(), now=LATER)
    assert (again.pdf_key, again.pdf_sha256) == (invoice.pdf_key, invoice.pdf_sha256)


def test_writers_at_once_leave_no_gap_and_write_nothing_twice(committed_db, cast, batch):
    """Four writers on connections of their own, one of which fails at the end."""
    actor = biller()

    def write(customer, *, fail=False):
        with viewing_as(SYSTEM):
            invoices.write_invoice(batch, customer=customer, actor=actor, now=LATER)
            if fail:
                raise RuntimeError("too late")

    results = at_once(
        lambda: write(cast.acme, fail=True),
        lambda: write(cast.borealis),
        lambda: write(cast.acme),
        lambda: write(cast.borealis),
    )
    assert [type(one) for one in results] == [RuntimeError, type(None), type(None), type(None)], results
    assert serials() == [1, 2]


@pytest.mark.parametrize("change", [{"gross": 1}, {"number": "X"}, {"content": {}}, {"buyer": {}}])
def test_a_written_invoice_never_changes(batch, change):
    invoice = written(batch)[0]
    with viewing_as(SYSTEM), pytest.raises(Exception, match=r"invoice_stays|adds_up"), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(**change)


def test_a_written_invoice_is_never_deleted_and_its_files_stay(batch):
    invoice = written(batch)[0]
    with viewing_as(SYSTEM):
        with pytest.raises(Exception, match="invoice_is_kept"), transaction.atomic():
            invoice.delete()
        with pytest.raises(Exception, match="invoice_files_stay"), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(pdf_sha256="0" * 64)
        invoice.pk, invoice.serial, invoice.number = None, 99, "RE-99"
        with pytest.raises(IntegrityError), transaction.atomic():
            invoice.save(force_insert=True)
        assert BillingBatch.objects.get(pk=batch.pk).invoices.count() == 2
