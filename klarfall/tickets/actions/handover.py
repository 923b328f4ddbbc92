"""Hand a wish over to the consultants or to training; no support is charged for it (R54)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.contracts.models import Product, TrainingOffer
from klarfall.contracts.queries import local_day
from klarfall.core import changes, vendor
from klarfall.core.action import NotAllowed, Refused, action
from klarfall.core.jobs import enqueue
from klarfall.customers.models import Contact
from klarfall.tickets import conversation, handing_over, progress, text, workflow
from klarfall.tickets.events import record
from klarfall.tickets.locking import locked_concern
from klarfall.tickets.models import Concern, ConsultantRequest, HandoverStatus, Ticket, TrainingRequest
from klarfall.tickets.status import ConcernStatus

#: The same wish again within this time is a second click.
_SECOND_CLICK = timedelta(minutes=2)
_MOST_DAYS = 3
_LONGEST_APPOINTMENT = 10 * 60  # minutes

_STEPS = {
    HandoverStatus.FORWARDED: "forward",
    HandoverStatus.SCHEDULED: "schedule",
    HandoverStatus.DONE: "complete",
    HandoverStatus.WITHDRAWN: "withdraw",
}


class NotHandedOver(Refused):
    """The wish cannot be handed over like this; `field` says where."""

    code = "not_handed_over"


@action
def request_consulting(
    contact: Contact,
    *,
    product: Product,
    wish: str,
    place: str = "",
    preferred_dates: str = "",
    preferred_on: Sequence[date] = (),
    concern: Concern | None = None,
    ticket: Ticket | None = None,
    actor: Any,
    now: datetime,
) -> ConsultantRequest:
    """Ask the consultants for an appointment, from a concern or directly; returns the request.

    Where the team has an address it is handed over at once. A concern that is not offered counts as referred from
    then on. An action that holds the lock of the concern's ticket hands that `ticket` over and settles it itself.
    """
    fields = {
        "wish": text.required(wish, field="wish", limit=4_000),
        "place": text.optional_line(place, field="place", limit=200),
        "preferred_dates": text.optional_line(preferred_dates, field="preferred_dates", limit=200),
        "preferred_on": _days(preferred_on, now),
    }
    _check(contact, product, concern, "consulting.request", actor)
    request = ConsultantRequest(**_origin(contact, product, concern, actor, now), **fields)
    _store(request, now)
    if concern is not None:
        _note(concern, request, "handover.consulting", ticket=ticket, actor=actor, now=now)
    else:
        _tell(request)
    return request


@action
def request_training(
    contact: Contact,
    *,
    product: Product,
    wish: str,
    offer: TrainingOffer | None = None,
    preferred_on: Sequence[date] = (),
    concern: Concern | None = None,
    ticket: Ticket | None = None,
    actor: Any,
    now: datetime,
) -> TrainingRequest:
    """Ask for a training, one on offer or another; `concern` and `ticket` as for consulting. Returns the request."""
    words = text.required(wish, field="wish", limit=4_000)
    _check(contact, product, concern, "training.request", actor)
    if offer is not None and not offer.active:
        raise NotHandedOver(_("This training is not on offer any more."), field="offer")
    fields = {"wish": words, "offer": offer, "preferred_on": _days(preferred_on, now)}
    request = TrainingRequest(**_origin(contact, product, concern, actor, now), **fields)
    _store(request, now)
    if concern is not None:
        _note(concern, request, "handover.training", ticket=ticket, actor=actor, now=now)
    else:
        _tell(request)
    return request


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """What was agreed: the day, and where they are known the time of day and the length in minutes."""

    on: date
    starts_at: datetime | None = None
    minutes: int | None = None
    place: str = ""

    @classmethod
    def at(cls, on: date, time: clock_time | None, minutes: int | None, place: str) -> "Appointment":
        """Of what was typed: the time of day is meant in the vendor's zone; without one there is no length."""
        starts_at = datetime.combine(on, time, tzinfo=vendor.zone()) if time else None
        return cls(on=on, starts_at=starts_at, minutes=minutes if time else None, place=place)


@action
def set_handover_status(
    request: ConsultantRequest | TrainingRequest,
    *,
    status: str,
    appointment: Appointment | None = None,
    note: str = "",
    actor: Any,
    now: datetime,
) -> ConsultantRequest | TrainingRequest:
    """Say how far the other team is; the customer sees it. `note` is the team's word to the customer.

    A specialist does it, or the system for the team that came by its link. Returns the request.
    """
    step = _STEPS.get(status)  # type: ignore[call-overload]
    if step is None:
        raise NotHandedOver(_("Please choose how far it is."), field="status")
    if (status == HandoverStatus.SCHEDULED) != (appointment is not None):
        raise NotHandedOver(_("Please give the agreed day."), field="scheduled_on")
    fields = _agreed(appointment, now) if appointment else {}
    if words := text.optional(note, field="note", limit=2_000):
        fields["team_note"] = words
    if request.concern is not None:
        locked_concern(request.concern)
    request = type(request).objects.select_for_update(of=("self",)).get(pk=request.pk)
    if status in (HandoverStatus.SCHEDULED, HandoverStatus.WITHDRAWN):
        fields["calendar_sequence"] = request.calendar_sequence + 1
    workflow.apply_handover(request, step, actor=actor, **fields)
    if request.team_address and "calendar_sequence" in fields:
        handing_over.mail_team(request)
    if request.concern is not None:
        _note(request.concern, request, "handover.status", ticket=None, actor=actor, now=now)
    else:
        _tell(request)
    return request


@action
def hand_over(
    request: ConsultantRequest | TrainingRequest, *, address: str, actor: Any, now: datetime
) -> ConsultantRequest | TrainingRequest:
    """Mail the wish to this address of the other team, the first time or once more. Returns the request."""
    permissions.require("consulting.handle", actor)
    checked = handing_over.checked_address(address)
    if request.concern is not None:
        locked_concern(request.concern)
    request = type(request).objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.status in (HandoverStatus.DONE, HandoverStatus.WITHDRAWN):
        raise NotHandedOver(_("This wish is finished."))
    begins = request.status == HandoverStatus.REQUESTED
    fields = {"team_address": checked, "handed_over_at": now, "calendar_sequence": request.calendar_sequence + 1}
    if begins:
        workflow.apply_handover(request, "forward", actor=actor, **fields)
    else:
        changes.change(request, fields)
    handing_over.mail_team(request)
    if begins and request.concern is not None:
        _note(request.concern, request, "handover.status", ticket=None, actor=actor, now=now)
    elif begins:
        _tell(request)
    return request


def _agreed(appointment: Appointment, now: datetime) -> dict[str, Any]:
    """The columns of an appointment; raises NotHandedOver."""
    if appointment.on < local_day(now):
        raise NotHandedOver(_("This day has passed already."), field="scheduled_on")
    if appointment.starts_at is not None and local_day(appointment.starts_at) != appointment.on:
        raise NotHandedOver(_("Day and time do not belong together."), field="starts_at")
    if appointment.minutes is not None and not 0 < appointment.minutes <= _LONGEST_APPOINTMENT:
        raise NotHandedOver(_("Please enter a length between 1 minute and 10 hours."), field="minutes")
    place = text.optional_line(appointment.place, field="place", limit=200)
    fields = {"scheduled_on": appointment.on, "starts_at": appointment.starts_at, "minutes": appointment.minutes}
    return fields | ({"place": place} if place else {})


def _days(days: Sequence[date], now: datetime) -> list[date]:
    """Up to three days to come, in their order."""
    found = sorted(set(days))
    if len(found) > _MOST_DAYS:
        raise NotHandedOver(_("Three days are enough."), field="preferred_on")
    if found and found[0] < local_day(now):
        raise NotHandedOver(_("This day has passed already."), field="preferred_on")
    return found


def _check(contact: Contact, product: Product, concern: Concern | None, permission: str, actor: Any) -> None:
    """A contact asks for itself, staff for anybody; the concern is of the same customer."""
    own = contact.user_id == actor.pk
    permissions.require(permission, actor, contact if own else None)
    if not contact.is_active:
        raise NotAllowed(_("This person does not act for the customer any more."))
    if not product.active:
        raise NotHandedOver(_("This product is no longer supported."), field="product")
    if concern is not None and concern.customer_id != contact.customer_id:
        raise NotHandedOver(_("This concern belongs to another request."))


def _origin(contact: Contact, product: Product, concern: Concern | None, actor: Any, now: datetime) -> dict[str, Any]:
    return {
        "customer_id": contact.customer_id,
        "contact": contact,
        "product": product,
        "concern": concern,
        "created_by": actor,
        "created_at": now,
    }


def _store(request: ConsultantRequest | TrainingRequest, now: datetime) -> None:
    """Save it with its number, unless the same wish came a moment ago (a second click)."""
    same = type(request).objects.filter(
        contact=request.contact, wish=request.wish, concern=request.concern, created_at__gte=now - _SECOND_CLICK
    )
    Contact.objects.select_for_update(of=("self",), no_key=True).get(pk=request.contact.pk)
    if same.exists():
        raise NotHandedOver(_("You have just sent this wish."), field="wish")
    request.save()
    request.refresh_from_db(fields=["number"])
    if address := handing_over.team_of(request.product):
        fields = {"team_address": address, "handed_over_at": now}
        workflow.apply_handover(request, "forward", actor=User.objects.system(), **fields)
        handing_over.mail_team(request)


def _tell(request: ConsultantRequest | TrainingRequest) -> None:
    """A wish without a concern has no history whose events are told; its news goes out by itself."""
    enqueue("channels.wish", kind=request._meta.model_name, wish_id=request.pk, status=str(request.status))


def _note(
    concern: Concern,
    request: ConsultantRequest | TrainingRequest,
    kind: str,
    *,
    ticket: Ticket | None,
    actor: Any,
    now: datetime,
) -> None:
    """The history of the concern's ticket; a concern that support does not offer is referred."""
    held = ticket is not None
    if ticket is None:
        concern, ticket = locked_concern(concern)
    data = {"concern": concern.pk, "request": request.pk, "number": request.number, "status": str(request.status)}
    record(ticket, kind, actor=actor, now=now, data=data, public=True)
    if kind == "handover.consulting" and concern.status == ConcernStatus.NOT_OFFERED:
        workflow.apply_concern(concern, "refer", ticket=ticket, actor=actor, now=now)
    conversation.save(ticket, {}, now=now)
    if not held:
        progress.settle(ticket, actor=actor, now=now)
