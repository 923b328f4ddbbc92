"""How a story of the demo is written down: who asks for what and when, and what follows step by step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from klarfall.demo.files import Sample
from klarfall.demo.schedule import When

if TYPE_CHECKING:
    from klarfall.demo.scene import Scene

#: What somebody does in a story: one call of one action, now.
Act = Callable[["Scene", Any], None]


@dataclass(frozen=True)
class Step:
    """At some instant a person does something; a step without an instant follows the one before at once."""

    when: When | None
    who: str
    act: Act
    #: Minutes of work that end with this step; the plan proves that nobody does two things at once.
    minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class Story:
    """A request and what became of it. `by` is a contact, `taken_by` who wrote it down on the phone.

    `request` is False for a wish that needs no request; `tickets` how many requests come of it.
    """

    by: str
    when: When
    title: str
    text: str
    steps: tuple[Step, ...] = ()
    product: str = "powerhaus"
    partner: str = ""
    area: str = ""
    kind: str = ""
    impact: str = "hindered"
    tried: str = ""
    needed_in: int | None = None
    confidential: bool = False
    channel: str = "portal"
    taken_by: str = ""
    files: tuple[Sample, ...] = field(default=())
    request: bool = True
    tickets: int = 1
    #: The number that its request shall have, if any.
    number: int | None = None


def step(when: When, who: str, act: Act, minutes: int = 0) -> Step:
    """One step of a story at an instant."""
    return Step(when, who, act, minutes)


def then(who: str, act: Act, minutes: int = 0) -> Step:
    """One step right after the one before."""
    return Step(None, who, act, minutes)
