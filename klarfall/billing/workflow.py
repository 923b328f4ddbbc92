"""How offers, time entries, service records and batches move from state to state (domain.md, section 5)."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from klarfall.accounts import permissions
from klarfall.billing.models import BillingBatch, CostOffer, ServiceRecord, TimeEntry
from klarfall.billing.status import BatchStatus as B
from klarfall.billing.status import EntryStatus as E
from klarfall.billing.status import OfferStatus as O
from klarfall.billing.status import RecordStatus as R
from klarfall.core.machines import register
from klarfall.core.workflow import Machine, move, move_all, row
from klarfall.customers.models import contact_of
from klarfall.tickets.events import record
from klarfall.tickets.models import Ticket

OFFER = register(
    Machine(
        "billing.CostOffer",
        frozenset({O.DRAFT.value}),
        {
            "send": row(O.DRAFT, O.SENT, "offer.send"),
            "accept": row(O.SENT, O.ACCEPTED, "ticket.progress"),
            "decline": row(O.SENT, O.DECLINED, "offer.decline"),
            "counter": row(O.SENT, O.COUNTERED, "offer.decline"),
            "expire": row(O.SENT, O.EXPIRED, "offer.expire"),
            "exhaust": row(O.ACCEPTED, O.EXHAUSTED, "ticket.progress"),
            # An entry was corrected: the accepted cap has minutes left again.
            "refill": row(O.EXHAUSTED, O.ACCEPTED, "ticket.progress"),
            "complete": row({O.ACCEPTED, O.EXHAUSTED}, O.COMPLETED, "ticket.progress"),
            "stop": row({O.ACCEPTED, O.EXHAUSTED}, O.STOPPED, "work.stop"),
            "withdraw": row({O.SENT, O.ACCEPTED, O.EXHAUSTED}, O.WITHDRAWN, "ticket.progress"),
        },
    )
)

TIME_ENTRY = register(
    Machine(
        "billing.TimeEntry",
        frozenset({E.RUNNING.value, E.RECORDED.value}),
        {
            "finish": row(E.RUNNING, E.RECORDED, "ticket.progress"),
            "lock": row(E.RECORDED, E.LOCKED, "ticket.progress"),
            "export": row(E.LOCKED, E.EXPORTED, "ticket.progress"),
        },
    )
)

SERVICE_RECORD = register(
    Machine(
        "billing.ServiceRecord",
        frozenset({R.DRAFT.value}),
        {
            "issue": row(R.DRAFT, R.ISSUED, "record.issue"),
            "confirm": row(R.ISSUED, R.CONFIRMED, "record.answer"),
            "dispute": row({R.ISSUED, R.CONFIRMED}, R.DISPUTED, "record.answer"),
        },
    )
)

BATCH = register(
    Machine(
        "billing.BillingBatch",
        frozenset({B.OPEN.value}),
        {
            "freeze": row(B.OPEN, B.FROZEN, "batch.freeze"),
            "export": row(B.FROZEN, B.EXPORTED, "batch.export"),
        },
    )
)


def apply(offer: CostOffer, name: str, *, ticket: Ticket, actor: Any, now: datetime, **fields: Any) -> None:
    """Move an offer of a locked ticket along one row of OFFER; nothing else sets its status.

    `ticket.progress` is the permission of steps that follow from another action, which has asked
    for its own (accepting asks `billing/authority.py`).
    """
    step = OFFER.transitions[name]
    permissions.require(step.permission, actor, contact_of(actor, ticket.customer_id))
    old, new = move(OFFER, offer, name, **fields)
    data = {"offer": offer.pk, "concern": offer.concern_id, "from": old, "to": new}
    record(ticket, f"offer.{name}", actor=actor, now=now, data=data, public=True)


def apply_entry(entry: TimeEntry, name: str, **fields: Any) -> None:
    """Move a time entry along one row of TIME_ENTRY."""
    move(TIME_ENTRY, entry, name, **fields)


def apply_entries(entries: QuerySet[Any], name: str) -> int:
    """Move many time entries along one row of TIME_ENTRY, those that stand where it begins; returns how many."""
    return move_all(TIME_ENTRY, entries, name)


def apply_record(record_: ServiceRecord, name: str, **fields: Any) -> None:
    """Move a service record of a locked ticket along one row of SERVICE_RECORD; the caller records the event."""
    move(SERVICE_RECORD, record_, name, **fields)


def apply_batch(batch: BillingBatch, name: str, **fields: Any) -> None:
    """Move a locked batch along one row of BATCH."""
    move(BATCH, batch, name, **fields)
