"""What a service record says: minutes with class and reason, exact beside billed ones, lines, VAT (rule 10). Pure.

`content_of(inputs)` is all there is to it: the same inputs give the same content for ever, to the cent (INV-30). It
holds ids, codes and figures; names, titles and texts are looked up by whoever shows it (`reading.py`). JSON values
only: amounts as text with two decimals, instants in UTC.

Minutes of the whole record: `worked` all recorded ones but review, `exact` the billable among them, `billed` those on
the bill after rounding and goodwill, `triage` the review.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from klarfall.billing.engine import (
    ConcernFacts,
    FactKind,
    Goodwill,
    Line,
    MinuteClass,
    Outcome,
    Purpose,
    Segment,
    VatPeriod,
    bill,
    classify,
    vat_totals,
)
from klarfall.billing.engine.minutes import snap
from klarfall.billing.engine.offer_runs import OfferRun, in_order, offer_runs
from klarfall.billing.records.serial import from_json, to_json
from klarfall.core.seals import digest

#: Grows when the meaning of stored content changes; older records keep theirs.
VERSION = 1
_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class ConcernInput:
    """One concern as a record counts it: facts without running timers, and the VAT rates of its customer.

    `clauses` are (assessment id, clause of the terms) pairs, `channels` and `late` describe entries by id: what the
    engine does not need and the record shows.
    """

    id: int
    position: int
    facts: ConcernFacts
    vat: tuple[VatPeriod, ...]
    clauses: tuple["Clause", ...] = ()
    marks: tuple["Mark", ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """The clause under which an assessment stands in the terms of the ticket."""

    assessment: int
    clause: str


@dataclass(frozen=True, slots=True)
class Mark:
    """How an entry came about: its channel, and whether it was entered more than 24 hours late (INV-22)."""

    entry: int
    channel: str
    late: bool


Inputs = tuple[ConcernInput, ...]


def stored_inputs(inputs: Inputs, currency: str) -> dict[str, Any]:
    """The inputs as the row of a record keeps them."""
    return {"version": VERSION, "currency": currency, "concerns": to_json(inputs)}


def recompute(stored: dict[str, Any]) -> dict[str, Any]:
    """The content from stored inputs, computed anew (INV-30). Raises NotReadable."""
    concerns = tuple(from_json(ConcernInput, one) for one in stored["concerns"])
    return content_of(concerns, stored["currency"])


def hash_of(content: dict[str, Any], inputs: dict[str, Any]) -> str:
    """SHA-256 over content and inputs, as hex; the history of the ticket holds it too (INV-29)."""
    return digest({"content": content, "inputs": inputs})


def content_of(inputs: Inputs, currency: str = "EUR") -> dict[str, Any]:
    """Everything the record of a ticket says, concerns in their order."""
    concerns = [_concern(one) for one in sorted(inputs, key=lambda one: one.position)]
    sums = {name: sum(one[name] for one in concerns) for name in ("worked", "exact", "billed", "triage")}
    amounts = [
        (line["category"], Decimal(line["percent"]), Decimal(line["net"])) for one in concerns for line in one["lines"]
    ]
    vat = vat_totals(amounts)
    net = sum((one.net for one in vat), _NOTHING)
    totals = {
        **sums,
        "net": str(net),
        "vat": [
            {"category": one.category, "percent": str(one.percent), "net": str(one.net), "vat": str(one.vat)}
            for one in vat
        ],
        "gross": str(sum((one.gross for one in vat), _NOTHING)),
    }
    return {"version": VERSION, "currency": currency, "concerns": concerns, "totals": totals}


def _concern(given: ConcernInput) -> dict[str, Any]:
    segments = list(classify(given.facts))
    lines = bill(given.facts, given.vat)
    return {
        "id": given.id,
        "position": given.position,
        "assessment": _assessment(given),
        "offers": [_offer(run, segments, lines) for run in offer_runs(given.facts)],
        "entries": _entries(given, segments),
        "free": _free(segments),
        "goodwill": _goodwill(given.facts.goodwill),
        "lines": [_line(line) for line in lines],
        "triage": _minutes(segments, given, triage=True),
        "worked": _minutes(segments, given, triage=False),
        "exact": sum(one.minutes for one in segments if one.minute_class is MinuteClass.BILLABLE),
        "billed": sum(line.minutes for line in lines),
        "net": str(sum((line.net for line in lines), _NOTHING)),
    }


def _minutes(segments: Iterable[Segment], given: ConcernInput, *, triage: bool) -> int:
    """Minutes of entries made for the review, or of all others."""
    reviews = {one.id for one in given.facts.entries if one.purpose == Purpose.TRIAGE}
    return sum(one.minutes for one in segments if (one.entry_id in reviews) == triage)


def _assessment(given: ConcernInput) -> dict[str, Any] | None:
    """The assessment in force at the end; None while nothing was published."""
    published = in_order(given.facts.assessments)
    if not published:
        return None
    last = published[-1]
    clauses = {one.assessment: one.clause for one in given.clauses}
    outcome = Outcome(last.outcome).value
    return {"id": last.id, "outcome": outcome, "item": last.item, "clause": clauses.get(last.id, "")}


def _offer(run: OfferRun, segments: Sequence[Segment], lines: Sequence[Line]) -> dict[str, Any]:
    """An accepted offer: its terms with the caps as chosen, exact and billed minutes, net."""
    own = [line for line in lines if line.offer_id == run.offer.id]
    work = [one for one in segments if one.offer_id == run.offer.id]
    return {
        "id": run.offer.id,
        "number": run.offer.number,
        "rate": str(run.offer.rate),
        "increment": run.offer.increment,
        "minimum": run.offer.minimum,
        "cap_minutes": run.caps.minutes,
        "cap_net": None if run.caps.net is None else str(run.caps.net),
        "effective_minutes": run.minutes,
        "decision": next((one.id for one in run.reason.because if one.kind is FactKind.DECISION), None),
        "accepted_at": to_json(run.accepted_at),
        "begins": to_json(min((one.start for one in work), default=None)),
        "ends": to_json(max((one.end for one in work), default=None)),
        "exact": sum(one.minutes for one in work),
        "billed": sum(line.minutes for line in own),
        "net": str(sum((line.net for line in own), _NOTHING)),
    }


def _entries(given: ConcernInput, segments: Sequence[Segment]) -> list[dict[str, Any]]:
    """Every entry of work in the order of the clock, with the class and reason of each of its minutes.

    Entries of the review are added up in `triage`: customers do not read them one by one.
    """
    marks = {one.entry: one for one in given.marks}
    found = []
    for entry in given.facts.entries:
        if entry.purpose == Purpose.TRIAGE or entry.ended_at is None:
            continue
        start, end = snap(entry.started_at, entry.ended_at)
        mark = marks.get(entry.id)
        parts = [_part(one) for one in segments if one.entry_id == entry.id]
        found.append(
            {
                "id": entry.id,
                "agent": entry.agent_id,
                "start": to_json(start),
                "end": to_json(end),
                "minutes": sum(part["minutes"] for part in parts),
                "channel": mark.channel if mark else "",
                "late": mark.late if mark else False,
                "parts": parts,
            }
        )
    return sorted(found, key=lambda one: (one["start"], one["id"]))


def _part(segment: Segment) -> dict[str, Any]:
    return {
        "start": to_json(segment.start),
        "end": to_json(segment.end),
        "minutes": segment.minutes,
        "class": segment.minute_class.value,
        "why": segment.reason.code.value,
        "offer": segment.offer_id,
    }


def _free(segments: Iterable[Segment]) -> list[dict[str, Any]]:
    """Minutes that cost nothing, by class and reason, in the order in which they first occur (rule 10)."""
    found: dict[tuple[str, str], int] = {}
    for one in sorted(segments, key=lambda one: (one.start, one.entry_id)):
        if one.minute_class is not MinuteClass.BILLABLE:
            key = (one.minute_class.value, one.reason.code.value)
            found[key] = found.get(key, 0) + one.minutes
    return [{"class": kind, "why": why, "minutes": minutes} for (kind, why), minutes in found.items()]


def _goodwill(grants: Iterable[Goodwill]) -> list[dict[str, Any]]:
    ordered = sorted(grants, key=lambda one: one.id)
    return [{"id": one.id, "minutes": one.minutes, "net": str(one.net)} for one in ordered]


def _line(line: Line) -> dict[str, Any]:
    figures = {name: str(value) for name, value in line.reason.figures.items()}
    return {
        "offer": line.offer_id,
        "kind": line.kind.value,
        "category": line.category,
        "percent": str(line.percent),
        "minutes": line.minutes,
        "rate": str(line.rate),
        "net": str(line.net),
        "figures": figures,
    }
