"""The list of requests: own ones or all of the company, filtered, paged by key."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.portal.offering import offering
from klarfall.portal.paging import page_of
from klarfall.portal.rows import rows, tickets_for_rows
from klarfall.portal.shell import sees_more_than_own, show, viewer_of
from klarfall.tickets.models import Ticket
from klarfall.tickets.status import LIVE, WAITING, TicketStatus

_ENDED = (TicketStatus.RESOLVED, TicketStatus.CLOSED, TicketStatus.CANCELLED)
_STATES = {"open": LIVE, "you": WAITING, "ended": _ENDED}


def requests(request: HttpRequest) -> HttpResponse:
    """Shows a page of requests."""
    now, query = timezone.now(), request.GET
    everything = sees_more_than_own(request) and query.get("scope") == "all"
    offered = offering(now)
    product = next((one for one in offered.products if one.code == query.get("product")), None)
    page = page_of(_chosen(request, everything, query.get("state", ""), product), query)
    return show(
        request,
        "portal/requests/page.html",
        here="requests",
        part="result",
        now=now,
        rows=rows(page.rows, now, with_contact=everything),
        page=page,
        products=offered.own_products(),
        product=product,
        filtered=bool(product or query.get("state")),
        **_filters(request, everything),
    )


def _chosen(request: HttpRequest, everything: bool, state: str, product: Any) -> Any:
    tickets = Ticket.objects.all()
    if not everything:
        tickets = tickets.filter(contact__in=viewer_of(request).contact_ids)
    if state in _STATES:
        tickets = tickets.filter(status__in=_STATES[state])
    if product is not None:
        tickets = tickets.filter(product=product)
    return tickets_for_rows(tickets)


def _filters(request: HttpRequest, everything: bool) -> dict[str, Any]:
    state = request.GET.get("state", "")
    states = [("", _("All")), ("open", _("Open")), ("you", _("Waiting for me")), ("ended", _("Solved and closed"))]
    scopes = [("own", _("My requests"), not everything), ("all", _("All requests of the company"), everything)]
    return {
        "states": [{"value": value, "label": label, "current": value == state} for value, label in states],
        "scopes": scopes if sees_more_than_own(request) else [],
        "scope": "all" if everything else "",
        "state": state if state in _STATES else "",
    }
