"""How a ticket and a concern move from state to state: two tables and their one `apply` each.

The tables are the specification: `docs/ticket-lifecycle.md` and the guards in PostgreSQL are made
from them (domain.md, section 5). Callers hold the lock of the ticket (`tickets/locking.py`).
"""

from datetime import datetime
from typing import Any

from klarfall.accounts import permissions
from klarfall.core.machines import register
from klarfall.core.workflow import Machine, move, row
from klarfall.customers.models import contact_of
from klarfall.tickets import sla
from klarfall.tickets.events import record
from klarfall.tickets.locking import next_fact
from klarfall.tickets.models import Concern, ConsultantRequest, RemoteSession, SealedText, Ticket, TrainingRequest
from klarfall.tickets.models.handover import HandoverStatus as H
from klarfall.tickets.models.remote_session import RemoteStatus as R
from klarfall.tickets.status import ConcernStatus as C
from klarfall.tickets.status import TicketStatus as T

_AT_WORK = {T.IN_REVIEW, T.IN_PROGRESS, T.WAITING_FOR_CUSTOMER, T.WAITING_FOR_DECISION}

TICKET = register(
    Machine(
        "tickets.Ticket",
        frozenset({T.NEW.value}),
        {
            "begin_review": row(T.NEW, T.IN_REVIEW, "ticket.review", "runs"),
            "ask_coverage": row(T.NEW, T.IN_REVIEW, "ticket.ask_coverage", "runs"),
            "review_again": row(_AT_WORK - {T.IN_REVIEW}, T.IN_REVIEW, "ticket.progress", "runs"),
            "work": row(_AT_WORK - {T.IN_PROGRESS}, T.IN_PROGRESS, "ticket.progress", "runs"),
            "wait_for_customer": row(
                _AT_WORK - {T.WAITING_FOR_CUSTOMER},
                T.WAITING_FOR_CUSTOMER,
                "ticket.progress",
                "paused",
            ),
            "wait_for_decision": row(
                _AT_WORK - {T.WAITING_FOR_DECISION},
                T.WAITING_FOR_DECISION,
                "ticket.progress",
                "paused",
            ),
            "resolve": row(_AT_WORK, T.RESOLVED, "ticket.resolve", "stopped"),
            # By itself when every concern is finished without work; whoever ended the last one acts.
            "resolve_by_itself": row(_AT_WORK, T.RESOLVED, "ticket.progress", "stopped"),
            "cancel": row({T.NEW, T.IN_REVIEW}, T.CANCELLED, "ticket.cancel", "stopped"),
            "reopen": row(T.RESOLVED, T.IN_PROGRESS, "ticket.reopen", "runs"),
            "close": row(T.RESOLVED, T.CLOSED, "ticket.close", "stopped"),
        },
    )
)

_EVERY = set(C) - {C.OPEN, C.IN_REVIEW}

CONCERN = register(
    Machine(
        "tickets.Concern",
        frozenset({C.OPEN.value}),
        {
            "begin_review": row(C.OPEN, C.IN_REVIEW, "assessment.publish"),
            "reassess": row(_EVERY, C.IN_REVIEW, "ticket.progress"),
            "publish_covered": row(C.IN_REVIEW, C.COVERED, "assessment.publish"),
            "publish_chargeable": row(C.IN_REVIEW, C.CHARGEABLE, "assessment.publish"),
            "publish_not_offered": row(C.IN_REVIEW, C.NOT_OFFERED, "assessment.publish"),
            "send_offer": row(
                {C.CHARGEABLE, C.DECLINED, C.EXPIRED, C.OTHER_FORM, C.STOPPED},
                C.OFFERED,
                "offer.send",
            ),
            # The only offer was taken back before it was decided.
            "withdraw_offer": row(C.OFFERED, C.CHARGEABLE, "ticket.progress"),
            "accept_offer": row(C.OFFERED, C.ACCEPTED, "ticket.progress"),
            "decline_offer": row(C.OFFERED, C.DECLINED, "offer.decline"),
            "choose_other_form": row(C.OFFERED, C.OTHER_FORM, "offer.decline"),
            "expire_offer": row(C.OFFERED, C.EXPIRED, "offer.expire"),
            # Re-assessed with the same item: an acceptance goes on (section 6, rule 9).
            "keep_accepted": row(C.CHARGEABLE, C.ACCEPTED, "ticket.progress"),
            "keep_cap_reached": row(C.CHARGEABLE, C.CAP_REACHED, "ticket.progress"),
            "reach_cap": row(C.ACCEPTED, C.CAP_REACHED, "ticket.progress"),
            "extend": row(C.CAP_REACHED, C.ACCEPTED, "ticket.progress"),
            "stop": row({C.ACCEPTED, C.CAP_REACHED}, C.STOPPED, "work.stop"),
            "refer": row(C.NOT_OFFERED, C.REFERRED, "ticket.progress"),
            "finish": row({C.ACCEPTED, C.CAP_REACHED, C.COVERED, C.NOT_OFFERED}, C.DONE, "ticket.progress"),
        },
    )
)

#: Steps that are facts for the billing engine where they lead to *done* or away from it: the event says which
#: place the fact has among those of the concern.
FACTS = ("finish", "reassess")

_HANDOVER = {
    "forward": row(H.REQUESTED, H.FORWARDED, "consulting.handle"),
    "schedule": row({H.REQUESTED, H.FORWARDED, H.SCHEDULED}, H.SCHEDULED, "consulting.handle"),
    "complete": row({H.REQUESTED, H.FORWARDED, H.SCHEDULED}, H.DONE, "consulting.handle"),
    "withdraw": row({H.REQUESTED, H.FORWARDED, H.SCHEDULED}, H.WITHDRAWN, "consulting.handle"),
}
CONSULTING = register(Machine("tickets.ConsultantRequest", frozenset({H.REQUESTED.value}), _HANDOVER))
TRAINING = register(Machine("tickets.TrainingRequest", frozenset({H.REQUESTED.value}), _HANDOVER))

#: A session runs exactly as long as time of it does (`billing/remote_time.py`).
REMOTE = register(
    Machine(
        "tickets.RemoteSession",
        frozenset({R.INVITED.value, R.AGREED.value}),
        {
            "agree": row(R.INVITED, R.AGREED, "consent.record"),
            "decline": row(R.INVITED, R.DECLINED, "consent.record"),
            "withdraw": row(R.AGREED, R.CANCELLED, "consent.record"),
            "cancel": row({R.INVITED, R.AGREED}, R.CANCELLED, "remote.hold"),
            "begin": row(R.AGREED, R.RUNNING, "remote.hold"),
            "end": row(R.RUNNING, R.ENDED, "remote.end"),
        },
    )
)


def apply(
    ticket: Ticket, name: str, *, actor: Any, now: datetime, sealed: SealedText | None = None, **fields: Any
) -> None:
    """Move a locked ticket along one row of TICKET; nothing else sets its status.

    `fields` of the ticket are saved with it, `sealed` is the text that belongs to the event;
    deadlines are recalculated. Raises NotAllowed or TransitionNotAllowed and changes nothing.
    """
    step = TICKET.transitions[name]
    permissions.require(step.permission, actor, contact_of(actor, ticket.customer_id))
    fields |= {"status_since": now, "changed_at": now, **sla.after(ticket, step.clock, now)}
    old, new = move(TICKET, ticket, name, **fields)
    data = {"from": old, "to": new}
    record(ticket, f"ticket.{name}", actor=actor, now=now, data=data, sealed=sealed, public=True)


def apply_concern(concern: Concern, name: str, *, ticket: Ticket, actor: Any, now: datetime, **fields: Any) -> None:
    """Move a concern of a locked ticket along one row of CONCERN; nothing else sets its status."""
    step = CONCERN.transitions[name]
    permissions.require(step.permission, actor, contact_of(actor, ticket.customer_id))
    old, new = move(CONCERN, concern, name, **fields)
    data: dict[str, Any] = {"concern": concern.pk, "from": old, "to": new}
    if name in FACTS and C.DONE in (old, new):
        data["fact"] = next_fact(concern)
    record(ticket, f"concern.{name}", actor=actor, now=now, data=data, public=True)


def apply_handover(request: ConsultantRequest | TrainingRequest, name: str, *, actor: Any, **fields: Any) -> None:
    """Move a locked hand-over along one row of its table."""
    permissions.require(_HANDOVER[name].permission, actor)
    move(CONSULTING if isinstance(request, ConsultantRequest) else TRAINING, request, name, **fields)


def apply_remote(session: RemoteSession, name: str, *, ticket: Ticket, actor: Any, **fields: Any) -> None:
    """Move a remote session of a locked ticket along one row of REMOTE; nothing else sets its status."""
    permissions.require(REMOTE.transitions[name].permission, actor, contact_of(actor, ticket.customer_id))
    move(REMOTE, session, name, **fields)
