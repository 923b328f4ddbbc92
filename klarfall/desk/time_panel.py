"""The time section of a concern: the running timer, what may be billed and why not, what was used so far."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.billing.models import BillingLine, Purpose, TimeEntry, WorkChannel
from klarfall.billing.status import EntryStatus
from klarfall.billing.story import Story
from klarfall.desk import customer_facts
from klarfall.desk.cap_state import cap_state, running_entries
from klarfall.desk.worklists import Scope
from klarfall.tickets.models import Concern, RemoteSession, RemoteStatus
from klarfall.tickets.status import ConcernStatus as C


def time_panel(story: Story, concern: Concern, scope: Scope, timer: dict[str, Any] | None) -> dict[str, Any]:
    """What the section shows; the engine alone decides about minutes, this words the usual case."""
    entries = [one for one in story.entries if one.concern_id == concern.pk]
    locked = why_locked(story, concern, scope)
    running = running_entries(story, concern)
    return {
        "cap": cap_state(story, concern),
        "running": running,
        "timer": timer if timer and timer["concern"] == concern.pk else None,
        "elsewhere": timer if timer and timer["concern"] != concern.pk else None,
        "options": options(concern, locked),
        "locked": locked,
        "channels": WorkChannel.choices,
        "spent": _spent(entries),
        "entries": len(entries),
        "runs": billed_in(concern, entries),
        "others": [one["agent"] for one in running if one["user"] != scope.user.pk],
    }


def why_locked(story: Story, concern: Concern, scope: Scope) -> str:
    """Why no minute is billable now; empty when one is."""
    if concern.is_unassessed:
        return _("Locked: nothing has been assessed yet. The review is free of charge.")
    if concern.current_assessment and concern.current_assessment.outcome != "chargeable":
        return _("Locked: the assessment says this costs nothing.")
    if story.open_objection(concern):
        return _("Locked: a second review is open. As long as it lasts no minute is billable.")
    return _why_nothing_runs(story, concern, scope)


def _why_nothing_runs(story: Story, concern: Concern, scope: Scope) -> str:
    """The reason in the states of a chargeable concern; empty while an accepted offer has something left."""
    if concern.status == C.STOPPED:
        return _("Locked: the customer has stopped the work.")
    if concern.status in (C.ACCEPTED, C.CAP_REACHED):
        used_up = _("Locked: the cap is reached. Further work needs a new decision.")
        return "" if concern.status == C.ACCEPTED and _left(story, concern) else used_up
    names = customer_facts.release_names(story.ticket, scope.service_time)
    if not names:
        return _("Locked: there is no acceptance. Time becomes billable only after somebody has commissioned it.")
    return _("Locked: there is no acceptance. Time becomes billable only after %(names)s has commissioned it.") % {
        "names": names
    }


def _left(story: Story, concern: Concern) -> int:
    return sum(use.left for offer in story.offers_of(concern) if (use := story.used.get(offer.pk)))


def options(concern: Concern, locked: str) -> list[dict[str, Any]]:
    """The choices of the guard: review, work, and *billable*, which stays visible while it is locked."""
    billable = {"value": Purpose.WORK, "label": _("Billable"), "disabled": bool(locked), "checked": not locked}
    if locked:
        billable["value"] = "billable"
    review = {"value": Purpose.TRIAGE, "label": _("Review, free of charge"), "checked": concern.is_unassessed}
    if concern.is_unassessed or not locked:
        return [review, billable]
    work = {"value": Purpose.WORK, "label": _("Work, not billable"), "checked": True}
    return [review, work, billable]


def _spent(entries: list[TimeEntry]) -> dict[str, int]:
    """Recorded minutes by purpose."""
    spent = {"triage": 0, "work": 0}
    for one in entries:
        if one.end is not None:
            spent[one.purpose] += int((one.end - one.start).total_seconds()) // 60
    return spent


def billed_in(concern: Concern, entries: list[TimeEntry]) -> list[int]:
    """Numbers of the runs that hold minutes of the concern; asked only where an entry is locked."""
    if not any(one.status in (EntryStatus.LOCKED, EntryStatus.EXPORTED) for one in entries):
        return []
    rows = BillingLine.objects.filter(concern=concern).order_by("batch__number")
    return list(rows.values_list("batch__number", flat=True).distinct())


def latest_session(concern: Concern, start: datetime | None = None) -> RemoteSession | None:
    """The consent on which remote time of a concern rests: the latest of its ticket, by hand before `start`.

    A session that is over is better than none: its refusal says what to do.
    """
    rows = RemoteSession.objects.filter(ticket=concern.ticket_id, consent_at__isnull=False)
    rows = rows.exclude(status=RemoteStatus.CANCELLED).order_by("-consent_at", "-pk")
    return (rows.filter(consent_at__lte=start).first() if start else None) or rows.first()
