"""The page of a request."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from klarfall.billing.story import ticket_rows
from klarfall.portal.forms.conversation import RatingForm, ReplyForm
from klarfall.portal.shell import show
from klarfall.portal.story_page import ticket_page


def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """Shows a request with its cards and conversation."""
    return show_ticket(request, number)


def show_ticket(request: HttpRequest, number: int, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Returns the page; `forms` are those that come back with an error."""
    found = get_object_or_404(ticket_rows(), number=number)
    context = ticket_page(request, found, timezone.now())
    context |= {"reply_form": ReplyForm(), "rating_form": RatingForm(), **forms}
    return show(request, "portal/tickets/page.html", here="requests", part="conversation", status=status, **context)
