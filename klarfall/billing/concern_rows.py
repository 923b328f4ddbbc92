"""The concerns of one ticket, with the facts of the engine that no other row of its story holds, in one query.

Offers with their decisions, time entries and events are in the story already; assessments, objections, stops, locks
and goodwill come as arrays of the concerns' own rows. `facts` answers the same as `facts.facts_of`, without asking.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, OuterRef, QuerySet
from django.db.models.functions import Cast, JSONObject

from klarfall.billing import engine
from klarfall.billing.engine import Caps, ConcernFacts
from klarfall.billing.facts import end_of
from klarfall.billing.models import DecisionKind, Goodwill, Stop, TimeEntry, TimeLock
from klarfall.core.prepared import prepared
from klarfall.tickets.models import Assessment, Concern, Objection, Ticket, TicketEvent
from klarfall.tickets.status import ConcernStatus
from klarfall.tickets.workflow import FACTS

_MOMENTS = frozenset(f"concern.{name}" for name in FACTS)


@prepared
def _rows(with_facts: bool, /, *, ticket: int) -> QuerySet[Any]:
    rows = Concern.objects.filter(ticket=ticket).order_by("position")
    rows = rows.select_related("current_assessment__item", "current_assessment__sealed")
    return rows.annotate(**_arrays()) if with_facts else rows


def _arrays() -> dict[str, Any]:
    """Names end in `_rows`; amounts are text, because JSON would make binary fractions of them."""
    assessments = JSONObject(id="pk", seq="fact", at="published_at", outcome="outcome", item="item__code")
    objections = JSONObject(id="pk", seq="opened_fact", at="opened_at", until="reviewed_at")
    locks = JSONObject(entry="entry_id", at="start", until="end", offer="offer_id")
    goodwill = JSONObject(id="pk", minutes="minutes", net="amount", reason="reason", by="granted_by_id")
    return {
        "assessment_rows": _array(Assessment.objects.all(), assessments),
        "objection_rows": _array(Objection.objects.all(), objections),
        "stop_rows": _array(Stop.objects.all(), JSONObject(id="pk", seq="fact", at="at")),
        "lock_rows": _array(TimeLock.objects.all(), locks),
        "goodwill_rows": _array(Goodwill.objects.annotate(amount=Cast(F("net"), CharField())), goodwill),
    }


def _array(rows: QuerySet[Any], found: JSONObject) -> ArraySubquery:
    return ArraySubquery(rows.filter(concern=OuterRef("pk")).order_by("pk").values(found=found))


def concerns_of(ticket: Ticket, *, with_facts: bool) -> list[Concern]:
    """The concerns of a ticket in order, with assessment and catalogue item; `with_facts` for `facts` below."""
    found: list[Concern] = _rows(with_facts, ticket=ticket.pk)
    for concern in found:
        concern.ticket = ticket
    return found


def facts(
    concern: Any, *, offers: Iterable[Any], entries: Iterable[TimeEntry], events: Iterable[TicketEvent]
) -> ConcernFacts:
    """The facts of a concern from `concerns_of(..., with_facts=True)` and the rows of its story."""
    moments = [one for one in events if one.kind in _MOMENTS and "fact" in one.data and _is_of(one, concern)]
    done = [one for one in moments if one.data["to"] == ConcernStatus.DONE]
    return ConcernFacts(
        assessments=tuple(
            engine.Assessment(one["id"], one["seq"], _at(one["at"]), one["outcome"], one["item"])
            for one in concern.assessment_rows
        ),
        objections=tuple(
            engine.Objection(one["id"], one["seq"], _at(one["at"]), one["until"] and _at(one["until"]))
            for one in concern.objection_rows
        ),
        offers=tuple(_offer(one) for one in offers),
        stops=tuple(engine.Stop(one["id"], one["seq"], _at(one["at"])) for one in concern.stop_rows),
        done=tuple(engine.Done(one.pk, one.data["fact"], one.at) for one in done),
        reopened=tuple(engine.Reopened(one.pk, one.data["fact"], one.at) for one in moments if one not in done),
        entries=tuple(
            engine.TimeEntry(one.pk, one.agent_id, engine.Purpose(one.purpose), one.raw_start, one.raw_end)
            for one in entries
            if one.concern_id == concern.pk
        ),
        locked=tuple(
            engine.Locked(one["entry"], _at(one["at"]), _at(one["until"]), one["offer"]) for one in concern.lock_rows
        ),
        goodwill=tuple(
            engine.Goodwill(one["id"], one["minutes"], Decimal(one["net"])) for one in concern.goodwill_rows
        ),
    )


def _is_of(event: TicketEvent, concern: Concern) -> bool:
    return bool(event.data.get("concern") == concern.pk)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _offer(offer: Any) -> engine.Offer:
    """An offer of a story, with its acceptance."""
    accepted = None
    if offer.decided is not None and offer.decided.kind == DecisionKind.ACCEPT:
        decided = offer.decided
        accepted = engine.Acceptance(offer.decision_pk, offer.decision_fact, decided.at, decided.chosen)
    return engine.Offer(
        offer.pk,
        offer.number,
        offer.rate,
        offer.increment,
        offer.minimum,
        Caps(offer.cap_minutes, offer.cap_net),
        offer.extends_id,
        accepted,
        end_of(offer.status, offer.ended_at, offer.ended_fact),
    )
