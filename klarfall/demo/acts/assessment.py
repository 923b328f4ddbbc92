"""Assessing, handing over and second reviews in the demo's stories."""

from typing import Any

from klarfall.billing.actions import assessments
from klarfall.demo.acts.speech import offer_terms, take, uploads, verdict_of
from klarfall.demo.files import Sample
from klarfall.demo.scene import Scene
from klarfall.demo.script import Act
from klarfall.tickets.actions import handover
from klarfall.tickets.actions import object as objecting


def publish(code: str, reason: str, *, concern: int = 1, **options: Any) -> Act:
    """Publish an assessment without an offer."""

    def act(scene: Scene, actor: Any) -> None:
        take(scene, actor)
        verdict = verdict_of(scene, code, reason, options)
        assessments.publish(scene.concern(concern), verdict=verdict, actor=actor, now=scene.now)

    return act


def cost_notice(code: str, reason: str, *, offer: dict[str, Any], concern: int = 1, **options: Any) -> Act:
    """Publish *chargeable* and send the offer with it."""

    def act(scene: Scene, actor: Any) -> None:
        take(scene, actor)
        scene.offers[concern] = assessments.send_cost_notice(
            scene.concern(concern),
            verdict=verdict_of(scene, code, reason, options),
            offer=offer_terms(scene, dict(offer)),
            actor=actor,
            now=scene.now,
        )

    return act


def answer_covered(code: str, reason: str, answer: str, kind: str, *files: Sample, **options: Any) -> Act:
    """The one button: answer, covered, solved."""

    def act(scene: Scene, actor: Any) -> None:
        take(scene, actor)
        assessments.answer_covered(
            scene.request,
            verdict=verdict_of(scene, code, reason, options),
            answer=scene.words(answer),
            resolution_kind=kind,
            files=uploads(scene, files),
            actor=actor,
            now=scene.now,
        )

    return act


def refer(reason: str, *, wish: str, place: str, dates: str, concern: int = 1, **options: Any) -> Act:
    """Not offered on site: hand the wish over to the consultants."""

    def act(scene: Scene, actor: Any) -> None:
        take(scene, actor)
        request = assessments.refer(
            scene.concern(concern),
            verdict=verdict_of(scene, "NOT-ONSITE", reason, options),
            wish=scene.words(wish),
            place=place,
            preferred_dates=scene.words(dates),
            actor=actor,
            now=scene.now,
        )
        scene.handovers.append(request)

    return act


def ask_for_consulting(wish: str, *, place: str, dates: str) -> Act:
    """Ask for an appointment straight away, without a request to support."""

    def act(scene: Scene, actor: Any) -> None:
        request = handover.request_consulting(
            scene.cast.contacts[scene.story.by],
            product=scene.cast.products[scene.story.product],
            wish=scene.words(wish),
            place=place,
            preferred_dates=scene.words(dates),
            actor=actor,
            now=scene.now,
        )
        scene.handovers.append(request)

    return act


def hand_over(status: str, *, in_days: int | None = None) -> Act:
    """The other team says where the hand-over stands; a date is that many service days ahead."""

    def act(scene: Scene, actor: Any) -> None:
        today = scene.now.astimezone(scene.schedule.zone).date()
        day = scene.schedule.next_service_day(today, in_days) if in_days else None
        handover.set_handover_status(
            scene.handovers[-1],
            status=status,
            appointment=handover.Appointment(on=day) if day else None,
            actor=actor,
            now=scene.now,
        )

    return act


def see_it_differently(text: str, *, concern: int = 1) -> Act:
    """*Ich sehe das anders*."""

    def act(scene: Scene, actor: Any) -> None:
        current = scene.concern(concern).current_assessment
        scene.objection = objecting.open_objection(current, text=scene.words(text), actor=actor, now=scene.now)

    return act


def review_objection(result: str, text: str, *, code: str = "", reason: str = "", **options: Any) -> Act:
    """The second review; a changed result brings its own verdict."""

    def act(scene: Scene, actor: Any) -> None:
        assert scene.objection is not None, "nobody saw it differently"  # noqa: S101 - a slip of the story's author
        assessments.review_objection(
            scene.objection,
            result=result,
            text=scene.words(text),
            verdict=verdict_of(scene, code, reason, options) if code else None,
            actor=actor,
            now=scene.now,
        )

    return act


def report_defect(reason: str) -> Act:
    """A defect of the product was found."""

    def act(scene: Scene, actor: Any) -> None:
        assessments.report_defect(scene.concern(), reason=scene.words(reason), actor=actor, now=scene.now)

    return act
