"""From the texts of a story to the values that actions take."""

from collections.abc import Sequence
from typing import Any

from klarfall.billing.actions.assessments import Verdict
from klarfall.billing.actions.offers import OfferTerms
from klarfall.demo.files import Sample
from klarfall.demo.scene import Scene
from klarfall.tickets.actions.assign import assign


def uploads(scene: Scene, files: Sequence[Sample]) -> list[Any]:
    """The files as a browser sends them."""
    return [file.uploaded(scene.words) for file in files]


def verdict_of(scene: Scene, code: str, reason: str, options: dict[str, Any]) -> Verdict:
    """What a person says about a concern; an empty reason is the one of the catalogue."""
    item = scene.cast.items[code]
    given = dict(options)
    given |= {name: scene.words(options[name]) for name in ("call_note", "next_step") if name in options}
    return Verdict(item=item, reason=scene.words(reason) or item.reason_template, **given)


def offer_terms(scene: Scene, options: dict[str, Any]) -> OfferTerms:
    """What a specialist types for a cost offer; `estimate` is a pair of minutes."""
    low, high = options["estimate"]
    rest = {name: value for name, value in options.items() if name != "estimate"}
    rest |= {name: scene.words(options[name]) for name in ("scope", "exclusions") if name in options}
    return OfferTerms(estimate_min=low, estimate_max=high, **rest)


def take(scene: Scene, actor: Any) -> None:
    """Whoever assesses a request that nobody has takes care of it from then on."""
    ticket = scene.request
    if ticket.assignee_id is None:
        assign(ticket, to=actor, actor=actor, now=scene.now)


def done(_result: Any) -> None:
    """An act returns nothing."""
