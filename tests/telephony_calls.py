"""Calls of the actions about telephone calls and call backs, for the sweep of permissions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.telephony.actions import callbacks, calls
from klarfall.telephony.actions.extensions import set_extension
from klarfall.telephony.actions.live import take_event
from klarfall.telephony.actions.portal_link import suggest_portal
from klarfall.telephony.hook_events import HookEvent
from klarfall.telephony.models import Call, CallbackWish
from klarfall.tickets.actions.submit import NewRequest


def _request(t: Any, channel: str) -> NewRequest:
    return NewRequest(product=t.story.cast.erp, title="Neu", description="Neu", channel=channel)


def _note(t: Any) -> calls.CallNote:
    now = t.story.now
    return calls.CallNote(started_at=now - timedelta(minutes=2), ended_at=now, outcome="answered", note="Geklärt.")


def _wish(t: Any) -> CallbackWish:
    with viewing_as(SYSTEM):
        return CallbackWish.objects.select_related("contact").get(pk=t.thing("callback").pk)


def _call(t: Any) -> Call:
    with viewing_as(SYSTEM):
        return Call.objects.get(pk=t.thing("call").pk)


def _event(t: Any) -> HookEvent:
    return HookEvent(
        event_id="sweep", kind="incoming", call_id="sweep", number="", dialled="", agent="", at=t.story.now
    )


_WISH = callbacks.Wish(number="0211 5550142")

ACTIONS: dict[Callable[..., Any], tuple[str, Callable[[Any], Any]]] = {
    calls.record_call: ("call.record", lambda t: calls.record_call(_note(t), **t.who)),
    calls.take_up_call: (
        "call.record",
        lambda t: calls.take_up_call(t.own, call=_note(t), request=_request(t, "phone"), **t.who),
    ),
    calls.answer_call: (
        "call.record",
        lambda t: calls.answer_call(
            t.own, call=_note(t), request=_request(t, "phone"), item=t.story.cast.item("COV-USE"), **t.who
        ),
    ),
    calls.add_call: (
        "call.record",
        lambda t: calls.add_call(t.ticket("main"), contact=t.story.cast.bernd, call=_note(t), **t.who),
    ),
    calls.assign_call: (
        "call.record",
        lambda t: calls.assign_call(_call(t), contact=t.story.cast.bernd, request=_request(t, "phone"), **t.who),
    ),
    callbacks.request_callback: (
        "callback.request",
        lambda t: callbacks.request_callback(t.ticket("main"), contact=t.own, wish=_WISH, **t.who),
    ),
    callbacks.cancel_callback: ("callback.request", lambda t: callbacks.cancel_callback(_wish(t), **t.who)),
    callbacks.reach_contact: ("callback.handle", lambda t: callbacks.reach_contact(_wish(t), **t.who)),
    callbacks.miss_contact: ("callback.handle", lambda t: callbacks.miss_contact(_wish(t), **t.who)),
    callbacks.request_call: (
        "callback.request",
        lambda t: callbacks.request_call(
            t.own, request=_request(t, "portal" if t.contact else "phone"), wish=_WISH, **t.who
        ),
    ),
    suggest_portal: ("call.record", lambda t: suggest_portal(t.ticket("main"), **t.who)),
    set_extension: ("staff.change", lambda t: set_extension(t.story.cast.dora, number="77", **t.who)),
    take_event: ("call.report", lambda t: take_event(_event(t), **t.who)),
}
