"""Everything recorded about one ticket, as far as the viewer may see it; both sites make card and timeline of it.

One query per kind of row, whatever their number; what never happened in this ticket is not asked for. The history
itself answers what it can (objections, hand-overs), because it is read anyway.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, DateField, F, FilteredRelation, OuterRef, QuerySet, Sum
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, JSONObject, TruncMonth

from klarfall.accounts.people import Person, people
from klarfall.billing import amounts, concern_rows
from klarfall.billing.consumption import Consumption, consumed
from klarfall.billing.engine import Caps, ConcernFacts, effective_minutes, exposure, net_of
from klarfall.billing.models import BillingLine, CostOffer, TimeEntry
from klarfall.billing.status import EFFECTIVE, EntryStatus, OfferStatus
from klarfall.core.prepared import prepared
from klarfall.customers.models import Contact, ReleasePolicy
from klarfall.tickets.models import Attachment, Concern, Message, RemoteSession, Ticket, TicketEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The one decision about an offer, as far as pages show it. `user_id` is the person's."""

    kind: str
    at: datetime
    user_id: int
    alternative: str
    chosen: Caps | None
    comment: str
    #: The cap (net) that a counter-proposal names.
    wished: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What was used of one accepted offer; exact minutes, amounts net."""

    minutes: int
    used: int
    left: int
    net: Decimal
    used_net: Decimal
    #: Predicted while a timer uses it: when 80 % and when all of it are used; None: not as things stand.
    warns_at: datetime | None = None
    used_up_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """What a page shows of an attachment."""

    pk: int
    name: str
    size: int


@dataclass(kw_only=True)
class Story:
    """One ticket with all that belongs to it, in memory; nothing in it queries again.

    Offers keep the order of their number and carry `decided`, messages carry `file_rows`; messages and events stand
    in the order of time. `people` is keyed by user id.
    """

    ticket: Ticket
    now: datetime
    events: list[TicketEvent]
    messages: list[Message]
    concerns: list[Concern]
    offers: dict[int, list[Any]] = field(default_factory=dict)
    used: dict[int, Use] = field(default_factory=dict)
    #: The engine's facts by concern; only there where something was commissioned and worked on.
    facts: dict[int, ConcernFacts] = field(default_factory=dict)
    #: What stands at this very instant, by concern: only while a timer runs on it.
    consumption: dict[int, Consumption] = field(default_factory=dict)
    entries: list[TimeEntry] = field(default_factory=list)
    #: Who may release costs, as long as an offer waits and named people decide.
    releasers: list[Contact] = field(default_factory=list)
    people: dict[int, Person] = field(default_factory=dict)

    @property
    def is_mixed(self) -> bool:
        """Are there several concerns? Only then the word appears on a page."""
        return len(self.concerns) > 1

    def name(self, user_id: int | None) -> str:
        """The name of a person; empty when it was erased or may not be known."""
        person = self.people.get(user_id or 0)
        return person.name if person else ""

    def concern(self, pk: Any) -> Concern | None:
        """The concern with this id, as an event names it."""
        return next((one for one in self.concerns if one.pk == pk), None)

    def offers_of(self, concern: Concern) -> list[Any]:
        """The offers of a concern by number."""
        return self.offers.get(concern.pk, [])

    def last(self, concern: Concern, *kinds: str) -> TicketEvent | None:
        """The latest event of these kinds about a concern."""
        for event in reversed(self.events):
            if event.kind in kinds and event.data.get("concern") == concern.pk:
                return event
        return None

    @property
    def billed(self) -> dict[date, Decimal]:
        """Net that frozen runs billed of the ticket by month of service (its first day), in order."""
        months: dict[date, Decimal] = defaultdict(Decimal)
        for offers in self.offers.values():
            for row in (row for offer in offers for row in offer.billed_rows):
                months[date.fromisoformat(row["month"])] += Decimal(row["net"])
        return dict(sorted(months.items()))

    def open_objection(self, concern: Concern) -> TicketEvent | None:
        """The event that opened the objection which still waits for its second review."""
        event = self.last(concern, "objection.opened", "objection.reviewed", "objection.withdrawn")
        return event if event is not None and event.kind == "objection.opened" else None

    def has(self, *beginnings: str) -> bool:
        """Did anything happen whose kind begins like that?"""
        return any(event.kind.startswith(beginnings) for event in self.events)


def ticket_rows() -> QuerySet[Any]:
    """Tickets with everything that their page names, for one query."""
    return Ticket.objects.select_related(
        "customer", "contact", "product", "version", "partner_product", "area", "kind", "calendar", "terms",
        "contract_line__contract", "follow_up_of",
    ).annotate(sessions=ArraySubquery(_looks()))  # fmt: skip


def _looks() -> QuerySet[Any, Any]:
    """The remote sessions of a ticket in one column: most requests have none, and no page asks once more for that."""
    rows = RemoteSession.objects.filter(ticket=OuterRef("pk")).order_by("-created_at", "-pk")
    facts = JSONObject(
        id="pk", status="status", purpose="purpose", link="link", code="code", started_at="started_at",
        person="contact__user_id", by="recorded_by_id",
    )  # fmt: skip
    return rows.values(found=facts)


@prepared
def numbered(*, number: int) -> QuerySet[Any]:
    """The ticket of this number with everything that its page names; nothing where there is none."""
    return ticket_rows().filter(number=number)


def read(
    ticket: Ticket, *, now: datetime, also: Iterable[int | None] = (), known: Mapping[int, Person] | None = None
) -> Story:
    """Returns the story of a ticket from `ticket_rows()`.

    `also` are further people whose names the page needs; who is `known` is not asked for.
    """
    story = Story(
        ticket=ticket,
        now=now,
        events=_event_rows(ticket=ticket.pk),
        messages=_messages(ticket),
        concerns=[],
    )
    if ticket.offered_at is not None:
        story.offers = _offers(ticket)
        story.releasers = _releasers(story)
    if story.has("time."):
        story.entries = _entry_rows(ticket=ticket.pk)
    story.concerns = concern_rows.concerns_of(ticket, with_facts=bool(story.offers and story.entries))
    if story.offers and story.entries:
        story.facts = {one.pk: _facts(story, one) for one in story.concerns}
    story.consumption = _consumption(story)
    story.used = _used(story)
    at_hand = known or {}
    wanted = {pk for pk in (*_people_of(story), *also) if pk is not None}
    story.people = {pk: at_hand[pk] for pk in wanted & at_hand.keys()} | people(wanted - at_hand.keys())
    return story


@prepared
def _event_rows(*, ticket: int) -> QuerySet[Any]:
    return TicketEvent.objects.filter(ticket=ticket).select_related("sealed").order_by("sequence")


@prepared
def _entry_rows(*, ticket: int) -> QuerySet[Any]:
    return TimeEntry.objects.filter(ticket=ticket).order_by("start", "pk")


@prepared
def _message_rows(*, ticket: int) -> QuerySet[Any]:
    files = Attachment.objects.filter(message=OuterRef("pk")).order_by("pk")
    rows = Message.objects.filter(ticket=ticket).select_related("sealed").order_by("created_at", "pk")
    return rows.annotate(files=ArraySubquery(files.values(file=JSONObject(pk="pk", name="name", size="size"))))


def _messages(ticket: Ticket) -> list[Message]:
    messages = _message_rows(ticket=ticket.pk)
    for message in messages:
        message.file_rows = [FileRow(**row) for row in message.files]
    return messages


@prepared
def _offer_rows(*, ticket: int) -> QuerySet[Any]:
    """The offers with their decisions. The join is safe: both are seen by the rule of the same ticket."""
    rows = CostOffer.objects.filter(ticket=ticket).annotate(
        decision=FilteredRelation("decisions"),
        decision_pk=F("decision__pk"),
        decision_fact=F("decision__fact"),
        decision_kind=F("decision__kind"),
        decision_at=F("decision__at"),
        decision_user=F("decision__contact__user_id"),
        decision_alternative=F("decision__alternative"),
        decision_minutes=F("decision__chosen_cap_minutes"),
        decision_net=F("decision__chosen_cap_net"),
        decision_comment=F("decision__sealed__text"),
        decision_evidence=KeyTransform("evidence", "decision__sealed__data"),
        billed_rows=ArraySubquery(_billed_by_month()),
    )
    return rows.order_by("number")


def _billed_by_month() -> QuerySet[Any, Any]:
    """What frozen runs billed of an offer, by month of service."""
    months = BillingLine.objects.filter(offer=OuterRef("pk")).annotate(
        month=Cast(TruncMonth("service_to"), DateField())
    )
    sums = months.order_by().values("month").annotate(net_sum=Cast(Sum("net"), CharField()))
    return sums.values(row=JSONObject(month="month", net="net_sum"))


def _offers(ticket: Ticket) -> dict[int, list[Any]]:
    """The offers by concern."""
    by_concern: dict[int, list[Any]] = defaultdict(list)
    for offer in _offer_rows(ticket=ticket.pk):
        offer.ticket, offer.decided = ticket, _decided(offer)
        by_concern[offer.concern_id].append(offer)
    return dict(by_concern)


def _releasers(story: Story) -> list[Contact]:
    waiting = any(one.status == OfferStatus.SENT for offers in story.offers.values() for one in offers)
    if not waiting or story.ticket.customer.release_policy == ReleasePolicy.EVERY_CONTACT:
        return []
    rows = Contact.objects.filter(customer=story.ticket.customer, is_active=True, roles__contains=["cost_release"])
    return list(rows.order_by("pk"))


def _decided(offer: Any) -> Decided | None:
    if offer.decision_kind is None:
        return None
    chosen = None
    if offer.decision_minutes is not None or offer.decision_net is not None:
        chosen = Caps(minutes=offer.decision_minutes, net=offer.decision_net)
    return Decided(
        kind=offer.decision_kind,
        at=offer.decision_at,
        user_id=offer.decision_user,
        alternative=offer.decision_alternative,
        chosen=chosen,
        comment=offer.decision_comment,
        wished=_wished(offer.decision_evidence),
    )


def _wished(evidence: Any) -> Decimal | None:
    """The cap that a counter-proposal names, from its evidence."""
    amount = evidence.get("wished_cap_net") if isinstance(evidence, dict) else None
    return Decimal(amount) if amount else None


def _facts(story: Story, concern: Concern) -> ConcernFacts:
    offers = (one for one in story.offers_of(concern) if one.status != OfferStatus.DRAFT)
    return concern_rows.facts(concern, offers=offers, entries=story.entries, events=story.events)


def _consumption(story: Story) -> dict[int, Consumption]:
    running = {one.concern_id for one in story.entries if one.status == EntryStatus.RUNNING}
    return {pk: consumed(pk, facts, story.now) for pk, facts in story.facts.items() if pk in running}


def _used(story: Story) -> dict[int, Use]:
    """What was used by offer. The stored minutes of finished entries suffice unless a timer is running."""
    used = {offer.pk: _stored_use(offer) for offers in story.offers.values() for offer in offers if _accepted(offer)}
    for found in story.consumption.values():
        for one in found.offers:
            used[one.offer_id] = Use(
                minutes=one.effective_minutes,
                used=one.used_minutes,
                left=one.remaining_minutes,
                net=one.exposure,
                used_net=one.used_net,
                warns_at=one.warns_at,
                used_up_at=one.used_up_at,
            )
    return used


def _accepted(offer: Any) -> bool:
    return offer.decided is not None and offer.decided.kind == "accept"


def _stored_use(offer: Any) -> Use:
    caps = amounts.caps_in_force(offer, offer.decided.chosen)
    minutes = effective_minutes(caps.minutes, caps.net, offer.rate)
    used = min(offer.used_minutes, minutes)
    return Use(
        minutes=minutes,
        used=used,
        left=minutes - used if offer.status in EFFECTIVE else 0,
        net=exposure(caps, offer.rate),
        used_net=net_of(used, offer.rate),
    )


def _people_of(story: Story) -> Iterable[int | None]:
    yield from (story.ticket.assignee_id, story.ticket.contact.user_id)
    for event in story.events:
        to = event.data.get("to")  # a person where somebody hands on, a status where a state changes
        yield from (event.actor_id, to if isinstance(to, int) else None)
    yield from (pk for one in getattr(story.ticket, "sessions", ()) for pk in (one["person"], one["by"]))
    yield from (message.author_id for message in story.messages)
    yield from (entry.agent_id for entry in story.entries)
    yield from (contact.user_id for contact in story.releasers)
    for offer in (one for offers in story.offers.values() for one in offers):
        yield offer.decided.user_id if offer.decided else None
    yield from (one.current_assessment.assessor_id for one in story.concerns if one.current_assessment)
