"""Who sees the costs of which company, what was asked for, and the sums on top of the page."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, DecimalField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest, Least, Round, TruncMonth
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.accounts.models import PublicPerson
from klarfall.billing.engine import VatTotal, vat_totals
from klarfall.billing.models import BillingLine, CostOffer, CustomerDecision
from klarfall.billing.status import EFFECTIVE, OfferStatus
from klarfall.contracts.models import Product
from klarfall.core.isolation import Viewer
from klarfall.customers.models import Contact
from klarfall.portal.offering import offering
from klarfall.portal.shell import customers_with_costs, viewer_of
from klarfall.portal.typed import whole_number
from klarfall.ui.formats import month_name

_PERIOD = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")
_YEARS = range(2000, 2100)
_MONTHS_BACK = 24
_YEARS_BACK = 3
_NET = DecimalField(max_digits=14, decimal_places=2)


@dataclass(frozen=True, kw_only=True)
class Period:
    """A month or a year; `end` is the first day behind it."""

    value: str
    label: str
    start: date
    end: date

    def days(self, name: str) -> Q:
        """Rows whose day lies in it."""
        return Q(**{f"{name}__gte": self.start, f"{name}__lt": self.end})

    def instants(self, name: str) -> Q:
        """Rows whose instant lies in it, by the local clock."""
        return Q(**{f"{name}__gte": _midnight(self.start), f"{name}__lt": _midnight(self.end)})


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the address asks for, as far as it makes sense; anything else counts as not asked.

    `people` are the contacts of the companies in question, with `person_name`.
    """

    customers: Sequence[int]
    customer: int | None
    people: Sequence[Any]
    person: Any
    product: Product | None
    period: Period | None
    kind: str
    now: datetime

    @property
    def is_narrowed(self) -> bool:
        return bool(self.customer or self.person or self.product or self.period or self.kind)

    @property
    def companies(self) -> list[int]:
        return [self.customer] if self.customer else list(self.customers)

    @cached_property
    def company_names(self) -> dict[int, str]:
        """The companies by id; several only for who acts for several."""
        return {one.customer_id: one.customer.name for one in self.people}

    def name(self, contact_id: int | None) -> str:
        """The name of a contact; empty where it may not be known or was erased."""
        return self._names.get(contact_id or 0) or ""

    @cached_property
    def _names(self) -> dict[int, str | None]:
        return {one.pk: one.person_name for one in self.people}


def wanted(request: HttpRequest, now: datetime, kinds: Collection[str]) -> Wanted:
    """Reads the filters; `kinds` are those to choose from.

    Raises Http404 for who sees no costs: for them the page does not exist.
    """
    customers = customers_with_costs(viewer_of(request))
    if not customers:
        raise Http404
    query, contacts = request.GET, _contacts(customers)
    person, customer = whole_number(query.get("person")), whole_number(query.get("customer"))
    products = offering(now).own_products()
    return Wanted(
        customers=customers,
        customer=customer if customer in customers and len(customers) > 1 else None,
        people=contacts,
        person=next((one for one in contacts if one.pk == person), None),
        product=next((one for one in products if one.code == query.get("product")), None),
        period=period_of(query.get("period", "")),
        kind=query.get("kind", "") if query.get("kind") in kinds else "",
        now=now,
    )


def _contacts(customers: Sequence[int]) -> list[Any]:
    """Everybody who acts or acted for the companies, by name, in one query."""
    name = PublicPerson.objects.filter(pk=OuterRef("user_id")).values("name")
    rows = Contact.objects.filter(customer__in=customers).select_related("customer")
    return list(rows.annotate(person_name=Subquery(name)).order_by("person_name", "pk"))


def period_of(text: str) -> Period | None:
    """`2026-11` or `2026`; None for anything else, such as a thirteenth month."""
    found = _PERIOD.fullmatch(text)
    if found is None or int(found[1]) not in _YEARS:
        return None
    year, month = int(found[1]), int(found[2] or 0)
    if found[2] is None:
        return Period(value=text, label=str(year), start=date(year, 1, 1), end=date(year + 1, 1, 1))
    return month_of(date(year, month, 1)) if 1 <= month <= 12 else None  # noqa: PLR2004


def month_of(day: date) -> Period:
    """The month in which a day lies."""
    start = day.replace(day=1)
    return Period(value=f"{start:%Y-%m}", label=month_name(start), start=start, end=_next_month(start))


def periods_to_choose(now: datetime, chosen: Period | None) -> list[tuple[str, str]]:
    """Value and label of the last years and months, and of the chosen one, however old."""
    today = timezone.localtime(now).date()
    years = [str(today.year - back) for back in range(_YEARS_BACK)]
    months, first = [], today.replace(day=1)
    for _back in range(_MONTHS_BACK):
        months.append((f"{first:%Y-%m}", month_name(first)))
        first = (first - timedelta(days=1)).replace(day=1)
    choices = [*months, *((_year, _("All of %(year)s") % {"year": _year}) for _year in years)]
    if chosen and chosen.value not in dict(choices):
        choices.append((chosen.value, chosen.label))
    return choices


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def about(ask: Wanted, viewer: Viewer, prefix: str = "ticket__") -> Q:
    """The filters that look into a request: only those that the viewer sees can answer them.

    A request counts for the person who asked and for everybody who decided about an offer of it.
    """
    if ask.person is None and ask.product is None:
        return Q()
    rule = viewer.sees_tickets(prefix)
    if ask.product is not None:
        rule &= Q(**{f"{prefix}product": ask.product})
    if ask.person is not None:
        decided = CustomerDecision.objects.filter(ticket=OuterRef(f"{prefix}pk"), contact=ask.person)
        rule &= Q(**{f"{prefix}contact": ask.person}) | Q(Exists(decided))
    return rule


# --- Sums ---


@dataclass(frozen=True, kw_only=True)
class MonthSum:
    """What was billed for the services of one month: net, and VAT as information (section 6, rule 8)."""

    net: Decimal
    vat: Sequence[VatTotal]


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What can still come. `running` orders can still cost `most` net, `waiting` offers `waiting_most`."""

    running: int
    most: Decimal
    waiting: int
    waiting_most: Decimal


def lines_of(ask: Wanted, viewer: Viewer) -> QuerySet[Any]:
    """The billing lines that were asked for."""
    rows = BillingLine.objects.filter(about(ask, viewer), customer__in=ask.companies)
    if ask.kind:
        rows = rows.filter(kind=ask.kind)
    return rows.filter(ask.period.days("service_to")) if ask.period else rows


def sums_by_month(lines: QuerySet[Any]) -> dict[tuple[date, int], MonthSum]:
    """Net and VAT by month of service and company; one query, a row per month and rate."""
    found: dict[tuple[date, int], list[tuple[str, Decimal, Decimal]]] = {}
    rows = lines.annotate(month=TruncMonth("service_to")).order_by()
    for month, customer, *amount in rows.values_list("month", "customer_id", "category", "percent").annotate(
        Sum("net")
    ):
        found.setdefault((month, customer), []).append((amount[0], amount[1], amount[2]))
    return {
        key: MonthSum(net=sum((net for *_rate, net in amounts), Decimal("0.00")), vat=vat_totals(amounts))
        for key, amounts in found.items()
    }


def outlook(companies: Iterable[int]) -> Outlook:
    """Running orders and waiting offers of the requests that the viewer sees; one query."""
    running, waiting = Q(status__in=EFFECTIVE), Q(status=OfferStatus.SENT)
    rows = CostOffer.objects.filter(running | waiting, customer__in=list(companies))
    left = Greatest(F("upper") - F("billed"), Decimal("0.00"), output_field=_NET)
    found = rows.annotate(upper=most_net(), billed=billed_net(), left=left).aggregate(
        running=Count("pk", filter=running),
        most=Sum("left", filter=running),
        waiting=Count("pk", filter=waiting),
        waiting_most=Sum("upper", filter=waiting),
    )
    most, waiting_most = found["most"] or Decimal("0.00"), found["waiting_most"] or Decimal("0.00")
    return Outlook(running=found["running"], most=most, waiting=found["waiting"], waiting_most=waiting_most)


def most_net() -> Any:
    """The exposure of an offer's caps in force in SQL: `min(cap_net, round2(cap_minutes × rate / 60))`."""
    chosen = CustomerDecision.objects.filter(offer=OuterRef("pk"), kind="accept")
    minutes = Coalesce(Subquery(chosen.values("chosen_cap_minutes")[:1]), F("cap_minutes"))
    net = Coalesce(Subquery(chosen.values("chosen_cap_net")[:1]), F("cap_net"))
    by_minutes = Round(ExpressionWrapper(minutes * F("rate") / Decimal(60), _NET), 2)
    return Least(net, by_minutes, output_field=_NET)


def billed_net() -> Any:
    """What of an offer was billed, net, in SQL."""
    lines = BillingLine.objects.filter(offer=OuterRef("pk")).order_by().values("offer")
    return Coalesce(Subquery(lines.annotate(sum=Sum("net")).values("sum")), Decimal("0.00"), output_field=_NET)
