"""Issue service records (Leistungsnachweise), make their PDF, and let the customer confirm or dispute them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.billing import workflow
from klarfall.billing.engine import classify
from klarfall.billing.models import ServiceRecord, TimeEntry, TimeLock
from klarfall.billing.records import pdf
from klarfall.billing.records.content import hash_of
from klarfall.billing.records.drafting import Draft, draft_of
from klarfall.billing.runs.content import store_locks
from klarfall.billing.status import EntryStatus, RecordStatus
from klarfall.billing.timing import wait_for_freezing
from klarfall.core import jobs
from klarfall.core.action import Refused, action
from klarfall.tickets import acting, text
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Ticket

__all__ = ["RecordRefused", "confirm_record", "dispute_record", "issue_record", "make_pdf"]

_REASON = 4_000


class RecordRefused(Refused):
    """The record cannot be issued or answered like this; `field` says what is wrong."""

    code = "record_refused"


@action
def issue_record(ticket: Ticket, *, actor: Any, now: datetime) -> ServiceRecord:
    """Issue the next revision for a ticket and lock what it shows (section 6, rules 2 and 10).

    From then on no later entry changes a minute of it. The PDF follows as a job, and with it the mail.
    Raises RecordRefused while a timer runs, when nothing was recorded, and when nothing changed.
    """
    permissions.require("record.issue", actor)
    wait_for_freezing()
    ticket = locked(ticket)
    draft = draft_of(ticket, now)
    _check(draft)
    return _issue(draft, actor=actor, now=now)


@action
def issue_if_due(ticket: Ticket, *, actor: Any, now: datetime) -> ServiceRecord | None:
    """Issue the record of a ticket that closes with chargeable work which no record shows yet; else None."""
    permissions.require("record.issue", actor)
    wait_for_freezing()
    draft = draft_of(locked(ticket), now)
    return _issue(draft, actor=actor, now=now) if draft.is_due else None


@action
def confirm_record(service_record: ServiceRecord, *, actor: Any, now: datetime) -> ServiceRecord:
    """The customer confirms what the latest revision says. Raises RecordRefused or NotAllowed."""
    found, ticket, contact = _to_answer(service_record, actor, now)
    if found.status != RecordStatus.ISSUED:
        raise RecordRefused(_("This service record has been answered already. Please reload the page."))
    workflow.apply_record(found, "confirm", answered_by=contact, answered_at=now)
    record(ticket, "record.confirmed", actor=actor, now=now, data=_data(found), public=True)
    return found


@action
def dispute_record(service_record: ServiceRecord, *, reason: str, actor: Any, now: datetime) -> ServiceRecord:
    """The customer sees the latest revision differently, also after having confirmed it; the next one answers that.

    The reason stays beside the history, where it can be erased. Raises RecordRefused, UnusableText or NotAllowed.
    """
    words = text.required(reason, field="reason", limit=_REASON)
    found, ticket, contact = _to_answer(service_record, actor, now)
    if found.status == RecordStatus.DISPUTED:
        raise RecordRefused(_("We have your objection already and answer it with the next revision."))
    sealed = seal(ticket, words, person=actor)
    workflow.apply_record(found, "dispute", answered_by=contact, answered_at=now, answer=sealed)
    record(ticket, "record.disputed", actor=actor, now=now, data=_data(found), sealed=sealed, public=True)
    return found


@action
def make_pdf(service_record: ServiceRecord, *, actor: Any, now: datetime) -> ServiceRecord:
    """Set and store the PDF of an issued record unless it is there; its hash stands in the history (INV-29).

    By the system. The event is what the mail follows: nobody is told before the document exists.
    """
    permissions.require("ticket.progress", actor)
    ticket = locked(Ticket(pk=service_record.ticket_id))
    found = ServiceRecord.objects.get(pk=service_record.pk)
    if found.pdf_key or found.status == RecordStatus.DRAFT:
        return found
    with pdf.stored(found) as made:
        found.pdf_key, found.pdf_size, found.pdf_sha256 = made.key, made.size, made.sha256
        found.save(update_fields=["pdf_key", "pdf_size", "pdf_sha256"])
        data = {"record": found.pk, "revision": found.revision, "pdf_sha256": made.sha256}
        record(ticket, "record.document", actor=actor, now=now, data=data, public=True)
    return found


def _check(draft: Draft) -> None:
    if not draft.has_entries:
        raise RecordRefused(_("Nothing has been recorded here yet, so there is nothing to show."))
    if draft.timers:
        raise RecordRefused(_("A timer is running on this request. Please stop it first: its minutes belong in too."))
    if not draft.may_be_issued:
        raise RecordRefused(_("Nothing has changed since revision %(number)s.") % {"number": draft.revision - 1})


def _issue(draft: Draft, *, actor: Any, now: datetime) -> ServiceRecord:
    ticket, totals, inputs = draft.ticket, draft.content["totals"], draft.stored_inputs()
    issued = ServiceRecord.objects.create(
        customer_id=ticket.customer_id,
        ticket=ticket,
        revision=draft.revision,
        language=_language(ticket),
        content=draft.content,
        inputs=inputs,
        content_hash=hash_of(draft.content, inputs),
        exact_minutes=totals["exact"],
        billed_minutes=totals["billed"],
        net=Decimal(totals["net"]),
        until=draft.until,
        issued_by=actor,
        issued_at=now,
    )
    _lock(draft, issued)
    workflow.apply_record(issued, "issue")
    record(ticket, "record.issued", actor=actor, now=now, data=_data(issued), public=True)
    jobs.enqueue("billing.make_record_pdf", record_id=issued.pk)
    return issued


def _language(ticket: Ticket) -> str:
    """The language of the requester, in which the document is written."""
    language: str = ticket.contact.user.language
    return language[:2] or "de"


def _lock(draft: Draft, issued: ServiceRecord) -> None:
    """Lock every minute that nothing had locked, each to the offer it was allotted to, and the entries themselves."""
    common = {"customer_id": issued.customer_id, "ticket_id": issued.ticket_id, "record": issued}
    locks = [
        TimeLock(
            concern_id=concern.id,
            entry_id=one["entry"],
            offer_id=one["offer"],
            start=datetime.fromisoformat(one["start"]),
            end=datetime.fromisoformat(one["end"]),
            **common,
        )
        for concern in draft.inputs
        for one in store_locks(concern.facts, classify(concern.facts))
    ]
    TimeLock.objects.bulk_create(locks)
    shown = TimeEntry.objects.filter(ticket=issued.ticket_id, status=EntryStatus.RECORDED)
    workflow.apply_entries(shown, "lock")


def _to_answer(service_record: ServiceRecord, actor: Any, now: datetime) -> tuple[ServiceRecord, Ticket, Any]:
    """The record as it is now, its locked ticket, and as whom the actor answers; only the latest revision is open."""
    ticket = locked(Ticket(pk=service_record.ticket_id))
    contact = acting.require("record.answer", actor, ticket, now)
    latest = ServiceRecord.objects.filter(ticket=ticket).order_by("-revision").first()
    if latest is None or latest.pk != service_record.pk:
        raise RecordRefused(_("There is a newer revision of this service record. Please look at that one."))
    return latest, ticket, contact


def _data(service_record: ServiceRecord) -> dict[str, Any]:
    """What the history holds: ids and figures, and the hash over all the record says (INV-29)."""
    return {
        "record": service_record.pk,
        "revision": service_record.revision,
        "content_hash": service_record.content_hash,
        "exact": service_record.exact_minutes,
        "billed": service_record.billed_minutes,
        "net": str(service_record.net),
    }
