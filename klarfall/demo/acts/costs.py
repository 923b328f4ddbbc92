"""Offers, decisions and work in the demo's stories."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

from klarfall.billing.actions import decisions, links, offers, resolution, time
from klarfall.billing.engine import Caps
from klarfall.core.action import Refused
from klarfall.demo.acts.speech import done, offer_terms
from klarfall.demo.scene import Scene
from klarfall.demo.schedule import When
from klarfall.demo.script import Act, Step
from klarfall.tickets.models import TrainingRequest

_EVIDENCE = {"address": "127.0.0.1", "browser": "Beispieldaten"}


def send_offer(*, concern: int = 1, **options: Any) -> Act:
    """Send a further offer: after a withdrawal or a wish, or as an extension."""

    def act(scene: Scene, actor: Any) -> None:
        scene.offers[concern] = offers.send_offer(
            scene.concern(concern), terms=offer_terms(scene, dict(options)), actor=actor, now=scene.now
        )

    return act


def withdraw_offer(*, concern: int = 1) -> Act:
    """Withdraw the offer that waits."""
    return lambda scene, actor: done(offers.withdraw_offer(scene.offer(concern), actor=actor, now=scene.now))


def accept(*, cap: int | None = None, order: str = "", comment: str = "", concern: int = 1) -> Act:
    """Commission the work, with the cap as offered or with a listed lower one (minutes)."""

    def act(scene: Scene, actor: Any) -> None:
        offer = scene.offer(concern)
        decisions.accept(
            offer,
            cap=Caps(minutes=cap) if cap else None,
            order_number=order,
            comment=scene.words(comment),
            text_hash=offer.text_hash,
            evidence=_EVIDENCE,
            actor=actor,
            now=scene.now,
        )

    return act


def accept_in_vain(*, concern: int = 1) -> Act:
    """Try to commission without authority: refused, and the attempt is kept."""

    def act(scene: Scene, actor: Any) -> None:
        with suppress(Refused):
            accept(concern=concern)(scene, actor)
            raise AssertionError("somebody without authority could accept")

    return act


def accept_by_phone(name: str, *, concern: int = 1) -> Act:
    """A contact reads out their one-time code; the agent types it in."""

    def act(scene: Scene, actor: Any) -> None:
        contact, offer = scene.cast.contacts[name], scene.offer(concern)
        code = links.issue_phone_code(offer, actor=contact.user, now=scene.now - timedelta(minutes=2))
        links.accept_by_phone(
            offer, contact=contact, code=code, cap=None, evidence=_EVIDENCE, actor=actor, now=scene.now
        )

    return act


def decline(comment: str = "", *, concern: int = 1) -> Act:
    """Do not commission."""

    def act(scene: Scene, actor: Any) -> None:
        words = scene.words(comment)
        decisions.decline(scene.offer(concern), comment=words, evidence=_EVIDENCE, actor=actor, now=scene.now)

    return act


def counter(text: str, *, net: str = "", concern: int = 1) -> Act:
    """Propose something else."""

    def act(scene: Scene, actor: Any) -> None:
        decisions.counter(
            scene.offer(concern),
            text=scene.words(text),
            cap_net=Decimal(net) if net else None,
            evidence=_EVIDENCE,
            actor=actor,
            now=scene.now,
        )

    return act


def other_form(alternative: str, wish: str = "", *, concern: int = 1, **options: Any) -> Act:
    """Take an article, a training or a consultant instead."""

    def act(scene: Scene, actor: Any) -> None:
        decisions.choose_other_form(
            scene.offer(concern),
            alternative=alternative,
            wish=scene.words(wish),
            evidence=_EVIDENCE,
            actor=actor,
            now=scene.now,
            **options,
        )
        scene.handovers.extend(TrainingRequest.objects.filter(concern=scene.concern(concern)))

    return act


def pass_on(name: str, comment: str = "", *, concern: int = 1) -> Act:
    """Ask a colleague with authority to decide."""

    def act(scene: Scene, actor: Any) -> None:
        to, words = scene.cast.contacts[name], scene.words(comment)
        decisions.pass_on(scene.offer(concern), to=to, comment=words, actor=actor, now=scene.now)

    return act


def stop(*, concern: int = 1) -> Act:
    """Stop the work at once."""
    return lambda scene, actor: done(decisions.stop(scene.concern(concern), actor=actor, now=scene.now))


def work(minutes: int, activity: str, *, channel: str = "internal", purpose: str = "work", concern: int = 1) -> Act:
    """Record time that ends now."""

    def act(scene: Scene, actor: Any) -> None:
        time.record_time(
            scene.concern(concern),
            purpose=purpose,
            channel=channel,
            start=scene.now - timedelta(minutes=minutes),
            end=scene.now,
            activity=scene.words(activity),
            remote_session=scene.remote if channel == "remote" else None,
            actor=actor,
            now=scene.now,
        )

    return act


def start_timer(activity: str, *, channel: str = "internal", concern: int = 1) -> Act:
    """Start the timer; it goes on until somebody stops it."""

    def act(scene: Scene, actor: Any) -> None:
        scene.timer = time.start_timer(
            scene.concern(concern),
            purpose="work",
            channel=channel,
            activity=scene.words(activity),
            remote_session=scene.remote if channel == "remote" else None,
            actor=actor,
            now=scene.now,
        )

    return act


def resolve(solution: str, kind: str) -> Act:
    """Solve the request."""

    def act(scene: Scene, actor: Any) -> None:
        words = scene.words(solution)
        resolution.resolve(scene.request, solution=words, resolution_kind=kind, actor=actor, now=scene.now)

    return act


def finish(*, concern: int = 1) -> Act:
    """One concern is done; the request goes on."""
    return lambda scene, actor: done(resolution.finish_concern(scene.concern(concern), actor=actor, now=scene.now))


def worked(when: When, who: str, minutes: int, activity: str, **options: Any) -> Step:
    """A step at whose instant that much recorded work ends."""
    return Step(when, who, work(minutes, activity, **options), minutes)
