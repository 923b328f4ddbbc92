"""Wish to be called back, take it back, and note how calling went."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.channels import switched_off
from klarfall.contracts.models.product import ChannelKind
from klarfall.core import vendor
from klarfall.core.action import Refused, action
from klarfall.customers.models import Contact
from klarfall.customers.phone_numbers import LONGEST, e164
from klarfall.service_levels.queries import hours_of
from klarfall.telephony import workflow
from klarfall.telephony.booking import free_place
from klarfall.telephony.models import CallbackWish
from klarfall.telephony.slots import Slot, slot_at
from klarfall.telephony.status import CallbackStatus
from klarfall.tickets import acting, text
from klarfall.tickets.actions.submit import NewRequest, submit
from klarfall.tickets.callback_words import MOST_CALL_ATTEMPTS
from klarfall.tickets.events import record
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Ticket
from klarfall.tickets.status import LIVE

_ABOUT = 400
#: Slots are few and for all customers: so many one of them may hold at a time.
MOST_SLOTS = 10


class CallbackRefused(Refused):
    """This call back cannot be agreed or noted like this; `field` says where."""

    code = "callback_refused"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Where and when somebody wants to be called; `start` None = as soon as possible."""

    number: str
    start: datetime | None = None
    about: str = ""


@action
def request_callback(ticket: Ticket, *, contact: Contact, wish: Wish, actor: Any, now: datetime) -> CallbackWish:
    """Wish to be called back about a request; the contact gets a confirmation by mail. Returns the wish.

    Contacts wish for themselves, about requests they see; staff writes down what a contact of the customer wishes.
    Raises NotAllowed, UnusableText or CallbackRefused: one open wish per request, slots within service hours only.
    """
    ticket = locked(ticket)
    own = acting.require("callback.request", actor, ticket, now)
    if (own is not None and own.pk != contact.pk) or contact.customer_id != ticket.customer_id:
        raise CallbackRefused(_("This person belongs to another request."))
    if ticket.status not in LIVE:
        raise CallbackRefused(_("This request is finished. Please write to us, then it goes on."))
    if ChannelKind.PHONE in switched_off(ticket.product_id):
        raise CallbackRefused(_("The telephone is switched off for this product. Please write to us."))
    if own is not None and wish.start is not None:
        _leave_some(ticket, now)
    return _booked(ticket, contact, wish, actor, now)


@action
def request_call(contact: Contact, *, request: NewRequest, wish: Wish, actor: Any, now: datetime) -> CallbackWish:
    """Open a request by the wish to be called back; both or none. Returns the wish. Raises what its steps raise."""
    ticket = submit(contact, request=request, keep_draft=True, actor=actor, now=now)
    return request_callback(ticket, contact=contact, wish=wish, actor=actor, now=now)


@action
def cancel_callback(wish: CallbackWish, *, actor: Any, now: datetime) -> CallbackWish:
    """Take an open wish back; by whoever of the customer sees the request, or by us. Frees its place."""
    ticket, wish = _locked(wish)
    acting.require("callback.request", actor, ticket, now)
    workflow.apply(wish, "cancel", actor=actor, now=now)
    _note(ticket, wish, "callback.cancelled", actor, now)
    return wish


@action
def reach_contact(wish: CallbackWish, *, actor: Any, now: datetime) -> CallbackWish:
    """The call has taken place: the wish is fulfilled."""
    ticket, wish = _locked(wish)
    workflow.apply(wish, "complete", actor=actor, now=now, attempts=wish.attempts + 1)
    _note(ticket, wish, "callback.done", actor, now)
    return wish


@action
def miss_contact(wish: CallbackWish, *, actor: Any, now: datetime) -> CallbackWish:
    """Nobody was reached: the contact is told by mail. After the last attempt the wish is closed."""
    ticket, wish = _locked(wish)
    permissions.require("callback.handle", actor)
    if not wish.is_open:
        raise CallbackRefused(_("This wish is no longer open."))
    attempts = wish.attempts + 1
    if attempts >= MOST_CALL_ATTEMPTS:
        workflow.apply(wish, "miss", actor=actor, now=now, attempts=attempts)
    else:
        wish.attempts = attempts
        wish.save(update_fields=["attempts"])
    _note(ticket, wish, "callback.missed", actor, now)
    return wish


def _leave_some(ticket: Ticket, now: datetime) -> None:
    """Nobody takes all slots from the other customers; as soon as possible they may always be called."""
    held = CallbackWish.objects.filter(customer=ticket.customer_id, status=CallbackStatus.OPEN, slot_start__gt=now)
    if held.count() >= MOST_SLOTS:
        raise CallbackRefused(
            _("Your company has %(count)s call backs agreed already. Please choose a call as soon as possible.")
            % {"count": MOST_SLOTS},
            field="slot",
        )


def _booked(ticket: Ticket, contact: Contact, wish: Wish, actor: Any, now: datetime) -> CallbackWish:
    """Save the wish with a place in its slot; of two who want the last one the second is refused."""
    if CallbackWish.objects.filter(ticket=ticket, status=CallbackStatus.OPEN).exists():
        raise CallbackRefused(_("A call back is agreed already. To change it, take it back first."))
    slot, place = _slot(ticket, wish, now)
    number = text.line(wish.number, field="phone", limit=LONGEST)
    fields: dict[str, Any] = {
        "number": number,
        "number_e164": _readable(number, field="phone"),
        "about": text.optional(wish.about, field="about", limit=_ABOUT),
        "slot_start": slot.start if slot else None,
        "slot_end": slot.end if slot else None,
        "place": place,
        "due_at": slot.start if slot else now,
    }
    owner = {"customer_id": ticket.customer_id, "ticket": ticket, "contact": contact, "calendar": ticket.calendar}
    try:
        with transaction.atomic():
            found = CallbackWish.objects.create(**owner, **fields, created_by=actor, created_at=now)
    except IntegrityError:
        raise _full() from None
    _note(ticket, found, "callback.wished", actor, now)
    return found


def _slot(ticket: Ticket, wish: Wish, now: datetime) -> tuple[Slot | None, int | None]:
    if wish.start is None:
        return None, None
    slot = slot_at(wish.start, now, hours_of(ticket.calendar))
    if slot is None:
        raise CallbackRefused(_("We cannot call at this time. Please choose another one."), field="slot")
    place = free_place(ticket.calendar, slot.start)
    if place is None:
        raise _full()
    return slot, place


def _full() -> CallbackRefused:
    return CallbackRefused(_("This time has just been taken. Please choose another one."), field="slot")


def _readable(number: str, *, field: str) -> str:
    """The number in E.164; CallbackRefused where nobody could dial it."""
    found = e164(number, vendor.current().country)
    if not found:
        raise CallbackRefused(_("This is no telephone number we could call. Please check it."), field=field)
    return found


def _locked(wish: CallbackWish) -> tuple[Ticket, CallbackWish]:
    ticket = locked(Ticket(pk=wish.ticket_id))
    rows = CallbackWish.objects.select_for_update(of=("self",)).select_related("contact")
    return ticket, rows.get(pk=wish.pk)


def _note(ticket: Ticket, wish: CallbackWish, kind: str, actor: Any, now: datetime) -> None:
    """The history of the request; the slot is no secret, the number is."""
    slot = {}
    if wish.slot_start and wish.slot_end:
        slot = {"from": wish.slot_start.isoformat(), "until": wish.slot_end.isoformat()}
    data = {"callback": wish.pk, "to": wish.contact.user_id, "attempts": wish.attempts, **slot}
    record(ticket, kind, actor=actor, now=now, data=data, public=True)
    ticket.changed_at = now
    ticket.save(update_fields=["changed_at"])
