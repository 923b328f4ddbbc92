"""Call backs in the portal: which wish is open at a request, and whether one can be agreed."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from klarfall.contracts.channels import switched_off
from klarfall.contracts.models.product import ChannelKind
from klarfall.customers.models import Contact
from klarfall.portal.shell import viewer_of
from klarfall.telephony.open_wish import callback_when
from klarfall.tickets.models import Ticket


def can_be_called(product_id: int) -> bool:
    """Is the telephone not switched off for the product (R11)?"""
    return ChannelKind.PHONE not in switched_off(product_id)


def callback_ways(ticket: Any, now: datetime) -> dict[str, Any]:
    """What the page of a request shows: the open wish with its time, else where one is agreed.

    `ticket` comes with its column `callback` (`telephony/open_wish.py`).
    """
    wish = ticket.callback if ticket.is_live else None
    possible = wish is None and ticket.is_live and can_be_called(ticket.product_id)
    url = reverse("portal:ticket-callback", args=[ticket.number]) if possible else ""
    return {"callback": wish, "callback_when": callback_when(ticket, now) if wish else "", "callback_url": url}


def contact_in(request: HttpRequest, ticket: Ticket) -> Contact | None:
    """As whom the viewer wishes to be called: their contact at the request's company."""
    mine = Contact.objects.filter(pk__in=viewer_of(request).contact_ids, customer=ticket.customer_id)
    found: Contact | None = mine.first()
    return found
