"""Rows of the work lists: plain values from one query, with what a row shows worked out once per distinct value.

A page of fifty rows builds no model objects and calls no component twice for the same words; that is what keeps it
within its time.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.template import engines
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from markupsafe import Markup

from klarfall.billing.engine import Caps, exposure
from klarfall.billing.models import CostOffer
from klarfall.billing.status import OfferStatus
from klarfall.core import vendor
from klarfall.desk import reference
from klarfall.desk.service_time import DANGER, ServiceTime
from klarfall.tickets.models import Concern
from klarfall.tickets.status import WAITING, TicketStatus
from klarfall.ui.formats import day, money
from klarfall.ui.rendering import ENGINE

_COLUMNS = (
    "id", "number", "title", "status", "status_since", "queue_at", "due_at", "submitted_at", "channel", "impact",
    "calendar_id", "kind_id", "terms_id", "coverage_asked_at", "customer__name",
)  # fmt: skip
_UNASSESSED = (TicketStatus.NEW, TicketStatus.IN_REVIEW)


@dataclass(slots=True)
class Line:
    """One row as it is shown."""

    url: str
    title: str
    number: str
    customer: str
    area: str
    tag: Markup
    note: str
    channel: Markup
    received: str
    sla: Markup
    hot: bool
    waiting: bool


def columns(rows: QuerySet[Any], *, assessed: bool = True, area: bool = True) -> QuerySet[Any]:
    """The plain columns of a row; with `assessed` also the outcome in force and the offer that waits."""
    names = [*_COLUMNS, *(["area__name"] if area else [])]
    if not assessed:
        return rows.values_list(*names, named=True)
    outcome = Concern.objects.filter(ticket=OuterRef("pk"), current_assessment__isnull=False).values(
        found=JSONObject(outcome="current_assessment__outcome", clause="current_assessment__item__clause")
    )
    offer = CostOffer.objects.filter(ticket=OuterRef("pk"), status=OfferStatus.SENT).values(
        found=JSONObject(minutes="cap_minutes", net="cap_net", rate="rate", currency="currency")
    )
    found = rows.annotate(
        assessed=Subquery(outcome.order_by("position")[:1]), offer=Subquery(offer.order_by("-number")[:1])
    )
    return found.values_list(*names, "assessed", "offer", named=True)


class Lines:
    """Turns plain rows into what is shown; keeps what several rows have in common."""

    def __init__(self, service_time: ServiceTime, query: str = "") -> None:
        self._time = service_time
        self._now = service_time.now
        self._query = f"?{query}" if query else ""
        self._ui: Any = engines[ENGINE].env.globals["ui"]  # type: ignore[attr-defined]
        self._tag = cache(self._ui.tag)
        self._channel = cache(self._ui.channel)
        self._sla = cache(self._ui.sla)
        self._day = cache(lambda that: day(that, self._now, year=False))
        self._proposal = cache(self._propose)
        self._zone = timezone.get_current_timezone()
        self._today = self._now.astimezone(self._zone).date()
        self._since = _("since %(when)s")
        self._prefix = vendor.current().number_prefix
        self._path = reverse("desk:ticket", args=[0])
        self._danger = DANGER.total_seconds() // 60

    def line(self, row: Any) -> Line:
        """One row of `columns()` as it is shown."""
        waiting = row.status in WAITING
        left = self._left(row)
        tag, note = self._standing(row)
        since = row.status_since if waiting else row.submitted_at
        return Line(
            url=self._path.replace("0", str(row.number)) + self._query,
            title=row.title,
            number=f"{self._prefix}-{row.number}",
            customer=row.customer__name,
            area=getattr(row, "area__name", None) or "",
            tag=tag,
            note=note,
            channel=self._channel(row.channel),
            received=self._since % {"when": self._when(since)} if waiting else self._when(since),
            sla=self._drawn(row, left, waiting),
            hot=left is not None and left < self._danger,
            waiting=waiting,
        )

    def bar(self, ticket: Any) -> Markup:
        """The bar of a ticket's own deadline."""
        return self._drawn(ticket, self._left(ticket), ticket.status in WAITING)

    def _left(self, row: Any) -> int | None:
        return None if row.due_at is None else self._time.minutes_left(row.due_at, row.calendar_id)

    def _drawn(self, row: Any, left: int | None, waiting: bool) -> Markup:
        if left is None:
            sla: Markup = self._sla(paused=waiting, stopped=not waiting)
            return sla
        promised = self._time.target(row.impact, row.calendar_id) or 1
        bar: Markup = self._sla(left, min(100, left * 100 // promised), left < self._danger)
        return bar

    def _when(self, at: datetime) -> str:
        """Today the time, else the day, for a narrow column."""
        local = at.astimezone(self._zone)
        return f"{local:%H:%M}" if local.date() == self._today else self._day(local.date())

    def _standing(self, row: Any) -> tuple[Markup, str]:
        """What is known about the costs: the tile's proposal, the assessment in force, or what we wait for."""
        if row.status in _UNASSESSED:
            tag, note = self._proposal(row.kind_id, row.terms_id)
            return tag, _("asks whether it is covered") if row.coverage_asked_at else note
        if row.status == TicketStatus.WAITING_FOR_DECISION:
            offer = getattr(row, "offer", None)
            return self._tag("you", _("Decision open")), _cap(offer) if offer else ""
        if row.status == TicketStatus.WAITING_FOR_CUSTOMER:
            return self._tag("you", _("Question asked")), ""
        assessed = getattr(row, "assessed", None)
        return (self._tag(assessed["outcome"]), assessed["clause"]) if assessed else (Markup(), "")

    def _propose(self, kind_id: int | None, terms_id: int) -> tuple[Markup, str]:
        """The usual outcome of the chosen tile; without one (*Ich bin unsicher*) nothing is proposed."""
        tile = reference.tiles().get(kind_id or 0)
        if tile is None or not tile.usual_outcome:
            return self._tag("open"), ""
        item = reference.catalogue(terms_id).by_code(tile.usual_item)
        outcome = item.outcome if item else tile.usual_outcome
        return self._tag(outcome, None, True), item.clause if item else ""


def _cap(offer: dict[str, Any]) -> str:
    """The most the open offer of a row may cost: `bis 148,00 €`."""
    net = None if offer["net"] is None else Decimal(str(offer["net"]))
    amount = exposure(Caps(minutes=offer["minutes"], net=net), Decimal(str(offer["rate"])))
    return _("up to %(amount)s") % {"amount": money(amount, offer["currency"])}
