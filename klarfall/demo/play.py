"""Play the stories: step by step in the order of time, with the nightly work of the system in between."""

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from klarfall.billing.actions import offers, resolution
from klarfall.contracts.models import Area
from klarfall.demo import bookkeeping, calls, mails
from klarfall.demo.plan import Timed, plan
from klarfall.demo.scene import Cast, Scene
from klarfall.demo.schedule import Schedule
from klarfall.demo.script import Story
from klarfall.tickets.actions.submit import NewRequest, submit
from klarfall.tickets.anchors import anchor_heads

_NIGHT = "02:10"


class Failed(Exception):
    """A step of a story was refused; the text names story and instant."""


def play(stories: Sequence[Story], cast: Cast, schedule: Schedule) -> list[Scene]:
    """Play all stories in the order of time; returns their scenes."""
    timed = plan(stories, schedule)
    scenes: list[Scene] = []
    nights = _nights(timed[0].begins, schedule)
    night = next(nights, None)
    for at, moment in _moments(timed, cast, schedule, scenes):
        while night is not None and night <= at:
            _nightly(night)
            night = next(nights, None)
        moment(at)
    while night is not None:
        _nightly(night)
        night = next(nights, None)
    return scenes


def _moments(
    timed: Sequence[Timed], cast: Cast, schedule: Schedule, scenes: list[Scene]
) -> Iterator[tuple[datetime, Any]]:
    """Everything that happens, in order; ties keep the order of the story."""
    queue: list[tuple[datetime, int, int, Any]] = []
    for number, one in enumerate(timed):
        scene = Scene(one.story, cast, schedule, one.begins, one.begins)
        scenes.append(scene)
        queue.append((one.begins, number, 0, _opening(scene)))
        for place, (at, step) in enumerate(one.steps, start=1):
            queue.append((at, number, place, _step(scene, step.who, step.act)))
    queue += [(at, len(timed), place, call) for place, (at, call) in enumerate(bookkeeping.moments(cast, schedule))]
    queue += [(at, len(timed) + 1, place, call) for place, (at, call) in enumerate(mails.moments(schedule))]
    queue += [(at, len(timed) + 2, place, call) for place, (at, call) in enumerate(calls.moments(cast, schedule))]
    heapq.heapify(queue)
    while queue:
        at, _number, _place, moment = heapq.heappop(queue)
        yield at, moment


def _opening(scene: Scene) -> Any:
    def moment(at: datetime) -> None:
        scene.now = at
        if scene.story.request:
            _told(scene, lambda: _submit(scene))

    return moment


def _step(scene: Scene, who: str, act: Any) -> Any:
    def moment(at: datetime) -> None:
        scene.now = at
        _told(scene, lambda: act(scene, scene.cast.user(who)))

    return moment


def _told(scene: Scene, call: Any) -> None:
    try:
        call()
    except Exception as problem:
        raise Failed(f"{scene.story.title!r} at {scene.now:%Y-%m-%d %H:%M}: {problem}") from problem


def _submit(scene: Scene) -> None:
    story = scene.story
    contact = scene.cast.contacts[story.by]
    actor = scene.cast.staff[story.taken_by] if story.taken_by else contact.user
    files = [file.uploaded(scene.words) for file in story.files]
    scene.ticket = submit(contact, request=_request(scene), files=files, actor=actor, now=scene.now)


def _request(scene: Scene) -> NewRequest:
    story, cast = scene.story, scene.cast
    product = cast.products[story.product]
    today = scene.now.astimezone(scene.schedule.zone).date()
    return NewRequest(
        product=product,
        title=scene.words(story.title),
        description=scene.words(story.text),
        kind=cast.kinds.get(story.kind),
        area=_area(story),
        version=scene.installed(product, cast.contacts[story.by]),
        partner_product=cast.products[story.partner] if story.partner else None,
        impact=story.impact,
        tried=scene.words(story.tried),
        needed_by=scene.schedule.next_service_day(today, story.needed_in) if story.needed_in else None,
        confidential=story.confidential,
        channel=story.channel,
    )


def _area(story: Story) -> Area | None:
    """The area of the product, or of the partner product, that the story names."""
    owners = [story.product, story.partner]
    return Area.objects.get(product__code__in=owners, name=story.area) if story.area else None


def _nights(begin: datetime, schedule: Schedule) -> Iterator[datetime]:
    """The instants at which the worker closed and expired what was due."""
    day = begin.astimezone(schedule.zone).date() + timedelta(days=1)
    while (at := schedule.at(day, _NIGHT)) <= schedule.now:
        yield at
        day += timedelta(days=1)


def _nightly(at: datetime) -> None:
    offers.expire_offers(at)
    resolution.close_due(at)
    anchor_heads(at)
