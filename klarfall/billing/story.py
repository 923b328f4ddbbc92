"""Everything recorded about one ticket, as far as the viewer may see it; both sites make card and timeline of it.

The history says what else there is to read, so a plain question costs five queries and not twelve.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from klarfall.accounts.people import Person, people
from klarfall.billing.engine import Balance, balances
from klarfall.billing.models import CostOffer, CustomerDecision, TimeEntry
from klarfall.billing.status import EntryStatus
from klarfall.tickets.models import (
    Assessment,
    Attachment,
    Concern,
    ConsultantRequest,
    Message,
    Objection,
    Ticket,
    TicketEvent,
    TrainingRequest,
)


@dataclass(kw_only=True)
class Story:
    """One ticket with all that belongs to it, in memory; nothing in it queries again.

    Lists keep the order of their number, messages and events that of time. `people` is keyed by user id.
    """

    ticket: Ticket
    now: datetime
    events: list[TicketEvent]
    messages: list[Message]
    concerns: list[Concern]
    files: dict[int, list[Attachment]] = field(default_factory=dict)
    offers: dict[int, list[CostOffer]] = field(default_factory=dict)
    decisions: dict[int, CustomerDecision] = field(default_factory=dict)
    balances: dict[int, Balance] = field(default_factory=dict)
    objections: dict[int, list[Objection]] = field(default_factory=dict)
    entries: dict[int, list[TimeEntry]] = field(default_factory=dict)
    handovers: dict[int, list[ConsultantRequest | TrainingRequest]] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)

    @property
    def is_mixed(self) -> bool:
        """Are there several concerns? Only then the word appears on a page."""
        return len(self.concerns) > 1

    def name(self, user_id: int | None) -> str:
        """The name of a person; empty when it was erased or may not be known."""
        person = self.people.get(user_id or 0)
        return person.name if person else ""

    def is_us(self, user_id: int | None) -> bool:
        """Is that person one of the vendor's?"""
        person = self.people.get(user_id or 0)
        return person is not None and person.is_staff

    def concern(self, pk: Any) -> Concern | None:
        """The concern with this id, as an event names it."""
        return next((one for one in self.concerns if one.pk == pk), None)

    def open_objection(self, concern: Concern) -> Objection | None:
        """The objection that waits for its second review."""
        return next((one for one in self.objections.get(concern.pk, []) if one.is_open), None)

    def has(self, *beginnings: str) -> bool:
        """Did anything happen whose kind begins like that?"""
        return any(event.kind.startswith(beginnings) for event in self.events)


def ticket_rows() -> QuerySet[Any]:
    """Tickets with everything that their page names, for one query."""
    return Ticket.objects.select_related(
        "customer", "contact", "product", "version", "partner_product", "area", "kind", "calendar", "terms",
        "contract_line__contract", "follow_up_of",
    )  # fmt: skip


def read(ticket: Ticket, *, now: datetime, also: Iterable[int | None] = ()) -> Story:
    """Returns the story of a ticket from `ticket_rows()`; `also` are further people whose names the page needs."""
    story = Story(
        ticket=ticket,
        now=now,
        events=list(TicketEvent.objects.filter(ticket=ticket).select_related("sealed").order_by("sequence")),
        messages=list(Message.objects.filter(ticket=ticket).select_related("sealed").order_by("created_at", "pk")),
        concerns=_concerns(ticket),
    )
    story.files = _by("message_id", Attachment.objects.filter(ticket=ticket).order_by("pk"))
    _read_offers(story)
    _read_rest(story)
    story.people = people({*_people_of(story), *also})
    return story


def _concerns(ticket: Ticket) -> list[Concern]:
    rows = Concern.objects.filter(ticket=ticket).select_related(
        "current_assessment__item", "current_assessment__sealed"
    )
    concerns = list(rows.order_by("position"))
    for concern in concerns:
        concern.ticket = ticket
    return concerns


def _read_offers(story: Story) -> None:
    """Offers, decisions and what was used of them; only where an offer was ever sent."""
    if story.ticket.offered_at is None:
        return
    offers = list(CostOffer.objects.filter(ticket=story.ticket).order_by("number"))
    story.offers = _by("concern_id", offers)
    if not story.has("decision."):
        return
    decisions = CustomerDecision.objects.filter(ticket=story.ticket).select_related("contact", "sealed")
    story.decisions = {one.offer_id: one for one in decisions}
    accepted = {one.concern_id for one in story.decisions.values() if one.kind == "accept"}
    if accepted:
        from klarfall.billing.facts import facts_of

        facts = facts_of([one for one in story.concerns if one.pk in accepted])
        found = (balance for one in facts.values() for balance in balances(one, story.now))
        story.balances = {balance.offer_id: balance for balance in found}


def _read_rest(story: Story) -> None:
    """What exists only in some stories."""
    if story.has("objection."):
        rows = Objection.objects.filter(ticket=story.ticket).select_related("contact", "sealed", "review_sealed")
        story.objections = _by("concern_id", rows.order_by("pk"))
    if story.has("time."):
        rows = TimeEntry.objects.filter(ticket=story.ticket).exclude(status=EntryStatus.RUNNING)
        story.entries = _by("concern_id", rows.order_by("start", "pk"))
    ids = [one.pk for one in story.concerns]
    wishes: list[Any] = []
    if story.has("handover.consulting"):
        wishes += ConsultantRequest.objects.filter(concern__in=ids).order_by("pk")
    if story.has("handover.training"):
        wishes += TrainingRequest.objects.filter(concern__in=ids).order_by("pk")
    story.handovers = _by("concern_id", wishes)


def _people_of(story: Story) -> Iterable[int | None]:
    yield from (story.ticket.assignee_id, story.ticket.contact.user_id)
    yield from (event.actor_id for event in story.events)
    yield from (message.author_id for message in story.messages)
    yield from (entry.agent_id for entries in story.entries.values() for entry in entries)
    yield from (decision.contact.user_id for decision in story.decisions.values())
    yield from (one.reviewer_id for all_ in story.objections.values() for one in all_)
    yield from (one.assessor_id for one in map(_assessment, story.concerns) if one)


def _assessment(concern: Concern) -> Assessment | None:
    return concern.current_assessment


def _by(key: str, rows: Iterable[Any]) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, key)].append(row)
    return dict(groups)
