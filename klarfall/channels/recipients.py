"""Who hears about what: one line per kind of event and audience (R40, domain.md, sections 1, 7 and 9).

Nobody is told what they did themselves, except where the law or good manners want a confirmation.
Runs with full sight; that a recipient may see what the mail shows is checked when it is written.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import StaffRole
from klarfall.billing.authority import authority
from klarfall.billing.models import CostOffer, CustomerDecision, DecisionKind, ServiceRecord, TimeEntry
from klarfall.billing.status import OfferStatus
from klarfall.channels.models import Notice
from klarfall.contracts.models.product import ChannelKind
from klarfall.contracts.queries import local_day
from klarfall.tickets.models import (
    Assessment,
    ConsultantRequest,
    Message,
    Objection,
    RemoteSession,
    Ticket,
    TicketEvent,
    TrainingRequest,
)

#: Mails without which somebody does not know what they are asked to pay.
ABOUT_COSTS = frozenset({"cost_notice", "passed_on", "offer_expiring"})

Audience = Callable[[TicketEvent, Ticket], Iterable[User | None]]


@dataclass(frozen=True)
class Rule:
    """Of several notices about one instant each person gets the weightiest; so one step makes one mail."""

    notice: str
    audience: Audience
    weight: int
    #: Also the person who did it: a confirmation.
    confirms: bool = False


@dataclass(frozen=True)
class Told:
    """One person who is told about an event, and by which notice."""

    user: User
    notice: str
    weight: int


def _requester(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    return [ticket.contact.user]


def _requester_told(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """The requester, but not where their mails of late would have been answered too often (`incoming.caps`)."""
    return [] if event.data.get("unconfirmed") else [ticket.contact.user]


def _actor(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    return [event.actor]


def _assignee(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    return [ticket.assignee]


def _participants(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """The requester and whoever of the customer has written in this request."""
    authors = Message.objects.filter(ticket=ticket, from_customer=True, author__kind=Kind.CONTACT)
    return [ticket.contact.user, *User.objects.filter(pk__in=authors.values("author")).order_by("pk")]


def _offer(event: TicketEvent) -> CostOffer:
    offer: CostOffer = CostOffer.objects.select_related("created_by", "ticket").get(pk=event.data["offer"])
    return offer


def _deciders(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """The requester, and where people are named to decide those whose limit suffices."""
    answer = authority(_offer(event), ticket.contact, None, event.at)
    named = ticket.customer.release_policy == "named" or not answer.allowed
    return [ticket.contact.user, *(contact.user for contact in answer.who_can if named)]


def _asked(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """Those who got the cost notice of this offer, and the requester."""
    asked = Notice.objects.filter(ticket=ticket, kind__in=("cost_notice", "passed_on"))
    rows = asked.filter(data__offer=event.data["offer"]).select_related("recipient")
    return [ticket.contact.user, *(notice.recipient for notice in rows)]


def _author_of_offer(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    return [ticket.assignee or _offer(event).created_by]


def _at_work(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """Whose timers are running on the concern."""
    running = TimeEntry.objects.filter(concern=event.data["concern"], raw_end__isnull=True)
    return [one.agent for one in running.select_related("agent")]


def _decider(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """Who decided, and the requester; by telephone the actor is the specialist, not the decider."""
    decision = CustomerDecision.objects.select_related("contact__user").filter(offer_id=event.data["offer"]).first()
    return [decision.contact.user if decision else None, ticket.contact.user]


def _payers(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """The requester and whoever accepted an offer of the concern."""
    accepted = CustomerDecision.objects.filter(concern=event.data["concern"], kind="accept")
    return [ticket.contact.user, *(one.contact.user for one in accepted.select_related("contact__user"))]


def _passed_to(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    return [User.objects.filter(pk=event.data.get("to"), kind=Kind.CONTACT).first()]


def _objector(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    objection = Objection.objects.select_related("contact__user").get(pk=event.data["objection"])
    return [objection.contact.user, ticket.contact.user]


def _reviewers(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """The leads; where every lead is the assessor, the other specialists."""
    assessor = Assessment.objects.values_list("assessor_id", flat=True).get(pk=event.data["assessment"])
    staff = User.objects.filter(kind=Kind.STAFF, is_active=True).exclude(pk=assessor)
    leads = list(staff.filter(staff_roles__contains=[StaffRole.LEAD]))
    return leads or staff.filter(staff_roles__contains=[StaffRole.AGENT])


def _wisher(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """Whose wish was handed over; number and id together tell a consultant's from a training."""
    wanted = {"customer_id": ticket.customer_id, "pk": event.data.get("request"), "number": event.data.get("number")}
    models: tuple[Any, ...] = (ConsultantRequest, TrainingRequest)
    if event.kind == "handover.training":
        models = (TrainingRequest,)
    found = (model.objects.select_related("contact__user").filter(**wanted).first() for model in models)
    wish = next((one for one in found if one is not None), None)
    return [wish.contact.user if wish else ticket.contact.user]


def _told_of_bounce(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """Who takes care of the request; of mails about costs whoever offered them, or the leads, where that is nobody."""
    if not event.data["final"]:
        return []
    notice = Notice.objects.filter(pk=event.data["notice"]).first()
    people = [ticket.assignee]
    if ticket.assignee is None and notice is not None and notice.kind in ABOUT_COSTS:
        offer = CostOffer.objects.select_related("created_by").filter(pk=notice.data.get("offer")).first()
        people = [offer.created_by] if offer is not None and offer.created_by.is_active else list(_leads())
    return [one for one in people if one is not None and one.pk != event.data["to"]]


def _leads() -> Iterable[User]:
    found: Iterable[User] = User.objects.filter(kind=Kind.STAFF, is_active=True, staff_roles__contains=[StaffRole.LEAD])
    return found


def _mailed_while_open(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """Who writes a mail while a cost notice waits: a free-text *ok* decides nothing (domain.md, section 5)."""
    mailed = event.data.get("channel") == ChannelKind.EMAIL and not event.data.get("unconfirmed")
    return [event.actor] if mailed and waiting_offers(ticket, event.at).exists() else []


def waiting_offers(ticket: Ticket, now: datetime) -> QuerySet[CostOffer]:
    """The cost notices of a request that a customer can decide now, newest first."""
    sent = CostOffer.objects.filter(ticket=ticket, status=OfferStatus.SENT, valid_until__gte=local_day(now))
    return sent.order_by("-number")


def _accepters(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """The requester, and everybody who has accepted a cost notice of this request."""
    decisions = CustomerDecision.objects.filter(ticket=ticket, kind=DecisionKind.ACCEPT).order_by("pk")
    return [ticket.contact.user, *(one.contact.user for one in decisions.select_related("contact__user"))]


def _record_team(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """Who takes care of the request and who issued the record; the leads where that was nobody."""
    record = ServiceRecord.objects.select_related("issued_by").get(pk=event.data["record"])
    people = [one for one in (ticket.assignee, record.issued_by) if one is not None and one.kind == Kind.STAFF]
    return people or _leads()


def _session(event: TicketEvent) -> RemoteSession:
    rows = RemoteSession.objects.select_related("contact__user", "consent_by__user", "recorded_by")
    found: RemoteSession = rows.get(pk=event.data["session"])
    return found


def _looked_at(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """Who agreed to a remote session, until then who was asked."""
    session = _session(event)
    return [(session.consent_by or session.contact).user]


def _session_team(event: TicketEvent, ticket: Ticket) -> Iterable[User | None]:
    """Who asked for the session, and whose time was in it; not whoever ended it."""
    session = _session(event)
    worked = TimeEntry.objects.filter(remote_session=session).select_related("agent")
    return [session.recorded_by, *(one.agent for one in worked)]


RULES: dict[str, list[Rule]] = {
    "ticket.submitted": [Rule("received", _requester_told, 10, confirms=True)],
    "ticket.assigned": [Rule("team_assigned", _assignee, 20)],
    "ticket.cancel": [Rule("team_cancelled", _assignee, 60)],
    "ticket.reopen": [Rule("team_reopened", _assignee, 60)],
    "ticket.resolve": [Rule("resolved", _requester, 80, confirms=True)],
    "ticket.resolve_by_itself": [Rule("resolved", _requester, 80, confirms=True)],
    "message.agent": [Rule("reply", _participants, 30)],
    "message.customer": [
        Rule("team_reply", _assignee, 30),
        Rule("mail_is_no_decision", _mailed_while_open, 35, confirms=True),
    ],
    "mail.bounced": [Rule("team_bounce", _told_of_bounce, 30)],
    "coverage.asked": [Rule("team_coverage", _assignee, 25)],
    "assessment.published": [Rule("assessed", _requester, 50)],
    "objection.opened": [
        Rule("objection_received", _actor, 65, confirms=True),
        Rule("team_objection", _reviewers, 65),
        Rule("team_objection", _assignee, 65),
    ],
    "objection.withdrawn": [Rule("team_objection_withdrawn", _assignee, 40)],
    "objection.reviewed": [Rule("objection_reviewed", _objector, 70)],
    "offer.send": [Rule("cost_notice", _deciders, 90)],
    "offer.withdraw": [Rule("offer_withdrawn", _asked, 40)],
    "offer.expire": [
        Rule("offer_expired", _asked, 85),
        Rule("team_offer_expired", _author_of_offer, 85),
    ],
    "offer.passed_on": [Rule("passed_on", _passed_to, 90)],
    "offer.warned": [
        Rule("cap_warning", _decider, 74),
        Rule("team_cap_warning", _author_of_offer, 74),
        Rule("team_cap_warning", _at_work, 74),
    ],
    "offer.exhaust": [
        Rule("cap_reached", _decider, 75),
        Rule("team_cap_reached", _author_of_offer, 75),
        Rule("team_cap_reached", _at_work, 75),
    ],
    "decision.made": [
        Rule("decision_made", _decider, 100, confirms=True),
        Rule("team_decision", _author_of_offer, 100),
    ],
    "goodwill.granted": [Rule("goodwill", _payers, 60)],
    "costs.dropped": [Rule("costs_dropped", _payers, 45)],
    "record.document": [Rule("service_record", _accepters, 62)],
    "record.disputed": [Rule("team_record_disputed", _record_team, 66)],
    "work.stopped": [
        Rule("stopped", _actor, 95, confirms=True),
        Rule("stopped", _requester, 95),
        Rule("team_stopped", _assignee, 95),
    ],
    "work.restored": [Rule("restored", _requester, 45)],
    "handover.consulting": [Rule("handed_over", _wisher, 42, confirms=True)],
    "handover.training": [Rule("handed_over", _wisher, 42, confirms=True)],
    "handover.status": [Rule("handover_status", _wisher, 41)],
    "remote.invited": [Rule("remote_invited", _looked_at, 88)],
    "remote.declined": [Rule("team_remote_declined", _session_team, 35)],
    "remote.withdrawn": [Rule("team_remote_declined", _session_team, 35)],
    "remote.ended": [Rule("remote_ended", _looked_at, 36, confirms=True), Rule("team_remote_ended", _session_team, 36)],
    "remote.reminded": [Rule("team_remote_open", _session_team, 36)],
    "callback.wished": [Rule("callback_agreed", _passed_to, 43, confirms=True)],
    "callback.missed": [Rule("callback_missed", _passed_to, 43)],
    "portal.suggested": [Rule("add_in_portal", _requester, 44)],
}


def told_about(event: TicketEvent, ticket: Ticket) -> dict[int, Told]:
    """Whom this event alone would tell, by user id; of two rules for a person the weightier counts."""
    found: dict[int, Told] = {}
    for rule in RULES.get(event.kind, []):
        for user in rule.audience(event, ticket):
            if user is None or not user.is_active or user.kind == Kind.SYSTEM:
                continue
            if user.pk == event.actor_id and not rule.confirms:
                continue
            if user.pk not in found or found[user.pk].weight < rule.weight:
                found[user.pk] = Told(user, rule.notice, rule.weight)
    return found


def recipients_of(event: TicketEvent) -> list[Told]:
    """Whom the event tells, without those whom a weightier event of the same instant tells more."""
    ticket = Ticket.objects.select_related("contact__user", "assignee", "customer").get(pk=event.ticket_id)
    told = told_about(event, ticket)
    others = TicketEvent.objects.filter(ticket=ticket, at=event.at, kind__in=RULES).exclude(pk=event.pk)
    for other in others.select_related("actor"):
        for user_id, better in told_about(other, ticket).items():
            if user_id in told and better.weight > told[user_id].weight:
                del told[user_id]
    return list(told.values())
