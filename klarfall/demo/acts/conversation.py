"""What people write and do about a request itself: each act is one call of a real action, at the instant of the scene."""

from typing import Any

from klarfall.demo.acts.speech import done, uploads
from klarfall.demo.files import Sample
from klarfall.demo.scene import Scene
from klarfall.demo.script import Act
from klarfall.tickets.actions import assign as assigning
from klarfall.tickets.actions import cancel as cancelling
from klarfall.tickets.actions import rate as rating
from klarfall.tickets.actions import remote, reply, review
from klarfall.tickets.actions import reopen as reopening
from klarfall.tickets.actions import restore as restoring


def say(text: str, *files: Sample, asks: bool = False, concern: int | None = None, channel: str = "portal") -> Act:
    """Write to the other side; `asks` makes an agent's message a question that waits for the customer."""

    def act(scene: Scene, actor: Any) -> None:
        reply.reply(
            scene.request,
            text=scene.words(text),
            files=uploads(scene, files),
            concern=scene.concern(concern) if concern else None,
            channel=channel,
            waits_for_customer=asks,
            actor=actor,
            now=scene.now,
        )

    return act


def follow_up(text: str) -> Act:
    """Write to a closed request: the story goes on with the new one that points back."""

    def act(scene: Scene, actor: Any) -> None:
        message = reply.reply(scene.request, text=scene.words(text), actor=actor, now=scene.now)
        scene.ticket = message.ticket
        scene.offers.clear()

    return act


def note(text: str, *files: Sample) -> Act:
    """Write an internal note."""

    def act(scene: Scene, actor: Any) -> None:
        words = scene.words(text)
        reply.write_note(scene.request, text=words, files=uploads(scene, files), actor=actor, now=scene.now)

    return act


def begin_review() -> Act:
    """Look at a new request."""
    return lambda scene, actor: done(review.begin_review(scene.request, actor=actor, now=scene.now))


def ask_coverage() -> Act:
    """*Ist das im Vertrag enthalten?*"""
    return lambda scene, actor: done(review.ask_coverage(scene.request, actor=actor, now=scene.now))


def split(first: str, *others: str) -> Act:
    """Split into concerns; the first one is renamed."""

    def act(scene: Scene, actor: Any) -> None:
        review.rename_concern(scene.concern(), title=scene.words(first), actor=actor, now=scene.now)
        review.split(scene.request, titles=[scene.words(one) for one in others], actor=actor, now=scene.now)

    return act


def assign(name: str) -> Act:
    """Give the request to a specialist."""

    def act(scene: Scene, actor: Any) -> None:
        assigning.assign(scene.request, to=scene.cast.staff[name], actor=actor, now=scene.now)

    return act


def restore(workaround: str) -> Act:
    """The customer can work again."""

    def act(scene: Scene, actor: Any) -> None:
        words = scene.words(workaround)
        restoring.restore(scene.request, at=scene.now, workaround=words, actor=actor, now=scene.now)

    return act


def cancel(reason: str) -> Act:
    """Withdraw the request."""

    def act(scene: Scene, actor: Any) -> None:
        cancelling.cancel(scene.request, reason=scene.words(reason), actor=actor, now=scene.now)

    return act


def reopen(text: str) -> Act:
    """Open a solved request again."""

    def act(scene: Scene, actor: Any) -> None:
        reopening.reopen(scene.request, text=scene.words(text), actor=actor, now=scene.now)

    return act


def rate(stars: int, comment: str = "") -> Act:
    """Rate the help."""

    def act(scene: Scene, actor: Any) -> None:
        rating.rate(scene.request, stars=stars, comment=scene.words(comment), actor=actor, now=scene.now)

    return act


def consent(purpose: str, way: str = "phone", **options: Any) -> Act:
    """Record the consent of the requester to a remote session."""

    def act(scene: Scene, actor: Any) -> None:
        ticket = scene.request
        scene.remote = remote.record_consent(
            ticket,
            contact=ticket.contact,
            purpose=scene.words(purpose),
            way=way,
            at=scene.now,
            actor=actor,
            now=scene.now,
            **options,
        )

    return act
