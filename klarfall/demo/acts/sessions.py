"""Remote sessions of the demo: asked for, agreed to, begun and ended by the real actions."""

from typing import Any

from klarfall.billing.actions import remote as held
from klarfall.contracts.remote_consent import hash_of
from klarfall.core.action import Refused
from klarfall.demo.scene import Scene
from klarfall.demo.script import Act
from klarfall.tickets.actions import remote
from klarfall.tickets.models import RemoteSession

_EVIDENCE = {"address": "192.0.2.10", "browser": "Demo"}


def ask_to_look(purpose: str, code: str = "", *, concern: int = 1) -> Act:
    """Ask the requester for a look at their screen."""

    def act(scene: Scene, actor: Any) -> None:
        ticket = scene.request
        scene.remote = remote.invite_to_session(
            ticket,
            contact=ticket.contact,
            purpose=scene.words(purpose),
            concern=scene.concern(concern),
            code=code,
            actor=actor,
            now=scene.now,
        )

    return act


def let_look() -> Act:
    """Agree to it on its page."""

    def act(scene: Scene, actor: Any) -> None:
        session = _session(scene)
        shown = hash_of(session.consent_text.said("de")) if session.consent_text else ""
        remote.agree(session, text_hash=shown, evidence=_EVIDENCE, actor=actor, now=scene.now)

    return act


def look(*, purpose: str = "work", concern: int = 1) -> Act:
    """Begin the session and its timer."""

    def act(scene: Scene, actor: Any) -> None:
        wanted = scene.concern(concern)
        held.start_session(_session(scene), concern=wanted, purpose=purpose, actor=actor, now=scene.now)

    return act


def end_look(note: str = "") -> Act:
    """End the session; its timer ends with it."""

    def act(scene: Scene, actor: Any) -> None:
        held.end_session(_session(scene), note=scene.words(note), actor=actor, now=scene.now)

    return act


class NothingAsked(Refused):
    """A story goes on with a session for which nobody has asked: a mistake of the story."""


def _session(scene: Scene) -> RemoteSession:
    if scene.remote is None:
        raise NothingAsked
    found: RemoteSession = RemoteSession.objects.select_related("ticket", "consent_text").get(pk=scene.remote.pk)
    return found
