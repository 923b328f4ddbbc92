"""The engine's facts from the rows of a ticket, in few queries; and its reasons in words."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, DateTimeField, DecimalField, F, IntegerField, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from klarfall.billing import engine
from klarfall.billing.engine import Caps, ConcernFacts, Ending, Segment, Standing, Why
from klarfall.billing.models import CostOffer, DecisionKind, Goodwill, Stop, TimeEntry, TimeLock
from klarfall.billing.status import OfferStatus
from klarfall.tickets.models import Assessment, Concern, Objection, TicketEvent
from klarfall.tickets.status import ConcernStatus
from klarfall.tickets.workflow import FACTS

_ENDINGS = {
    OfferStatus.COMPLETED: Ending.COMPLETED,
    OfferStatus.STOPPED: Ending.STOPPED,
    OfferStatus.WITHDRAWN: Ending.WITHDRAWN,
}
_NEVER = Value(None, output_field=DateTimeField())
_NO_NET = Cast(Value(None), DecimalField(max_digits=12, decimal_places=2))
_Facts = dict[int, dict[str, list[Any]]]


def facts_of(concerns: Iterable[Concern]) -> dict[int, ConcernFacts]:
    """Facts by concern id; four queries however many concerns and tickets they are.

    Contacts do not see triage entries: those are never billable and take nothing from a cap.
    """
    wanted = list(concerns)
    if not wanted:
        return {}
    tickets = {concern.ticket_id for concern in wanted}
    found: _Facts = {concern.pk: defaultdict(list) for concern in wanted}
    for read in (_assessments, _offers, _moments, _entries):
        for concern_id, kind, fact in read(tickets):
            if concern_id in found:
                found[concern_id][kind].append(fact)
    return {pk: ConcernFacts(**{kind: tuple(facts) for kind, facts in kinds.items()}) for pk, kinds in found.items()}


def _assessments(tickets: set[int]) -> Iterable[tuple[int, str, Any]]:
    rows = Assessment.objects.filter(ticket__in=tickets).values_list(
        "concern_id", "pk", "fact", "published_at", "outcome", "item__code"
    )
    for concern_id, *fact in rows:
        yield concern_id, "assessments", engine.Assessment(*fact)


def _offers(tickets: set[int]) -> Iterable[tuple[int, str, Any]]:
    """Offers with their acceptance, if any: there is at most one decision about an offer."""
    names = ("decisions__pk", "decisions__kind", "decisions__fact", "decisions__at")
    caps = ("decisions__chosen_cap_minutes", "decisions__chosen_cap_net")
    rows = CostOffer.objects.filter(ticket__in=tickets).exclude(status=OfferStatus.DRAFT)
    for row in rows.values("concern_id", "pk", "number", "rate", "increment", "minimum", "cap_minutes", "cap_net",
                           "extends_id", "status", "ended_at", "ended_fact", *names, *caps):  # fmt: skip
        yield (
            row["concern_id"],
            "offers",
            engine.Offer(
                row["pk"],
                row["number"],
                row["rate"],
                row["increment"],
                row["minimum"],
                Caps(row["cap_minutes"], row["cap_net"]),
                row["extends_id"],
                _acceptance(row),
                end_of(row["status"], row["ended_at"], row["ended_fact"]),
            ),
        )


def _acceptance(row: dict[str, Any]) -> engine.Acceptance | None:
    if row["decisions__kind"] != DecisionKind.ACCEPT:
        return None
    minutes, net = row["decisions__chosen_cap_minutes"], row["decisions__chosen_cap_net"]
    chosen = None if minutes is None and net is None else Caps(minutes, net)
    return engine.Acceptance(row["decisions__pk"], row["decisions__fact"], row["decisions__at"], chosen)


def end_of(status: str, at: datetime | None, fact: int | None) -> engine.OfferEnd | None:
    """How an offer of this status ended, if it has."""
    if at is None or fact is None or status not in _ENDINGS:
        return None
    return engine.OfferEnd(fact, at, _ENDINGS[OfferStatus(status)])


def _moments(tickets: set[int]) -> Iterable[tuple[int, str, Any]]:
    """Objections, stops, ends and reopenings of concerns, locks and goodwill, in one query."""
    rows = _objections(tickets).union(_stops(tickets), _ends(tickets), _locks(tickets), _goodwill(tickets), all=True)
    for kind, concern_id, pk, fact, at, until, net in rows:
        match kind:
            case "lock":
                yield concern_id, "locked", engine.Locked(pk, at, until, fact)
            case "goodwill":
                yield concern_id, "goodwill", engine.Goodwill(pk, fact, net)
            case "objection":
                yield concern_id, "objections", engine.Objection(pk, fact, at, until)
            case "stop":
                yield concern_id, "stops", engine.Stop(pk, fact, at)
            case ConcernStatus.DONE:
                yield concern_id, "done", engine.Done(pk, fact, at)
            case _:
                yield concern_id, "reopened", engine.Reopened(pk, fact, at)


def _objections(tickets: set[int]) -> QuerySet[Any, Any]:
    rows = Objection.objects.filter(ticket__in=tickets).annotate(is_a=Value("objection", CharField()), amount=_NO_NET)
    return rows.values_list("is_a", "concern_id", "pk", "opened_fact", "opened_at", "reviewed_at", "amount")


def _stops(tickets: set[int]) -> QuerySet[Any, Any]:
    rows = Stop.objects.filter(ticket__in=tickets)
    rows = rows.annotate(is_a=Value("stop", CharField()), until=_NEVER, amount=_NO_NET)
    return rows.values_list("is_a", "concern_id", "pk", "fact", "at", "until", "amount")


def _ends(tickets: set[int]) -> QuerySet[Any, Any]:
    """A concern that was done, and one that came back from it: only history knows (`tickets/workflow.py`, FACTS)."""
    rows = (
        TicketEvent.objects.filter(ticket__in=tickets, kind__in=[f"concern.{name}" for name in FACTS])
        .filter(data__has_key="fact")
        .order_by()
        .annotate(
            is_a=KeyTextTransform("to", "data"),
            of=Cast(KeyTextTransform("concern", "data"), BigIntegerField()),
            fact=Cast(KeyTextTransform("fact", "data"), IntegerField()),
            when=F("at"),
            until=_NEVER,
            amount=_NO_NET,
        )
    )
    return rows.values_list("is_a", "of", "pk", "fact", "when", "until", "amount")


def _locks(tickets: set[int]) -> QuerySet[Any, Any]:
    rows = TimeLock.objects.filter(ticket__in=tickets)
    rows = rows.annotate(is_a=Value("lock", CharField()), amount=_NO_NET)
    return rows.values_list("is_a", "concern_id", "entry_id", "offer_id", "start", "end", "amount")


def _goodwill(tickets: set[int]) -> QuerySet[Any, Any]:
    rows = Goodwill.objects.filter(ticket__in=tickets)
    rows = rows.order_by().annotate(is_a=Value("goodwill", CharField()), until=_NEVER)
    return rows.values_list("is_a", "concern_id", "pk", "minutes", "granted_at", "until", "net")


def _entries(tickets: set[int]) -> Iterable[tuple[int, str, Any]]:
    rows = TimeEntry.objects.filter(ticket__in=tickets).order_by()
    for concern_id, *fact in rows.values_list("concern_id", "pk", "agent_id", "purpose", "raw_start", "raw_end"):
        yield concern_id, "entries", engine.TimeEntry(*fact)


def explain(answer: Segment | Standing) -> str:
    """Why a minute has its class, in one sentence of the active language."""
    return explain_code(answer.reason.code)


def explain_code(code: Why) -> str:
    """The same for a reason that was stored."""
    return _sentences()[code]


def _sentences() -> dict[Why, str]:
    return {
        Why.TRIAGE_PURPOSE: _("The review is free of charge."),
        Why.NOT_ASSESSED: _("Not billable: nothing has been assessed yet."),
        Why.ASSESSED_FREE: _("Not billable: the assessment says so."),
        Why.FREED_LATER: _("Not billable: a later assessment freed it."),
        Why.OBJECTION_OPEN: _(
            "Not billable: the customer sees the assessment differently, and the second review is open."
        ),
        Why.STOPPED: _("Not billable: the customer has stopped the work."),
        Why.ACCEPTED: _("Billable: the customer has accepted the cost notice."),
        Why.EXTENSION_ACCEPTED: _("Billable: the customer has accepted the extension."),
        Why.CAP_USED_UP: _("Not billable: the cap is used up. Further work needs a new decision."),
        Why.NO_ACCEPTANCE: _("Not billable: the customer has not accepted a cost notice."),
        Why.DONE: _("Not billable: this concern was done."),
        Why.ITEM_CHANGED: _("Not billable: after the new assessment a new cost notice must be accepted first."),
        Why.OFFER_COMPLETED: _("Not billable: the accepted cost notice is completed."),
        Why.OFFER_WITHDRAWN: _("Not billable: the cost notice was withdrawn."),
    }
