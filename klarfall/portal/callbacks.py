"""Call backs in the portal: which wish is open at a request, and whether one can be agreed."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from klarfall.contracts.channels import switched_off
from klarfall.contracts.models.product import ChannelKind
from klarfall.customers.models import Contact
from klarfall.portal.shell import viewer_of
from klarfall.telephony.models import CallbackWish
from klarfall.telephony.status import CallbackStatus
from klarfall.tickets.callback_words import slot_words
from klarfall.tickets.models import Ticket


def can_be_called(product_id: int) -> bool:
    """Is the telephone not switched off for the product (R11)?"""
    return ChannelKind.PHONE not in switched_off(product_id)


def callback_ways(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """What the page of a request shows: the open wish with its time, else where one is agreed."""
    wish = CallbackWish.objects.filter(ticket=ticket, status=CallbackStatus.OPEN).first() if ticket.is_live else None
    if wish is not None:
        words = slot_words(wish.slot_start, wish.slot_end, now)
        return {"callback": wish, "callback_when": words, "callback_url": ""}
    url = reverse("portal:ticket-callback", args=[ticket.number])
    return {"callback": None, "callback_url": url if ticket.is_live and can_be_called(ticket.product_id) else ""}


def contact_in(request: HttpRequest, ticket: Ticket) -> Contact | None:
    """As whom the viewer wishes to be called: their contact at the request's company."""
    mine = Contact.objects.filter(pk__in=viewer_of(request).contact_ids, customer=ticket.customer_id)
    found: Contact | None = mine.first()
    return found
