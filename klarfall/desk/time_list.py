"""Every recorded minute of a ticket with its class and the reason in words."""

from typing import Any

from klarfall.accounts.permissions import StaffRole
from klarfall.billing.engine import MinuteClass, Segment, classify, totals
from klarfall.billing.facts import explain, facts_of
from klarfall.billing.minute_words import words
from klarfall.billing.models import TimeEntry
from klarfall.billing.status import EntryStatus
from klarfall.billing.story import Story
from klarfall.desk.worklists import Scope


def time_list(story: Story, scope: Scope) -> list[dict[str, Any]]:
    """Per concern: its entries with their segments, and the minutes of each class. Running timers count up to now."""
    facts = facts_of(story.concerns)
    found = []
    for concern in story.concerns:
        segments = list(classify(facts[concern.pk], until=scope.now))
        entries = [one for one in story.entries if one.concern_id == concern.pk]
        found.append(
            {
                "concern": concern,
                "entries": [_entry(story, one, segments, scope) for one in entries],
                "totals": [(words(kind), minutes) for kind, minutes in totals(segments).items() if minutes],
                "offers": [(one, story.used.get(one.pk)) for one in story.offers_of(concern)],
            }
        )
    return found


def _entry(story: Story, entry: TimeEntry, segments: list[Segment], scope: Scope) -> dict[str, Any]:
    own = entry.agent_id == scope.user.pk or StaffRole.LEAD in scope.user.staff_roles
    return {
        "entry": entry,
        "agent": story.name(entry.agent_id),
        "running": entry.status == EntryStatus.RUNNING,
        "may_change": own and entry.status == EntryStatus.RECORDED,
        "parts": [
            {
                "start": one.start,
                "end": one.end,
                "minutes": one.minutes,
                "billable": one.minute_class is MinuteClass.BILLABLE,
                "kind": words(one.minute_class),
                "why": explain(one),
            }
            for one in segments
            if one.entry_id == entry.pk
        ],
    }
