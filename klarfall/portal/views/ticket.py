"""The page of a request."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from klarfall.portal.forms.conversation import RatingForm, ReplyForm
from klarfall.portal.shell import show
from klarfall.portal.story_page import numbered, ticket_page
from klarfall.ui.rendering import SeeOther, wants_part


def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """Shows a request with its cards and conversation."""
    return show_ticket(request, number)


def cards(request: HttpRequest, number: int) -> HttpResponse:
    """The cards of a request as they stand now, for its page while we work; alone it leads to that page."""
    found = next(iter(numbered(number=number)), None)
    if found is None:
        raise Http404
    if not wants_part(request):
        return SeeOther(reverse("portal:ticket", args=[number]))
    context = ticket_page(request, found, timezone.now())
    return show(request, "portal/tickets/page.html", here="requests", part="cards", **context)


def show_ticket(request: HttpRequest, number: int, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Returns the page; `forms` are those that come back with an error."""
    found = next(iter(numbered(number=number)), None)
    if found is None:
        raise Http404
    context = ticket_page(request, found, timezone.now())
    context |= {"reply_form": ReplyForm(), "rating_form": RatingForm(), **forms}
    return show(request, "portal/tickets/page.html", here="requests", part="conversation", status=status, **context)
