"""What pages and mails say about remote sessions: states in words, minutes, and what a session would cost."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from klarfall.accounts.people import Person, people
from klarfall.billing.models import Purpose, TimeEntry
from klarfall.billing.story import Story
from klarfall.contracts import remote_links
from klarfall.contracts.models import Outcome
from klarfall.core.action import Refused
from klarfall.tickets.models import Concern, RemoteParticipant, RemoteSession, RemoteStatus
from klarfall.tickets.status import ConcernStatus as C


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A session in a list: what it is about, where it stands, how long it took."""

    session: RemoteSession
    state: str
    minutes: int
    running: bool
    asked_by: str
    contact: str


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """One session with everything its page shows. Names are empty where somebody was erased."""

    session: RemoteSession
    asked_by: str
    contact: str
    agreed_by: str
    ended_by: str
    ended_by_customer: bool
    people: list[tuple[str, bool]]
    entries: list[TimeEntry]
    words: str
    tool: str
    link: str

    @property
    def minutes(self) -> int:
        """Whole minutes of work recorded; a customer never sees those of the review."""
        return sum(one.minutes for one in self.entries if one.purpose == Purpose.WORK)


def sessions_of(story: Story) -> list[Looked]:
    """The sessions of a request from `ticket_rows()`, newest first; of each no more than a list shows."""
    return [_looked(story, dict(row)) for row in getattr(story.ticket, "sessions", ())]


def _looked(story: Story, row: dict[str, Any]) -> Looked:
    asked, by, began = row.pop("person"), row.pop("by"), row.pop("started_at")
    session = RemoteSession(**row, started_at=parse_datetime(began) if began else None)
    return Looked(
        session=session,
        state=session.get_status_display(),
        minutes=sum(entry.minutes for entry in story.entries if entry.remote_session_id == session.pk),
        running=session.status == RemoteStatus.RUNNING,
        asked_by=story.name(by),
        contact=story.name(asked),
    )


def sitting(session: RemoteSession, language: str) -> Sitting:
    """Read everything about one session, from a row with `ticket`, `consent_text` and the contacts."""
    rows = RemoteParticipant.objects.filter(session=session).select_related("contact", "named")
    there = list(rows.order_by("joined_at", "pk"))
    entries = list(TimeEntry.objects.filter(remote_session=session).order_by("start", "pk"))
    ids = [session.recorded_by_id, session.contact.user_id, session.ended_by_id]
    ids += [session.consent_by.user_id] if session.consent_by else []
    names = people([*ids, *(one.user_id or (one.contact.user_id if one.contact else None) for one in there)])
    ended_by = names.get(session.ended_by_id or 0)
    return Sitting(
        session=session,
        asked_by=_name(names, session.recorded_by_id),
        contact=_name(names, session.contact.user_id),
        agreed_by=_name(names, session.consent_by.user_id if session.consent_by else None),
        ended_by=ended_by.name if ended_by else "",
        ended_by_customer=ended_by is not None and not ended_by.is_staff,
        people=[_participant(names, one) for one in there],
        entries=entries,
        words=session.consent_text.said(session.text_language or language) if session.consent_text else "",
        tool=tool_of(session.link),
        link=harmless(session.link),
    )


def costs(concern: Concern | None) -> str:
    """What a session about the concern would cost, for the customer; the engine alone decides about minutes."""
    if concern is None or concern.is_unassessed or concern.current_assessment is None:
        return _("Nothing yet: reviewing a request is always free of charge.")
    if concern.current_assessment.outcome != Outcome.CHARGEABLE:
        return _("Nothing: it is not chargeable.")
    if concern.status == C.ACCEPTED:
        return _("It counts towards what you have commissioned, to the minute and never above the cap.")
    return _("Nothing: without your acceptance of a cost notice no minute is billable.")


def tool_of(link: str) -> str:
    """The name by which a reader recognises a tool: the host of a web address, else the scheme."""
    scheme, _colon, _rest = link.partition(":")
    return (urlsplit(link).hostname or "") if scheme in ("http", "https") else scheme


def harmless(link: str) -> str:
    """The address as it may stand on a page: checked once more, whatever the database says."""
    try:
        return remote_links.checked_link(link, field="link")
    except Refused:
        return ""


def mark_of(session: RemoteSession) -> str:
    """Changes with everything that a waiting page has to show."""
    return f"{session.status}-{len(session.link)}-{session.code}"


def _participant(names: dict[int, Person], one: RemoteParticipant) -> tuple[str, bool]:
    """A name, and whether it is one of us."""
    if one.named is not None:
        return one.named.text or _("Erased person"), False
    return _name(names, one.user_id or (one.contact.user_id if one.contact else None)), one.user_id is not None


def _name(names: dict[int, Person], pk: int | None) -> str:
    if pk is None:
        return ""
    person = names.get(pk)
    return (person.name if person else "") or _("Erased person")


def session_rows() -> QuerySet[Any]:
    """Sessions with everything that their page names, for one query."""
    return RemoteSession.objects.select_related(
        "ticket__customer",
        "ticket__product",
        "concern__current_assessment",
        "consent_text",
        "contact",
        "consent_by",
        "evidence",
    )


def running_for(session: RemoteSession, now: datetime) -> int:
    """Seconds since a running session began."""
    return max(0, int((now - (session.started_at or now)).total_seconds()))
