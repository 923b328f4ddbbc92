"""What the page of costs lists: bills by month, running orders, cost notices, service records, invoices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from types import SimpleNamespace
from typing import Any

from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import CharField, Exists, F, FilteredRelation, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, JSONObject, TruncMonth
from django.urls import reverse

from klarfall.billing import amounts
from klarfall.billing.engine import Caps
from klarfall.billing.facts import facts_of
from klarfall.billing.line_words import explain_line, kind_label
from klarfall.billing.models import BilledOffer, CostOffer, DecisionKind, Invoice, ServiceRecord, Unbilled
from klarfall.billing.models.batch import LineKinds
from klarfall.billing.settlement import net_so_far
from klarfall.billing.status import EFFECTIVE, OfferStatus, RecordStatus
from klarfall.billing.wording import cap_text
from klarfall.core.isolation import Viewer
from klarfall.portal.costs import MonthSum, Wanted, about, billed_net
from klarfall.portal.paging import Keys, calendar_day, instant
from klarfall.portal.rows import number_of
from klarfall.portal.typed import whole_number
from klarfall.tickets.models import Ticket
from klarfall.ui.formats import NBSP, day, month_name

BILL_KEYS: Keys = (("month", calendar_day), ("customer_id", whole_number), ("offer_id", whole_number))
OFFER_KEYS: Keys = (("number", whole_number),)
RECORD_KEYS: Keys = (("issued_at", instant), ("pk", whole_number))
INVOICE_KEYS: Keys = (("serial", whole_number),)
_ENDED = (OfferStatus.COMPLETED, OfferStatus.STOPPED, OfferStatus.WITHDRAWN)


@dataclass(frozen=True, kw_only=True)
class Request:
    """How a request is named: with title and address only for who sees it."""

    number: str
    title: str = ""
    url: str = ""


def request_of(ticket: Ticket) -> Request:
    """The name of a request that the viewer sees."""
    url = reverse("portal:ticket", args=[ticket.number])
    return Request(number=number_of(ticket.number), title=ticket.title, url=url)


# --- Bills ---


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """One billing line in words; minutes and net are negative where something is taken back."""

    label: str
    words: str
    net: Decimal
    kind: str


@dataclass(frozen=True, kw_only=True)
class BillRow:
    """What was billed of one cost notice for the services of one month."""

    request: Request
    offer: int | None
    decider: str
    order_number: str
    service: str
    exact: int | None
    billed: int
    net: Decimal
    lines: Sequence[LineRow]


@dataclass(frozen=True, kw_only=True)
class MonthOfBills:
    """The bills of one month and company; the sum is that of the whole month, whatever page it is on."""

    name: str
    company: str
    sum: MonthSum
    rows: Sequence[BillRow] = field(default_factory=list)


def bill_groups(lines: QuerySet[Any]) -> QuerySet[Any, Any]:
    """Billing lines by month of service, company and cost notice, for `page_of` with BILL_KEYS."""
    names = ("kind", "minutes", "rate", "currency", "reason")
    line = JSONObject(**{name: name for name in names}, net=Cast("net", CharField()), price=Cast("rate", CharField()))
    groups = lines.annotate(month=TruncMonth("service_to")).values("month", "customer_id", "offer_id")
    found = groups.annotate(
        net_sum=Sum("net"),
        billed=Sum("minutes"),
        exact=Sum("minutes", filter=Q(counts_for=LineKinds.WORK)),
        first=Min("service_from"),
        last=Max("service_to"),
        of=JSONBAgg(line, order_by="pk"),
    )
    sums = ("net_sum", "billed", "exact", "first", "last", "of")
    return found.values_list("month", "customer_id", "offer_id", *sums, named=True)


def months_of_bills(
    groups: Sequence[Any], sums: dict[tuple[date, int], MonthSum], ask: Wanted
) -> Iterable[MonthOfBills]:
    """The groups of a page under their months; at most two queries."""
    offers = {one.pk: one for one in decided_offers(CostOffer.objects.filter(pk__in={one.offer_id for one in groups}))}
    hidden = {one.offer_id for one in groups} - offers.keys()
    numbers = {one.pk: one for one in BilledOffer.objects.filter(pk__in=hidden)} if hidden else {}
    several = len(ask.customers) > 1
    for (month, customer), rows in groupby(groups, key=lambda one: (one.month, one.customer_id)):
        yield MonthOfBills(
            name=month_name(month),
            company=ask.company_names.get(customer, "") if several else "",
            sum=sums[month, customer],
            rows=[_bill(one, offers.get(one.offer_id), numbers.get(one.offer_id), ask) for one in rows],
        )


def _bill(group: Any, offer: Any, numbers: BilledOffer | None, ask: Wanted) -> BillRow:
    """`offer` where the viewer sees its request, else its `numbers`: then neither title nor names."""
    request = Request(number=number_of(numbers.ticket_number)) if numbers else Request(number="")
    known = offer or numbers
    return BillRow(
        request=request_of(offer.ticket) if offer else request,
        offer=known.number if known else None,
        decider=ask.name(offer.decided_by) if offer else "",
        order_number=(offer.order_number or "") if offer else "",
        service=span(group.first, group.last),
        exact=group.exact,
        billed=group.billed,
        net=group.net_sum,
        lines=[_line(one) for one in group.of],
    )


def _line(stored: dict[str, Any]) -> LineRow:
    line = SimpleNamespace(**{**stored, "net": Decimal(stored["net"]), "rate": Decimal(stored["price"])})
    return LineRow(label=kind_label(line.kind), words=explain_line(line), net=line.net, kind=line.kind)


def span(first: date, last: date) -> str:
    """`Mi, 04.11.2026` or `Mi, 04.11. – Do, 12.11.2026`."""
    if first == last:
        return day(first)
    return f"{day(first, year=first.year != last.year)}{NBSP}– {day(last)}"


# --- Cost notices and running orders ---


@dataclass(frozen=True, kw_only=True)
class OfferRow:
    """A cost notice with what became of it; amounts net."""

    request: Request
    number: int
    company: str
    url: str
    state: str
    meaning: str
    decided: str
    decider: str
    cap: Decimal
    cap_words: str
    order_number: str
    billed: Decimal


@dataclass(frozen=True, kw_only=True)
class RunningRow:
    """An order that was not billed completely: provisional net so far, what was billed, the difference."""

    request: Request
    number: int
    company: str
    title: str
    state: str
    cap: Decimal
    so_far: Decimal
    billed: Decimal

    @property
    def open(self) -> Decimal:
        return self.so_far - self.billed


def decided_offers(offers: QuerySet[Any]) -> QuerySet[Any]:
    """Offers with the decision about them; both are seen by the rule of the same request."""
    return offers.select_related("ticket", "concern").annotate(
        decision=FilteredRelation("decisions"),
        decided_by=F("decision__contact_id"),
        decision_kind=F("decision__kind"),
        decision_minutes=F("decision__chosen_cap_minutes"),
        decision_net=F("decision__chosen_cap_net"),
        order_number=KeyTextTransform("order_number", "decision__sealed__data"),
    )


def offers_of(ask: Wanted, viewer: Viewer) -> QuerySet[Any]:
    """The cost notices that were asked for; a period counts by decision, for open ones by sending."""
    offers = CostOffer.objects.filter(about(ask, viewer), customer__in=ask.companies)
    if ask.kind:
        offers = offers.filter(status=ask.kind)
    if ask.period:
        offers = offers.annotate(at=Coalesce("decided_at", "sent_at")).filter(ask.period.instants("at"))
    return decided_offers(offers).annotate(billed=billed_net())


def offer_row(offer: Any, ask: Wanted) -> OfferRow:
    """One cost notice as a row."""
    caps = caps_of(offer)
    return OfferRow(
        request=request_of(offer.ticket),
        number=offer.number,
        company=company_of(offer, ask),
        url=reverse("portal:decision", args=[offer.number]),
        state=offer.get_status_display(),
        meaning="you" if offer.status == OfferStatus.SENT else "",
        decided=day(offer.decided_at),
        decider=ask.name(offer.decided_by),
        cap=amounts.cap_amount(offer, caps),
        cap_words=cap_text(offer, caps),
        order_number=offer.order_number or "",
        billed=offer.billed,
    )


def caps_of(offer: Any) -> Caps:
    """The caps in force, the chosen one included; `offer` from `decided_offers`."""
    if offer.decision_kind != DecisionKind.ACCEPT or (offer.decision_minutes, offer.decision_net) == (None, None):
        return amounts.offered_caps(offer)
    return amounts.caps_in_force(offer, Caps(minutes=offer.decision_minutes, net=offer.decision_net))


def company_of(row: Any, ask: Wanted) -> str:
    """The name of the row's company, for who acts for several."""
    return ask.company_names.get(row.customer_id, "") if len(ask.customers) > 1 else ""


def running_offers(ask: Wanted, viewer: Viewer) -> QuerySet[Any]:
    """Accepted offers that go on, and ended ones of which something may not be billed yet."""
    unbilled = Exists(Unbilled.objects.filter(concern=OuterRef("concern")))
    going_on = Q(status__in=EFFECTIVE) | (Q(status__in=_ENDED, used_minutes__gt=0) & Q(unbilled))
    offers = CostOffer.objects.filter(going_on, about(ask, viewer), customer__in=ask.companies)
    return decided_offers(offers).annotate(billed=billed_net())


def running_rows(offers: Sequence[Any], ask: Wanted) -> list[RunningRow]:
    """What the offers of one page would cost now; four queries, whatever their number."""
    concerns = {one.concern_id: one.concern for one in offers}
    so_far: dict[int, Decimal] = {}
    for facts in facts_of(concerns.values()).values():
        so_far |= net_so_far(facts, ask.now)
    rows = (_running(one, so_far.get(one.pk, Decimal("0.00")), ask) for one in offers)
    return [one for one, offer in zip(rows, offers, strict=True) if one.open or offer.status in EFFECTIVE]


def _running(offer: Any, so_far: Decimal, ask: Wanted) -> RunningRow:
    return RunningRow(
        request=request_of(offer.ticket),
        number=offer.number,
        company=company_of(offer, ask),
        title=offer.concern.title,
        state=offer.get_status_display(),
        cap=amounts.cap_amount(offer, caps_of(offer)),
        so_far=so_far,
        billed=offer.billed,
    )


# --- Service records and invoices ---


def records_of(ask: Wanted, viewer: Viewer) -> QuerySet[Any]:
    """The issued service records that were asked for, without the facts they were computed from."""
    rows = ServiceRecord.objects.filter(about(ask, viewer), customer__in=ask.companies).exclude(
        status=RecordStatus.DRAFT
    )
    if ask.kind:
        rows = rows.filter(status=ask.kind)
    if ask.period:
        rows = rows.filter(ask.period.instants("issued_at"))
    return rows.select_related("ticket").defer("content", "inputs")


def invoices_of(ask: Wanted) -> QuerySet[Any]:
    """The invoices that were asked for; persons and products do not stand in them."""
    rows = Invoice.objects.filter(customer__in=ask.companies).defer("seller", "buyer", "content")
    if ask.kind:
        rows = rows.filter(type=ask.kind)
    return rows.filter(ask.period.days("issued_on")) if ask.period else rows


@dataclass(frozen=True, kw_only=True)
class RecordRow:
    """A service record as issued; amounts net."""

    request: Request
    revision: int
    company: str
    issued: str
    state: str
    exact: int
    billed: int
    net: Decimal
    url: str
    pdf: str


@dataclass(frozen=True, kw_only=True)
class InvoiceRow:
    """An invoice or credit note; amounts of a credit note count against the customer's bill."""

    number: str
    company: str
    type: str
    issued: str
    due: str
    net: Decimal
    vat: Decimal
    gross: Decimal
    currency: str
    pdf: str
    xml: str


def record_row(record: Any, ask: Wanted) -> RecordRow:
    """One service record as a row."""
    return RecordRow(
        request=request_of(record.ticket),
        revision=record.revision,
        company=company_of(record, ask),
        issued=day(record.issued_at),
        state=record.get_status_display(),
        exact=record.exact_minutes,
        billed=record.billed_minutes,
        net=record.net,
        url=reverse("portal:record", args=[record.pk]),
        pdf=reverse("portal:record-pdf", args=[record.pk]) if record.pdf_key else "",
    )


def invoice_row(invoice: Any, ask: Wanted) -> InvoiceRow:
    """One invoice as a row, with the files that were made of it."""
    return InvoiceRow(
        number=invoice.number,
        company=company_of(invoice, ask),
        type=invoice.get_type_display(),
        issued=day(invoice.issued_on),
        due=day(invoice.due_on),
        net=invoice.net,
        vat=invoice.vat,
        gross=invoice.gross,
        currency=invoice.currency,
        pdf=reverse("portal:invoice", args=[invoice.serial, "pdf"]) if invoice.pdf_key else "",
        xml=reverse("portal:invoice", args=[invoice.serial, "xml"]) if invoice.xml_key else "",
    )
