"""INV-29: histories, anchors, audit trail, sealed runs, records and invoices, and their files, are as they were."""

from collections.abc import Iterator

from klarfall.billing.invoicing.recipients import content_hash as hash_of_invoice
from klarfall.billing.models import BillingBatch, Invoice, ServiceRecord
from klarfall.billing.records.content import hash_of
from klarfall.billing.runs.sealing import content_hash
from klarfall.billing.self_audit.files import is_intact
from klarfall.billing.self_audit.tally import Tally
from klarfall.billing.status import BatchStatus, RecordStatus
from klarfall.core import audit
from klarfall.core.models import AuditEntry
from klarfall.tickets.anchors import verify_anchors
from klarfall.tickets.events import broken_events, broken_rows
from klarfall.tickets.models import ChainAnchor, Ticket, TicketEvent

_CHUNK = 200


def check_history(tally: Tally) -> None:
    """Everything that is chained or sealed, hashed again."""
    for ticket in Ticket.objects.order_by("pk").iterator(_CHUNK):
        tally.look()
        if broken_events(ticket) or broken_rows(ticket):
            tally.report("chain_changed", "ticket", ticket.pk)
    tally.look(ChainAnchor.objects.count())
    for finding in verify_anchors():
        tally.report("anchor_changed", "ticket" if finding.ticket else "anchor", finding.ticket or finding.anchor)
    tally.look(AuditEntry.objects.count())
    for number in audit.broken_entries():
        tally.report("audit_changed", "audit_entry", number)
    for check in (_batches, _records, _invoices):
        for finding_code, kind, pk in check(tally):
            tally.report(finding_code, kind, pk)


def _batches(tally: Tally) -> Iterator[tuple[str, str, int]]:
    """The lines of a run against its hash, and the hash against the audit trail, where it is chained."""
    sealed = _sealed("batch.frozen")
    for batch in BillingBatch.objects.exclude(status=BatchStatus.OPEN).order_by("pk").iterator(_CHUNK):
        tally.look()
        if not batch.content_hash == content_hash(batch) == sealed.get(batch.pk):
            yield "content_changed", "batch", batch.pk


def _records(tally: Tally) -> Iterator[tuple[str, str, int]]:
    """Issued records against their hash, the hash against the history of the ticket, and their PDF."""
    for record in ServiceRecord.objects.exclude(status=RecordStatus.DRAFT).order_by("pk").iterator(_CHUNK):
        tally.look()
        told = TicketEvent.objects.filter(ticket=record.ticket_id, kind="record.issued", data__record=record.pk)
        sealed = told.values_list("data__content_hash", flat=True).first()
        if not record.content_hash == hash_of(record.content, record.inputs) == sealed:
            yield "content_changed", "record", record.pk
        if record.pdf_key and not is_intact(record.pdf_key, record.pdf_sha256):
            yield "file_changed", "record", record.pk


def _invoices(tally: Tally) -> Iterator[tuple[str, str, int]]:
    """Invoices against their hash, the hash against the audit trail, and their files."""
    sealed = _sealed("invoice.written")
    for invoice in Invoice.objects.order_by("pk").iterator(_CHUNK):
        tally.look()
        if not invoice.content_hash == hash_of_invoice(invoice) == sealed.get(invoice.pk):
            yield "content_changed", "invoice", invoice.pk
        for key, sha256 in ((invoice.pdf_key, invoice.pdf_sha256), (invoice.xml_key, invoice.xml_sha256)):
            if key and not is_intact(key, sha256):
                yield "file_changed", "invoice", invoice.pk


def _sealed(verb: str) -> dict[int, str]:
    """Hashes by id as the audit trail holds them."""
    entries = AuditEntry.objects.filter(verb=verb).order_by("pk")
    return dict(entries.values_list("subject_id", "data__content_hash"))
