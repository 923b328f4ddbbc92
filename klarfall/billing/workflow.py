"""How a cost offer and a time entry move from state to state (domain.md, section 5)."""

from datetime import datetime
from typing import Any

from klarfall.accounts import permissions
from klarfall.billing.models import CostOffer, TimeEntry
from klarfall.billing.status import EntryStatus as E
from klarfall.billing.status import OfferStatus as O
from klarfall.core.machines import register
from klarfall.core.workflow import Machine, move, row
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
