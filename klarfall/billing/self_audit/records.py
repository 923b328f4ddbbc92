"""INV-21 and INV-30: a service record says what the billing lines say, and computed again it says the same cents."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from klarfall.billing.engine import ConcernFacts, finished
from klarfall.billing.facts import facts_of
from klarfall.billing.models import BillingLine, ServiceRecord, Unbilled
from klarfall.billing.records.content import ConcernInput, recompute
from klarfall.billing.records.serial import NotReadable, from_json
from klarfall.billing.self_audit.tally import Tally
from klarfall.billing.status import RecordStatus
from klarfall.tickets.models import Concern

_CHUNK = 100


def check_records_again(tally: Tally) -> None:
    """INV-30: every issued record, computed from its stored inputs."""
    for record in _issued().order_by("pk").iterator(_CHUNK):
        tally.look()
        if not _is_same(record):
            tally.report("other_cents", "record", record.pk)


def _is_same(record: ServiceRecord) -> bool:
    try:
        content = recompute(record.inputs)
        totals = content["totals"]
    except (NotReadable, LookupError, TypeError, ValueError):
        return False
    columns = (record.exact_minutes, record.billed_minutes, record.net)
    return bool(content == record.content and columns == (totals["exact"], totals["billed"], Decimal(totals["net"])))


def check_records_and_lines(tally: Tally) -> None:
    """INV-21: the latest record of every ticket, concern by concern, where nothing happened since."""
    latest = _issued().filter(ticket=OuterRef("ticket")).order_by("-revision").values("pk")[:1]
    for record in _issued().filter(pk=Subquery(latest)).order_by("pk").iterator(_CHUNK):
        tally.look()
        if any(_differ(record)):
            tally.report("other_sum", "record", record.pk)


def _differ(record: ServiceRecord) -> Iterator[bool]:
    stored = _inputs(record)
    concerns = list(Concern.objects.filter(ticket=record.ticket_id))
    facts, net = facts_of(concerns), _billed(record)
    waiting = set(Unbilled.objects.filter(ticket=record.ticket_id).values_list("concern_id", flat=True))
    shown = {one["id"]: Decimal(one["net"]) for one in record.content["concerns"]}
    for concern in concerns:
        same = concern.pk in stored and _scope(stored[concern.pk]) == _scope(finished(facts[concern.pk]))
        if same and concern.pk not in waiting:
            yield shown.get(concern.pk, Decimal(0)) != net.get(concern.pk, Decimal(0))


def _inputs(record: ServiceRecord) -> Mapping[int, ConcernFacts]:
    """The stored facts by concern; none where they cannot be read, which INV-30 reports."""
    try:
        read = [from_json(ConcernInput, one) for one in record.inputs["concerns"]]
    except (NotReadable, LookupError, TypeError):
        return {}
    return {one.id: one.facts for one in read}


def _scope(facts: ConcernFacts) -> tuple[Any, ...]:
    """What the bill of a concern is made of; locks and the end of an offer come afterwards and change none of it."""
    return (
        {(one.id, one.started_at, one.ended_at, one.purpose) for one in facts.entries},
        {one.id for one in facts.goodwill},
        {one.id for one in facts.assessments},
        {one.accepted.id for one in facts.offers if one.accepted},
        {one.id for one in facts.stops},
        {(one.id, one.reviewed_at) for one in facts.objections},
    )


def _billed(record: ServiceRecord) -> dict[int, Decimal]:
    lines = BillingLine.objects.filter(ticket=record.ticket_id).order_by()
    return dict(lines.values_list("concern_id").annotate(net=Sum("net")))


def _issued() -> QuerySet[Any]:
    return ServiceRecord.objects.exclude(status=RecordStatus.DRAFT)
