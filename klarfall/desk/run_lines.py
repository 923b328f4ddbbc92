"""What a run bills, by customer and concern: pages by key, a few queries each, for previews and frozen runs alike."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from klarfall.billing.line_words import explain_line, kind_label
from klarfall.billing.models import BatchConcern, BillingBatch, BillingLine, CostOffer
from klarfall.billing.runs.content import StoredLine, read_line
from klarfall.billing.status import BatchStatus
from klarfall.customers.models import Customer
from klarfall.desk.forms.billing import RunFilter
from klarfall.tickets.models import Concern

PAGE = 25


@dataclass(slots=True)
class Part:
    """One concern of a run with its lines."""

    customer_id: int
    concern_id: int
    minutes: int
    net: Decimal
    lines: list[StoredLine | BillingLine] = field(default_factory=list)
    concern: Any = None


@dataclass(slots=True)
class Shown:
    """One page of a run: parts by customer, and what their lines point to."""

    customers: list[tuple[Any, list[Part]]]
    offers: dict[int, int]
    runs: dict[int, int]
    before: str = ""
    after: str = ""

    def explained(self, line: StoredLine | BillingLine) -> str:
        """Why a line is there."""
        return explain_line(line, run=self.runs.get(line.corrects_id or 0))

    def label(self, line: StoredLine | BillingLine) -> str:
        """What kind of line it is."""
        return kind_label(line.kind)


def shown(run: BillingBatch, chosen: RunFilter, *, after: str = "", before: str = "") -> Shown:
    """One page of concerns by customer; cursors that cannot be read mean the first page."""
    is_open = run.status == BatchStatus.OPEN
    rows = _narrowed(run, chosen, is_open)
    forward = not (cursor := _read(before))
    cursor = cursor or _read(after)
    found = list(_beyond(rows, cursor, upwards=forward)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if not forward:
        found.reverse()
    parts = [Part(*row) for row in found]
    _fill(run, parts, is_open)
    page = _named(parts)
    page.before = _cursor(parts[0]) if parts and (bool(cursor) if forward else more) else ""
    page.after = _cursor(parts[-1]) if parts and (more if forward else True) else ""
    return page


def part_of(run: BillingBatch, concern_id: int) -> Part | None:
    """One concern of a run, None where it adds nothing."""
    is_open = run.status == BatchStatus.OPEN
    row = _summed(run, is_open).filter(concern_id=concern_id).order_by("concern_id").first()
    if row is None:
        return None
    part = Part(*row)
    _fill(run, [part], is_open)
    return part


def named(part: Part) -> Shown:
    """The same with concern, customer, offers and corrected runs."""
    return _named([part])


def _summed(run: BillingBatch, is_open: bool) -> QuerySet[Any, Any]:
    """Rows (customer, concern, minutes, net); only what has lines."""
    if is_open:
        rows = BatchConcern.objects.filter(batch=run).exclude(lines=[])
        return rows.values_list("customer_id", "concern_id", "minutes", "net")
    lines = BillingLine.objects.filter(batch=run).order_by().values("customer_id", "concern_id")
    return lines.annotate(m=Sum("minutes"), n=Sum("net")).values_list("customer_id", "concern_id", "m", "n")


def _narrowed(run: BillingBatch, chosen: RunFilter, is_open: bool) -> QuerySet[Any, Any]:
    rows = _summed(run, is_open)
    if (customers := chosen.customers()) is not None:
        rows = rows.filter(customer_id__in=customers)
    kind = chosen.chosen.get("only")
    if kind and is_open:
        return rows.filter(lines__contains=[{"kind": kind}])
    if kind:
        return rows.filter(concern__in=BillingLine.objects.filter(batch=run, kind=kind).order_by().values("concern"))
    return rows


def _beyond(rows: QuerySet[Any, Any], cursor: tuple[int, int] | None, *, upwards: bool) -> QuerySet[Any, Any]:
    if cursor is not None:
        way = "gt" if upwards else "lt"
        customer, concern = cursor
        further = Q(**{f"concern_id__{way}": concern}) | ~Q(customer_id=customer)
        rows = rows.filter(further, **{f"customer_id__{way}e": customer})
    order = ("customer_id", "concern_id") if upwards else ("-customer_id", "-concern_id")
    return rows.order_by(*order)


def _cursor(part: Part) -> str:
    return f"{part.customer_id}-{part.concern_id}"


def _read(cursor: str) -> tuple[int, int] | None:
    """Numbers that no key of the database can be are no cursor."""
    customer, _dash, concern = cursor.partition("-")
    if not (customer.isascii() and customer.isdigit() and concern.isascii() and concern.isdigit()):
        return None
    pair = int(customer[:20]), int(concern[:20])
    return pair if max(pair) < 2**63 else None


def _fill(run: BillingBatch, parts: list[Part], is_open: bool) -> None:
    by_concern = {part.concern_id: part for part in parts}
    if is_open:
        rows = BatchConcern.objects.filter(batch=run, concern__in=by_concern).values_list("concern_id", "lines")
        for pk, lines in rows:
            by_concern[pk].lines = [read_line(line) for line in lines]
        return
    for line in BillingLine.objects.filter(batch=run, concern__in=by_concern).order_by("pk"):
        by_concern[line.concern_id].lines.append(line)


def _named(parts: list[Part]) -> Shown:
    """Look up what the parts name, in four queries however many they are."""
    lines = [line for part in parts for line in part.lines]
    concerns = Concern.objects.select_related("ticket").in_bulk([part.concern_id for part in parts])
    customers = Customer.objects.in_bulk({part.customer_id for part in parts})
    for part in parts:
        part.concern = concerns[part.concern_id]
    grouped = groupby(parts, key=lambda part: part.customer_id)
    return Shown(
        customers=[(customers[pk], list(group)) for pk, group in grouped],
        offers=_numbers(CostOffer.objects.all(), "number", (line.offer_id for line in lines)),
        runs=_numbers(BillingLine.objects.all(), "batch__number", (line.corrects_id for line in lines)),
    )


def _numbers(rows: QuerySet[Any], name: str, ids: Iterable[int | None]) -> dict[int, int]:
    wanted = {pk for pk in ids if pk}
    return dict(rows.filter(pk__in=wanted).order_by().values_list("pk", F(name))) if wanted else {}
