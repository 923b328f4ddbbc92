"""Take an event of the telephone system: a call comes in, is answered, ends."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from klarfall.accounts import permissions
from klarfall.accounts.models import Kind, User
from klarfall.core import vendor
from klarfall.core.action import Refused, action
from klarfall.customers.phone_numbers import e164
from klarfall.telephony import hook_events
from klarfall.telephony.models import HookEvent, LiveCall


class Replayed(Refused):
    """An event of this id was taken before."""

    code = "replayed"


@action
def take_event(event: hook_events.HookEvent, *, actor: Any, now: datetime) -> LiveCall | None:
    """Keep what the event says about its call; None where it is about the telephone of nobody here.

    Events may come in any order and from several lines of the same call. Raises Replayed, NotAllowed.
    """
    permissions.require("call.report", actor)
    try:
        with transaction.atomic():
            HookEvent.objects.create(event_id=event.event_id, at=now)
    except IntegrityError:
        raise Replayed(event.event_id) from None
    agent = _agent(event.agent)
    if event.agent and agent is None:
        return None
    start = {"began_at": event.at, "changed_at": now}
    call, _made = LiveCall.objects.select_for_update(of=("self",)).get_or_create(call_id=event.call_id, defaults=start)
    _note(call, event, agent)
    call.changed_at = now
    call.save()
    return call


def _note(call: LiveCall, event: hook_events.HookEvent, agent: User | None) -> None:
    if event.number:
        call.number, call.number_e164 = event.number, e164(event.number, vendor.current().country)
    call.dialled = event.dialled or call.dialled
    call.agent = agent or call.agent
    call.began_at = min(call.began_at, event.at)
    if event.kind == "answered":
        call.answered_at = event.at
    elif event.kind == "ended":
        call.ended_at = event.at


def _agent(name: str) -> User | None:
    """The member of staff with this address or extension."""
    if not name:
        return None
    staff = User.objects.filter(kind=Kind.STAFF, is_active=True)
    if "@" in name:
        return staff.filter(email=name.lower()).first()
    return staff.filter(extension__number="".join(sign for sign in name if sign.isdecimal() or sign == "+")).first()
