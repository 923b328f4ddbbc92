"""Minutes and amounts in mails about caps, goodwill and credits: exact, in words, from the event that is told."""

from decimal import Decimal
from typing import Any

from klarfall.billing import amounts
from klarfall.billing.engine import effective_minutes, exposure, net_of
from klarfall.billing.story import Story
from klarfall.tickets.callback_words import MOST_CALL_ATTEMPTS, told_slot
from klarfall.tickets.models import TicketEvent
from klarfall.ui.formats import duration, money


def figures(story: Story, event: TicketEvent | None) -> dict[str, Any]:
    """Values for the template of a notice; empty where its event is about no money."""
    if event is None:
        return {}
    if event.kind in ("offer.warned", "offer.exhaust"):
        return _used(story, event)
    if event.kind == "goodwill.granted":
        return _goodwill(event)
    if event.kind.startswith("callback."):
        return {"when": told_slot(event.data), "more_attempts": event.data["attempts"] < MOST_CALL_ATTEMPTS}
    return {"dropped": _dropped(story, event)}


def _used(story: Story, event: TicketEvent) -> dict[str, Any]:
    """What was used of the offer when the level was reached, of the cap in force."""
    offers = (one for found in story.offers.values() for one in found)
    offer = next((one for one in offers if one.pk == event.data["offer"]), None)
    if offer is None:
        return {}
    caps = amounts.caps_in_force(offer, offer.decided.chosen if offer.decided else None)
    minutes = effective_minutes(caps.minutes, caps.net, offer.rate)
    used = min(int(event.data.get("used", minutes)), minutes)
    return {
        "level": event.data.get("level", 100),
        "used": duration(used),
        "left": duration(minutes - used),
        "all": duration(minutes),
        "used_net": money(net_of(used, offer.rate), offer.currency),
        "cap_net": money(exposure(caps, offer.rate), offer.currency),
    }


def _goodwill(event: TicketEvent) -> dict[str, Any]:
    before, after, credited = (Decimal(event.data[name]) for name in ("before", "after", "credited"))
    minutes = event.data["minutes"]
    return {
        "less": money(before - after),
        "minutes": duration(minutes) if minutes else "",
        "before": money(before),
        "after": money(after),
        "credited": money(credited) if credited else "",
    }


def _dropped(story: Story, event: TicketEvent) -> dict[str, str] | None:
    """What an assessment of this instant freed the customer of; None where it freed nothing."""
    for one in story.events:
        if one.kind == "costs.dropped" and one.at == event.at and one.data["concern"] == event.data.get("concern"):
            before, credited = Decimal(one.data["before"]), Decimal(one.data["credited"])
            return {"before": money(before), "credited": money(credited) if credited else ""}
    return None
