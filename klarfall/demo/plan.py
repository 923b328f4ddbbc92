"""When each step of the stories happens: worked out and checked before anything is written. Pure."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from klarfall.demo.schedule import Schedule
from klarfall.demo.script import Step, Story


class BadPlan(Exception):
    """A story goes back in time, ends in the future, or needs somebody twice at once: a slip of its author."""


@dataclass(frozen=True)
class Timed:
    """A story with the instants of its beginning and of its steps."""

    story: Story
    begins: datetime
    steps: tuple[tuple[datetime, Step], ...]


def plan(stories: Sequence[Story], schedule: Schedule) -> list[Timed]:
    """The stories with their instants, in the order in which they begin. Raises BadPlan."""
    timed = sorted((_timed(story, schedule) for story in stories), key=lambda one: one.begins)
    _check_work(timed)
    return timed


def tickets_before(timed: Iterable[Timed], number: int) -> int:
    """How many requests come before the one that shall have `number`."""
    count = 0
    for one in timed:
        if one.story.number == number:
            return count
        count += one.story.tickets
    raise BadPlan(f"no story wants the number {number}")


def _timed(story: Story, schedule: Schedule) -> Timed:
    begins = before = story.when(schedule, schedule.now)
    steps = []
    for step in story.steps:
        at = step.when(schedule, before) if step.when else before
        if at < before:
            raise BadPlan(f"{story.title}: {at} lies before {before}")
        steps.append((at, step))
        before = at
    if before > schedule.now:
        raise BadPlan(f"{story.title}: {before} lies in the future of {schedule.now}")
    return Timed(story, begins, tuple(steps))


def _check_work(timed: Iterable[Timed]) -> None:
    """Nobody works on two things at once (INV-22)."""
    spans = sorted(
        (step.who, at - timedelta(minutes=step.minutes), at, one.story.title)
        for one in timed
        for at, step in one.steps
        if step.minutes
    )
    for (who, _start, end, title), (other, start, _end, next_title) in itertools.pairwise(spans):
        if who == other and start < end:
            raise BadPlan(f"{who} works on {title} and {next_title} at {start}")
