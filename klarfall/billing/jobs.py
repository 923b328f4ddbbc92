"""Jobs of billing: offers expire, solved tickets close, running timers reach their caps, runs are made."""

import logging

from django.utils import timezone

from klarfall.accounts.models import User
from klarfall.billing import remote_time
from klarfall.billing.actions import batches, invoices, offers, remote, resolution, service_records
from klarfall.billing.actions.caps import watch_cap as watch
from klarfall.billing.capping import JOB
from klarfall.billing.invoicing.recipients import without_invoice
from klarfall.billing.models import BillingBatch, Invoice, ServiceRecord
from klarfall.billing.runs import export, freezing, preview
from klarfall.billing.self_audit import audit
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.jobs import Again, every, job
from klarfall.tickets.models import Concern, RemoteSession

_log = logging.getLogger(__name__)


# Every quarter of an hour: the day of the vendor's zone ends at any of them in UTC, and a worker may have been down.
@every("5,20,35,50 * * * *")
@job("billing.expire_offers")
def expire_offers() -> None:
    """Let offers expire whose last day is over in the vendor's zone."""
    offers.expire_offers(timezone.now())


@every("35 2 * * *")
@job("billing.close_due")
def close_due() -> None:
    """Close tickets that were solved more than 14 days ago."""
    resolution.close_due(timezone.now())


# After the requests of the day are closed and their records issued.
@every("5 3 * * *")
@job(audit.JOB, own_transactions=True)
def self_audit() -> None:
    """Prove on the live data that the books are right, and have the leads told where they are not."""
    audit.run()


@job("billing.make_record_pdf")
def make_record_pdf(*, record_id: int) -> None:
    """Set and store the PDF of a service record; the mail about it follows from that."""
    record = ServiceRecord.objects.get(pk=record_id)
    service_records.make_pdf(record, actor=User.objects.system(), now=timezone.now())


@job(JOB)
def watch_cap(*, concern_id: int) -> None:
    """A running timer has reached 80 % or the cap, as was predicted; or not, and then nothing happens."""
    concern = Concern.objects.filter(pk=concern_id).first()
    if concern is not None:
        watch(concern, actor=User.objects.system(), now=timezone.now())


@job(remote_time.JOB)
def watch_session(*, session_id: int) -> None:
    """A remote session may have been forgotten: ask, and later end it."""
    session = RemoteSession.objects.select_related("ticket").filter(pk=session_id).first()
    if session is not None:
        remote.watch_session(session, actor=User.objects.system(), now=timezone.now())


@job(batches.COMPUTE, own_transactions=True)
def compute_batch(*, batch_id: int) -> None:
    """Compute the preview of a run, a chunk of concerns per transaction; goes on where a dead worker ended."""
    preview.compute_preview(batch_id)


@job(batches.FREEZE)
def freeze_batch(*, batch_id: int) -> None:
    """Freeze a run in the one transaction of the job: kill -9 leaves nothing of it."""
    freezing.freeze(batch_id, now=timezone.now())


@job(batches.EXPORT, own_transactions=True)
def export_batch(*, batch_id: int) -> None:
    """Write the files of a frozen run; written anew, under the same names, when a worker died over it."""
    export.export(batch_id, now=timezone.now())


@job(invoices.WRITE, own_transactions=True)
def write_invoices(*, batch_id: int) -> Again | None:
    """Write the invoices of a frozen run, a transaction per customer; what keeps it from that is shown on the pages."""
    with viewing_as(SYSTEM):
        batch, system = BillingBatch.objects.get(pk=batch_id), User.objects.system()
    try:
        invoices.write_invoices(batch, actor=system, now=timezone.now())
    except (invoices.DataMissing, invoices.NoInvoices) as reason:
        _log.warning("No invoices of billing run %s: %s", batch.number, reason.message)
        return None
    with viewing_as(SYSTEM):
        left = without_invoice(batch).count()
    return Again(f"{left} invoices of billing run {batch.number} could not be written") if left else None


@job(invoices.RENDER, queue="pdf")
def render_invoice(*, invoice_id: int) -> None:
    """Make the files of an invoice."""
    invoices.render_invoice(Invoice.objects.get(pk=invoice_id), actor=User.objects.system(), now=timezone.now())
