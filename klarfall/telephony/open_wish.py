"""The open wish to be called back of a ticket, read along with it: a column for its query, and what pages say."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from klarfall.telephony.models import CallbackWish
from klarfall.telephony.status import CallbackStatus
from klarfall.tickets.callback_words import told_slot


def callback_column() -> Subquery:
    """What a query of tickets reads along as `callback`, as far as the viewer may see it; see `callback_when`."""
    rows = CallbackWish.objects.filter(ticket=OuterRef("pk"), customer=OuterRef("customer_id"))
    wish = JSONObject(
        id="pk", contact="contact_id", number="number", start="slot_start", end="slot_end", attempts="attempts"
    )
    return Subquery(rows.filter(status=CallbackStatus.OPEN).values(found=wish)[:1])


def callback_when(ticket: Any, now: datetime) -> str:
    """When the ticket's contact waits to be called back; empty without a wish."""
    wish = ticket.callback
    return told_slot({"from": wish["start"], "until": wish["end"]}, now) if wish else ""
