"""What changes by itself while timers run: fragments that pages fetch after each clock minute."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from klarfall.billing.consumption import Consumption, consumption
from klarfall.billing.models import Purpose
from klarfall.desk.concern_panel import panel_of
from klarfall.desk.shell import scope_of
from klarfall.desk.worklists import LISTS, overview
from klarfall.desk.workspace import concern_at, story_for
from klarfall.tickets.models import Concern
from klarfall.ui.formats import duration
from klarfall.ui.rendering import SeeOther, page, wants_part


def cap(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """The cap of a concern with its card and its offers, as they stand now; alone it leads to the request."""
    ticket_url = f"{reverse('desk:ticket', args=[number])}?concern={position}"
    story, scope = story_for(request, number)
    concern = concern_at(story, position)
    if not wants_part(request):
        return SeeOther(ticket_url)
    panel = panel_of(story, concern, scope, overview(scope)["timer"], {}, "")
    slug = request.GET.get("list", "")
    at = "?" + urlencode({"list": slug if slug in LISTS else "to-assess", "concern": concern.position})
    context: dict[str, Any] = {"ticket": story.ticket, "concern": concern, "panel": panel, "now": scope.now, "at": at}
    return page(request, "desk/ticket/live.html", part="live", **context)


def timer_state(request: HttpRequest) -> HttpResponse:
    """The person's running timer for the rail: since when, where, and whether its minutes are billable."""
    scope = scope_of(request)
    timer = overview(scope)["timer"]
    if not wants_part(request):
        return SeeOther(timer["url"] if timer else reverse("desk:start"))
    state = None
    if timer:
        concern = Concern.objects.get(pk=timer["concern"])
        state = _words(consumption(concern, scope.now), timer["purpose"])
    return page(request, "desk/timer.html", part="timer", running=timer, state=state, now=scope.now)


def _words(found: Consumption, purpose: str) -> str:
    if purpose == Purpose.TRIAGE:
        return _("Review, free of charge")
    if not found.billable:
        return found.why
    left = sum(use.remaining_minutes for use in found.offers if use.running)
    return _("billable, %(left)s left") % {"left": duration(left)}
