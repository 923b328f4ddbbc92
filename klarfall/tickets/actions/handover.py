"""Hand a wish over to the consultants or to training; no support is charged for it (R54)."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models import Product
from klarfall.contracts.queries import local_day
from klarfall.core.action import NotAllowed, Refused, action
from klarfall.core.jobs import enqueue
from klarfall.customers.models import Contact
from klarfall.tickets import conversation, progress, text, workflow
from klarfall.tickets.events import record
from klarfall.tickets.locking import locked_concern
from klarfall.tickets.models import Concern, ConsultantRequest, HandoverStatus, Ticket, TrainingRequest
from klarfall.tickets.status import ConcernStatus

#: The same wish again within this time is a second click.
_SECOND_CLICK = timedelta(minutes=2)

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
    concern: Concern | None = None,
    ticket: Ticket | None = None,
    actor: Any,
    now: datetime,
) -> ConsultantRequest:
    """Ask the consultants for an appointment, from a concern or directly; returns the request.

    A concern that is not offered counts as referred from then on. An action that holds the lock of
    the concern's ticket hands that `ticket` over and settles it itself.
    """
    fields = {
        "wish": text.required(wish, field="wish", limit=4_000),
        "place": text.optional_line(place, field="place", limit=200),
        "preferred_dates": text.optional_line(preferred_dates, field="preferred_dates", limit=200),
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
    concern: Concern | None = None,
    ticket: Ticket | None = None,
    actor: Any,
    now: datetime,
) -> TrainingRequest:
    """Ask for a training, from a concern or directly; `ticket` as for consulting. Returns the request."""
    words = text.required(wish, field="wish", limit=4_000)
    _check(contact, product, concern, "training.request", actor)
    request = TrainingRequest(**_origin(contact, product, concern, actor, now), wish=words)
    _store(request, now)
    if concern is not None:
        _note(concern, request, "handover.training", ticket=ticket, actor=actor, now=now)
    else:
        _tell(request)
    return request


@action
def set_handover_status(
    request: ConsultantRequest | TrainingRequest,
    *,
    status: str,
    scheduled_on: date | None = None,
    actor: Any,
    now: datetime,
) -> ConsultantRequest | TrainingRequest:
    """Say how far the other team is; the customer sees it. `scheduled_on` is the agreed day. Returns the request."""
    step = _STEPS.get(status)  # type: ignore[call-overload]
    if step is None:
        raise NotHandedOver(_("Please choose how far it is."), field="status")
    if (status == HandoverStatus.SCHEDULED) != (scheduled_on is not None):
        raise NotHandedOver(_("Please give the agreed day."), field="scheduled_on")
    if scheduled_on is not None and scheduled_on < local_day(now):
        raise NotHandedOver(_("This day has passed already."), field="scheduled_on")
    if request.concern is not None:
        locked_concern(request.concern)
    request = type(request).objects.select_for_update(of=("self",)).get(pk=request.pk)
    workflow.apply_handover(request, step, actor=actor, **({"scheduled_on": scheduled_on} if scheduled_on else {}))
    if request.concern is not None:
        _note(request.concern, request, "handover.status", ticket=None, actor=actor, now=now)
    else:
        _tell(request)
    return request


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
