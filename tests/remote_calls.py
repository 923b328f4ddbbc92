"""Calls of the actions about remote sessions, for the sweep of permissions."""

from collections.abc import Callable
from typing import Any

from klarfall.billing.actions import remote as held
from klarfall.contracts.actions.remote_consent import publish_consent_text
from klarfall.contracts.remote_consent import hash_of
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions import remote
from klarfall.tickets.models import RemoteSession


def _session(t: Any, name: str) -> Any:
    with viewing_as(SYSTEM):
        return RemoteSession.objects.select_related("ticket").get(pk=t.thing(name).pk)


def _agree(t: Any) -> Any:
    session = _session(t, "session")
    with viewing_as(SYSTEM):
        shown = hash_of(session.consent_text.said("de"))
    return remote.agree(session, text_hash=shown, **t.who)


ACTIONS: dict[Callable[..., Any], tuple[str, Callable[[Any], Any]]] = {
    remote.invite_to_session: (
        "remote.hold",
        lambda t: remote.invite_to_session(t.ticket("main"), contact=t.own, purpose="Ansehen", **t.who),
    ),
    remote.agree: ("consent.record", _agree),
    remote.decline_session: ("consent.record", lambda t: remote.decline_session(_session(t, "session"), **t.who)),
    remote.cancel_session: ("remote.hold", lambda t: remote.cancel_session(_session(t, "session"), **t.who)),
    remote.change_access: (
        "remote.hold",
        lambda t: remote.change_access(_session(t, "session"), link="", code="1", **t.who),
    ),
    remote.name_participant: (
        "remote.hold",
        lambda t: remote.name_participant(_session(t, "session"), name="Wer", **t.who),
    ),
    held.start_session: (
        "remote.hold",
        lambda t: held.start_session(_session(t, "session_agreed"), concern=t.concern("main"), purpose="work", **t.who),
    ),
    held.end_session: ("remote.end", lambda t: held.end_session(_session(t, "session_running"), **t.who)),
    held.still_there: ("remote.hold", lambda t: held.still_there(_session(t, "session_running"), **t.who)),
    held.watch_session: ("remote.watch", lambda t: held.watch_session(_session(t, "session_running"), **t.who)),
    publish_consent_text: (
        "house.set_up",
        lambda t: publish_consent_text(german="Neu.", english="New.", **t.who),
    ),
}
