"""Record a call: answered at once under the contract, taken up as a request, added to one, or of somebody unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.billing import timing
from klarfall.billing.actions.assessments import Verdict, answer_covered
from klarfall.billing.actions.time import record_time
from klarfall.billing.models import Purpose, WorkChannel
from klarfall.contracts.models import CatalogueItem
from klarfall.core import vendor
from klarfall.core.action import Refused, action
from klarfall.customers.models import Contact, Customer
from klarfall.customers.phone_numbers import LONGEST, e164
from klarfall.telephony.actions.callbacks import miss_contact, reach_contact
from klarfall.telephony.models import Call, CallbackWish, CallOutcome, Direction, LiveCall
from klarfall.tickets import text
from klarfall.tickets.actions.reply import reply
from klarfall.tickets.actions.submit import NewRequest, submit
from klarfall.tickets.models import Cause, Concern, ResolutionKind, Ticket

_NOTE = 4_000
_DEFECT = "COV-DEFECT"
_LONGEST = timedelta(hours=24)
#: Nothing was said, so nothing has to be noted.
_SILENT = (CallOutcome.WRONG_NUMBER, CallOutcome.NOBODY)


class CallRefused(Refused):
    """This call cannot be recorded like this; `field` says where."""

    code = "call_refused"


@dataclass(frozen=True, kw_only=True)
class CallNote:
    """What somebody writes down of a call. Instants are exact; `name` and `company` are for people nobody knows."""

    started_at: datetime
    ended_at: datetime
    outcome: str
    note: str = ""
    number: str = ""
    direction: str = Direction.INCOMING
    name: str = ""
    company: str = ""
    callback: CallbackWish | None = None
    live: LiveCall | None = None


@action
def record_call(call: CallNote, *, contact: Contact | None = None, actor: Any, now: datetime) -> Call:
    """Keep a call that makes no request: of somebody unknown, a wrong number, nobody reached. Returns it.

    Recorded twice (a second click) it is there once. Raises NotAllowed, UnusableText or CallRefused.
    """
    return _kept(call, contact, None, actor, now)


@action
def take_up_call(
    contact: Contact, *, call: CallNote, request: NewRequest, files: Sequence[Any] = (), actor: Any, now: datetime
) -> Call:
    """Write down a call as a request of the contact; its minutes are review, which costs nothing. Returns the call.

    Raises what `submit` raises, AlreadySent for a second click.
    """
    _prepare(call, actor, now)
    ticket = submit(contact, request=request, files=files, actor=actor, now=now)
    _count(ticket, call, request.channel, actor, now)
    return _kept(call, contact, ticket, actor, now)


@action
def answer_call(
    contact: Contact, *, call: CallNote, request: NewRequest, item: CatalogueItem, actor: Any, now: datetime
) -> Call:
    """The one button: the call was answered and the contract covers it. Request, assessment, time, solution at once.

    The note is the answer and what the assessment rests on, so the customer reads it (R39). Returns the call.
    """
    _prepare(call, actor, now)
    note = text.required(call.note, field="note", limit=_NOTE)
    ticket = submit(contact, request=request, actor=actor, now=now)
    _count(ticket, call, request.channel, actor, now)
    reason = item.said("reason_template", contact.user.language) or note
    cause = Cause.DEFECT if item.code == _DEFECT else Cause.NOT_RELEVANT
    verdict = Verdict(item=item, reason=reason, cause=cause, by_call=True, call_note=note)
    kind = ResolutionKind.USE_CLARIFIED
    ticket = answer_covered(ticket, verdict=verdict, answer=note, resolution_kind=kind, actor=actor, now=now)
    return _kept(call, contact, ticket, actor, now)


@action
def add_call(ticket: Ticket, *, contact: Contact, call: CallNote, actor: Any, now: datetime) -> Call:
    """Add what was said to a request that is there already: the customer reads the note as a message (R39).

    Nobody reached: only the call is kept. An agreed call back is noted as fulfilled or missed.
    """
    _check(call, actor, now)
    if contact.customer_id != ticket.customer_id:
        raise CallRefused(_("This person belongs to another request."), field="ticket")
    if call.outcome not in _SILENT:
        reply(ticket, text=call.note, channel="phone", actor=actor, now=now)
    return _kept(call, contact, ticket, actor, now)


@action
def assign_call(call: Call, *, contact: Contact, request: NewRequest, actor: Any, now: datetime) -> Call:
    """Somebody unknown has become known: their call is a request of the contact from now on. Returns the call."""
    permissions.require("call.record", actor)
    call = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    if call.ticket_id is not None:
        raise CallRefused(_("This call belongs to a request already."))
    call.ticket = submit(contact, request=request, actor=actor, now=now)
    call.contact, call.customer = contact, Customer(pk=contact.customer_id)
    call.save(update_fields=["ticket", "contact", "customer"])
    return call


def _prepare(call: CallNote, actor: Any, now: datetime) -> None:
    """Check first, and lock the agent before any ticket, as everything that records time does."""
    _check(call, actor, now)
    timing.lock_agent(actor.pk)


def _check(call: CallNote, actor: Any, now: datetime) -> None:
    permissions.require("call.record", actor)
    if call.outcome not in CallOutcome.values:
        raise CallRefused(_("Please say how the call ended."), field="outcome")
    if call.direction not in Direction.values:
        raise CallRefused(_("Please say who called."), field="direction")
    if call.ended_at > now:
        raise CallRefused(_("The call cannot end in the future."), field="ended")
    if not timedelta(0) <= call.ended_at - call.started_at <= _LONGEST:
        raise CallRefused(_("The end must not be earlier than the start, nor a day later."), field="ended")


def _count(ticket: Ticket, call: CallNote, channel: str, actor: Any, now: datetime) -> None:
    """The minutes of the call as review. Whose timer runs on something else meanwhile counts them there (INV-22)."""
    if call.ended_at <= call.started_at:
        return
    try:
        timing.check_overlap(actor, call.started_at, call.ended_at)
    except timing.TimeRefused:
        return
    record_time(
        Concern.objects.get(ticket=ticket),
        purpose=Purpose.TRIAGE,
        channel=WorkChannel.PHONE if channel == "phone" else WorkChannel.EMAIL,
        start=call.started_at,
        end=call.ended_at,
        activity=_("Telephone call"),
        late_reason=_("The call was written down later."),
        actor=actor,
        now=now,
    )


def _kept(call: CallNote, contact: Contact | None, ticket: Ticket | None, actor: Any, now: datetime) -> Call:
    _check(call, actor, now)
    fields = _fields(call)
    again = Call.objects.filter(agent=actor, started_at=call.started_at, note=fields["note"], ticket=ticket)
    if (same := again.filter(number=fields["number"], name=fields["name"]).first()) is not None:
        return same
    found = Call.objects.create(
        **fields,
        customer_id=contact.customer_id if contact else None,
        contact=contact,
        ticket=ticket,
        agent=actor,
        recorded_at=now,
    )
    if call.callback is not None and call.callback.is_open:
        done = miss_contact if call.outcome == CallOutcome.NOBODY else reach_contact
        done(call.callback, actor=actor, now=now)
    return found


def _fields(call: CallNote) -> dict[str, object]:
    """What is stored, each checked; a call in which something was said has a note."""
    noted = text.optional if call.outcome in _SILENT else text.required
    number = text.optional_line(call.number, field="number", limit=LONGEST)
    return {
        "direction": call.direction,
        "number": number,
        "number_e164": e164(number, vendor.current().country),
        "name": text.optional_line(call.name, field="name", limit=120),
        "company": text.optional_line(call.company, field="company", limit=160),
        "started_at": call.started_at,
        "ended_at": call.ended_at,
        "outcome": call.outcome,
        "note": noted(call.note, field="note", limit=_NOTE),
        "callback": call.callback,
        "live": call.live,
    }
