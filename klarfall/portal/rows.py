"""Requests and open decisions as rows of lists: what it is, where it stands, what comes next."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from klarfall.accounts.people import people
from klarfall.billing import amounts
from klarfall.billing.cards import meaning_of
from klarfall.billing.models import CostOffer
from klarfall.billing.status import OfferStatus
from klarfall.core import vendor
from klarfall.core.prepared import padded, prepared
from klarfall.tickets.models import Concern, Ticket
from klarfall.tickets.status import REOPEN_DAYS, ConcernStatus, TicketStatus
from klarfall.ui.formats import NBSP, day, moment


@dataclass(frozen=True, kw_only=True)
class Row:
    """One request in a list; drawn by the macro `ui.request_row`."""

    url: str
    number: str
    title: str
    details: str
    meaning: str
    meaning_text: str
    maybe: bool
    status: str
    status_note: str
    you: bool


def number_of(ticket_number: int) -> str:
    """How a request is called: KF-1837."""
    return f"{vendor.current().number_prefix}-{ticket_number}"


def tickets_for_rows(tickets: QuerySet[Any]) -> QuerySet[Any]:
    """Narrows tickets to what their rows show."""
    columns = ("number", "title", "status", "due_at", "resolved_at", "changed_at", "assignee", "area", "contact")
    rows = tickets.select_related("area", "contact")
    return rows.only(*columns, "customer", "area__name", "contact__user")


def rows(tickets: Sequence[Ticket], now: datetime, *, with_contact: bool = False) -> list[Row]:
    """Returns the rows of tickets from `tickets_for_rows`; one query for all names, one for all concerns.

    `with_contact` names who asked: in the list of the whole company that is what one looks for.
    """
    names = people(one.contact.user_id if with_contact else one.assignee_id for one in tickets)
    parts: dict[int, list[Concern]] = defaultdict(list)
    if tickets:
        for part in _concerns(tickets=padded(one.pk for one in tickets)):
            parts[part.ticket_id].append(part)
    return [_row(one, parts[one.pk], names, now, with_contact) for one in tickets]


@prepared
def _concerns(*, tickets: list[int]) -> QuerySet[Any]:
    return Concern.objects.filter(ticket__in=tickets).select_related("current_assessment").order_by("position")


def _row(ticket: Any, concerns: list[Concern], names: dict[int, Any], now: datetime, with_contact: bool) -> Row:
    leading = _leading(concerns)
    person = names.get(ticket.contact.user_id if with_contact else ticket.assignee_id or 0)
    parts = len(concerns)
    several = ngettext("%(count)s concern", "%(count)s concerns", parts) % {"count": parts} if parts > 1 else ""
    status, note = _standing(ticket, now)
    return Row(
        url=reverse("portal:ticket", args=[ticket.number]),
        number=number_of(ticket.number),
        title=ticket.title,
        details=" · ".join(filter(None, [ticket.area and ticket.area.name, several, person and person.name])),
        meaning=meaning_of(leading) if leading else "open",
        meaning_text="",
        maybe=False,
        status=status,
        status_note=note,
        you=ticket.status in (TicketStatus.WAITING_FOR_CUSTOMER, TicketStatus.WAITING_FOR_DECISION),
    )


def _leading(concerns: Iterable[Concern]) -> Concern | None:
    """The concern that speaks for the request: one that waits for a decision, else one unfinished, else the first."""
    ordered = sorted(concerns, key=lambda one: (one.status != ConcernStatus.OFFERED, one.is_finished, one.position))
    return ordered[0] if ordered else None


def _standing(ticket: Ticket, now: datetime) -> tuple[str, str]:
    due = moment(ticket.due_at, now, short=True) if ticket.due_at else ""
    answer = _("next answer by %(when)s") % {"when": due} if due else ""
    if ticket.status == TicketStatus.RESOLVED:
        return _solved(ticket, now)
    words = {
        TicketStatus.NEW: (_("Received"), _("assessment by %(when)s") % {"when": due} if due else ""),
        TicketStatus.IN_REVIEW: (_("In review"), answer),
        TicketStatus.IN_PROGRESS: (_("In progress"), answer),
        TicketStatus.WAITING_FOR_CUSTOMER: (_("Waiting for you"), _("we have asked you something")),
        TicketStatus.WAITING_FOR_DECISION: (_("Waiting for you"), _("decide about costs")),
        TicketStatus.CANCELLED: (_("Withdrawn"), ""),
    }
    return words.get(TicketStatus(ticket.status), (_("Closed"), ""))


def _solved(ticket: Ticket, now: datetime) -> tuple[str, str]:
    if ticket.resolved_at is None:
        return _("Solved"), ""
    left = (ticket.resolved_at + timedelta(days=REOPEN_DAYS) - now).days
    note = ngettext("%(days)s more day to reopen", "%(days)s more days to reopen", left) % {"days": left}
    solved = _("Solved %(day)s") % {"day": day(ticket.resolved_at, now, year=False)}
    return solved, note.replace(" ", NBSP, 1) if left > 0 else ""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """An open decision; drawn by the macro `ui.ask`."""

    since: str
    url: str
    number: str
    area: str
    title: str
    total: str
    estimate: str
    until: str


def waiting_offers(limit: int = 100) -> list[CostOffer]:
    """The cost offers that wait for an answer, those that expire first on top."""
    offers = CostOffer.objects.filter(status=OfferStatus.SENT).select_related("ticket__area", "concern")
    return list(offers.order_by("valid_until", "number")[:limit])


def asks(offers: Iterable[CostOffer], now: datetime) -> list[Ask]:
    """Returns open decisions for the start page and their list."""
    return [
        Ask(
            since=_("Waiting for you since %(when)s") % {"when": moment(offer.sent_at, now, short=True)},
            url=reverse("portal:decision", args=[offer.number]),
            number=number_of(offer.ticket.number),
            area=offer.ticket.area.name if offer.ticket.area else "",
            title=offer.concern.title,
            total=amounts.cap_text(offer),
            estimate=_("%(estimate)s estimated") % {"estimate": amounts.estimate(offer)},
            until=_("valid until %(day)s") % {"day": amounts.last_day(offer)},
        )
        for offer in offers
    ]
