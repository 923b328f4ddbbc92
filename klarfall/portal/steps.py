"""The progress of a request in four or five steps; the customer's decision is one only where work is chargeable."""

from typing import Any

from django.utils.translation import gettext as _

from klarfall.billing.cards import meaning_of
from klarfall.billing.story import Story
from klarfall.tickets.status import TicketStatus as T
from klarfall.ui.formats import moment

_ENDED = (T.RESOLVED, T.CLOSED, T.CANCELLED)


def steps(story: Story) -> list[dict[str, Any]]:
    """Returns the steps for the macro `ui.steps`."""
    ticket = story.ticket
    items = [
        {"label": _("Received"), "note": moment(ticket.submitted_at, story.now, short=True), "state": "done"},
        _assessed(story),
        *_decision(story),
        *_handed_over(story),
        _work(story),
        {"label": _last_label(ticket.status), "note": _ended_at(story), "state": "done" if _over(story) else ""},
    ]
    return items[:1] + items[-1:] if ticket.status == T.CANCELLED else items


def _over(story: Story) -> bool:
    return story.ticket.status in _ENDED


def _assessed(story: Story) -> dict[str, Any]:
    waiting = [one for one in story.concerns if one.is_unassessed]
    published = [one.current_assessment for one in story.concerns if one.current_assessment]
    if waiting or not published:
        note = _("by %(when)s") % {"when": moment(story.ticket.due_at, story.now, short=True)}
        return {
            "label": _("Assessment"),
            "note": note if story.ticket.due_at else "",
            "state": "" if _over(story) else "now",
        }
    last = max(published, key=lambda one: one.published_at)
    words = [moment(last.published_at, story.now, short=True)]
    if not story.is_mixed:
        words.append(_outcome_word(meaning_of(story.concerns[0])))
    return {"label": _("Assessed"), "note": ", ".join(filter(None, words)), "state": "done"}


def _outcome_word(outcome: str) -> str:
    return {
        "covered": _("covered by the contract"),
        "chargeable": _("chargeable"),
        "not_offered": _("not in product support"),
    }.get(outcome, "")


def _decision(story: Story) -> list[dict[str, Any]]:
    if not story.offers:
        return []
    if story.ticket.status == T.WAITING_FOR_DECISION:
        return [{"label": _("Your decision"), "note": _("waits for you"), "state": "now", "you": True}]
    decided = [one.decided for offers in story.offers.values() for one in offers if one.decided]
    if not decided:
        return [{"label": _("Your decision"), "note": "", "state": "done" if _over(story) else "now"}]
    last = max(decided, key=lambda one: one.at)
    return [{"label": _("Your decision"), "note": moment(last.at, story.now, short=True), "state": "done"}]


def _handed_over(story: Story) -> list[dict[str, Any]]:
    if not any(one.status == "referred" for one in story.concerns):
        return []
    note = _("to the consultants")
    return [{"label": _("Handed over"), "note": note, "state": "done"}]


def _work(story: Story) -> dict[str, Any]:
    status, note, state = story.ticket.status, "", ""
    if _over(story):
        state = "done"
    elif status == T.WAITING_FOR_CUSTOMER:
        note, state = _("we have asked you something"), "now"
    elif status == T.IN_PROGRESS:
        state = "now"
        if story.ticket.due_at:
            note = _("next answer by %(when)s") % {"when": moment(story.ticket.due_at, story.now, short=True)}
    label = _("Question to you") if status == T.WAITING_FOR_CUSTOMER else _("In progress")
    return {"label": label, "note": note, "state": state, "you": status == T.WAITING_FOR_CUSTOMER}


def _last_label(status: str) -> str:
    return {T.CLOSED: _("Closed"), T.CANCELLED: _("Withdrawn")}.get(T(status), _("Solved"))


def _ended_at(story: Story) -> str:
    ticket = story.ticket
    if not _over(story):
        return ""
    return moment(ticket.resolved_at or ticket.status_since, story.now, short=True)
