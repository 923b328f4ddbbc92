"""Turn events into notices: once per event and person, however often their job runs (each has a unique key)."""

from datetime import datetime
from typing import Any

from klarfall.accounts.models import User
from klarfall.channels.actions import clear_mail_failure
from klarfall.channels.delivery import enqueue_delivery
from klarfall.channels.models import Notice
from klarfall.channels.notice_groups import wants
from klarfall.channels.recipients import Told, recipients_of, waiting_offers
from klarfall.contracts.models.product import ChannelKind
from klarfall.contracts.queries import local_day
from klarfall.customers.models import Contact
from klarfall.tickets.models import Ticket, TicketEvent


def fan_out(event: TicketEvent, *, now: datetime) -> None:
    """Make a notice for everybody whom the event concerns, and have it delivered."""
    _note_answer(event, now)
    for told in recipients_of(event):
        key, data = _key_and_data(event, told)
        tell(told.user, kind=told.notice, key=key, customer_id=event.customer_id, event=event, data=data, now=now)


def _key_and_data(event: TicketEvent, told: Told) -> tuple[str, dict[str, int]]:
    """What makes a notice one of its kind, and the ids it is about.

    That a mail decides nothing is said once per offer, person and day, however many mails they write.
    """
    if told.notice != "mail_is_no_decision":
        data = {"offer": event.data["offer"]} if "offer" in event.data else {}
        return f"event:{event.pk}:{told.user.pk}:mail", data
    offer = waiting_offers(Ticket(pk=event.ticket_id), event.at).values_list("pk", flat=True)[0]
    return f"no-decision:{offer}:{told.user.pk}:{local_day(event.at):%Y%m%d}", {"offer": offer}


def _note_answer(event: TicketEvent, now: datetime) -> None:
    """Whoever writes a mail has an address that works again."""
    if event.kind != "message.customer" or event.data.get("channel") != ChannelKind.EMAIL:
        return
    for contact in Contact.objects.filter(user=event.actor_id, mail_failed_at__isnull=False):
        clear_mail_failure(contact, actor=User.objects.system(), now=now)


def tell(
    user: User,
    *,
    kind: str,
    key: str,
    customer_id: int,
    now: datetime,
    event: TicketEvent | None = None,
    ticket_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> Notice | None:
    """Make the notice of this key unless there is one, and enqueue its delivery. `data` holds ids only.

    None for a person who has switched such notices off.
    """
    if not wants(user, kind):
        return None
    notice, made = Notice.objects.get_or_create(
        key=key,
        defaults={
            "customer_id": customer_id,
            "ticket_id": event.ticket_id if event else ticket_id,
            "event": event,
            "kind": kind,
            "recipient": user,
            "data": data or {},
            "created_at": now,
        },
    )
    if made:
        enqueue_delivery(notice)
    return notice
