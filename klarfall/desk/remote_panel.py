"""Remote sessions beside a request: what runs or waits, what was, and whether another one is possible."""

from typing import Any

from klarfall.billing.remote_story import Looked, mark_of, running_for, sessions_of
from klarfall.billing.story import Story
from klarfall.desk.worklists import Scope
from klarfall.tickets import remote_rules


def remote_panel(story: Story, scope: Scope) -> dict[str, Any]:
    """What the section shows. At most one session of a request waits or runs by invitation."""
    found = sessions_of(story)
    current = next((one for one in found if one.session.is_open), None)
    return {
        "current": current,
        "mark": mark_of(current.session) if current else "",
        "seconds": running_for(current.session, scope.now) if current else 0,
        "past": [one for one in found if not one.session.is_open],
        "why_not": remote_rules.why_not(story.ticket),
        "needs_reason": remote_rules.needs_reason(story.ticket),
        "link": story.ticket.product.remote_link,
    }


def seen(panel: dict[str, Any]) -> str:
    """The mark of what the section shows; the page that waits sends it along."""
    current: Looked | None = panel["current"]
    return f"{current.session.pk}-{panel['mark']}" if current else "none"
