"""Articles that answer a concern free of charge: beside work that would cost something, and as its other form (R28)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from klarfall.portal.help_before_sending import fitting_articles
from klarfall.tickets.models import Concern, Message
from klarfall.ui.rendering import page


def articles(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """A part of a page: the first articles that fit the words of the concern, and the way to the search."""
    rows = Concern.objects.select_related("ticket").filter(ticket__number=number)
    concern: Any = get_object_or_404(rows, position=position)
    ticket = concern.ticket
    first = Message.objects.select_related("sealed").filter(ticket=ticket, internal=False).order_by("pk").first()
    text = "\n".join([concern.title, ticket.title, first.text if first else ""])
    found = fitting_articles(text, product_id=ticket.product_id, area_id=ticket.area_id)
    return page(request, "portal/new/_free_help.html", articles=found, words=concern.title, product=ticket.product_id)
