"""What is left of a concern's cap, how far it is used and what a minute of work is worth now: for the time section."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from klarfall.billing.consumption import REACHED, WARNING
from klarfall.billing.engine import standing, warning_minutes
from klarfall.billing.facts import explain
from klarfall.billing.status import EFFECTIVE, EntryStatus, OfferStatus
from klarfall.billing.story import Story, Use
from klarfall.tickets.models import Concern


@dataclass(frozen=True, kw_only=True)
class CapState:
    """The offer that is being used, else the last one that runs. Exact minutes, net amounts.

    `level` is 0, 80 or 100; `reaches_at` the predicted instant of the next level while timers run; `asked`: an
    extension waits for the customer's answer.
    """

    number: int
    currency: str
    level: int
    use: Use
    percent: float
    left_net: Decimal
    reaches_at: datetime | None
    used_up_at: datetime | None
    billable: bool
    why: str
    asked: bool


def cap_state(story: Story, concern: Concern) -> CapState | None:
    """The state of the cap; None where no accepted offer runs."""
    offers = story.offers_of(concern)
    running = [one for one in offers if one.status in EFFECTIVE and one.pk in story.used]
    if not running:
        return None
    offer = next((one for one in running if story.used[one.pk].left), running[-1])
    use = story.used[offer.pk]
    now_billable, why = _worth(story, concern)
    return CapState(
        number=offer.number,
        currency=offer.currency,
        level=_level(use),
        use=use,
        percent=use.used * 100 / use.minutes if use.minutes else 0.0,
        left_net=use.net - use.used_net,
        reaches_at=next((at for at in (use.warns_at, use.used_up_at) if at and at > story.now), None),
        used_up_at=use.used_up_at if use.used_up_at and use.used_up_at > story.now else None,
        billable=now_billable,
        why=why,
        asked=any(one.status == OfferStatus.SENT for one in offers),
    )


def _level(use: Use) -> int:
    if not use.left:
        return REACHED
    return WARNING if use.used >= warning_minutes(use.minutes) else 0


def _worth(story: Story, concern: Concern) -> tuple[bool, str]:
    """Is a minute of work billable now, and why; before any work an accepted offer has all of its cap."""
    facts = story.facts.get(concern.pk)
    if facts is None:
        return True, ""
    found = standing(facts, story.now)
    return found.offer_id is not None, explain(found)


def running_entries(story: Story, concern: Concern) -> list[dict[str, Any]]:
    """The timers that run on a concern, with their minutes up to now."""
    return [
        {
            "user": one.agent_id,
            "agent": story.name(one.agent_id),
            "purpose": one.purpose,
            "minutes": minutes_of(one, story.now),
        }
        for one in story.entries
        if one.concern_id == concern.pk and one.status == EntryStatus.RUNNING
    ]


def minutes_of(entry: Any, now: datetime) -> int:
    """Whole clock minutes of an entry, up to `now` while its timer runs."""
    return max(0, int(((entry.end or now) - entry.start).total_seconds()) // 60)
