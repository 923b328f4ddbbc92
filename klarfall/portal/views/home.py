"""The start page: open decisions, my requests, how to reach us now."""

from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from klarfall.portal.agreed import missing_contracts
from klarfall.portal.help_center import for_home
from klarfall.portal.problem_banners import banners_for
from klarfall.portal.reach import greeting, reachable, weekday_and_time
from klarfall.portal.rows import asks, rows, tickets_for_rows, waiting_offers
from klarfall.portal.shell import show, viewer_of
from klarfall.tickets.models import Ticket
from klarfall.tickets.status import TicketStatus

_SHOWN = 5
_CLOSED_LAST = Case(When(status=TicketStatus.CLOSED, then=1), default=0)


def home(request: HttpRequest) -> HttpResponse:
    """Shows what waits for the person and what they asked last."""
    now = timezone.now()
    offers = waiting_offers()
    own = Ticket.objects.filter(contact__in=viewer_of(request).contact_ids)
    tickets = list(tickets_for_rows(own).order_by(_CLOSED_LAST, "-changed_at", "-pk")[:_SHOWN])
    return show(
        request,
        "portal/home/page.html",
        here="home",
        now=now,
        greeting=greeting(request.user, now),
        asks=asks(offers[:4], now),
        open_count=len(offers),
        rows=rows(tickets, now),
        problems=banners_for(request, now),
        not_covered=missing_contracts(request, now),
        reach=reachable(request, now),
        clock=weekday_and_time(now),
        **for_home(request, now),
    )
