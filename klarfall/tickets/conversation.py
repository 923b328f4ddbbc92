"""Steps that several actions share: write a message with its files, and note it on a locked ticket."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from klarfall.contracts.models.product import ChannelKind
from klarfall.tickets import files
from klarfall.tickets.events import record, seal
from klarfall.tickets.files import Content
from klarfall.tickets.models import Attachment, Concern, Message, Ticket, Upload


def write(
    ticket: Ticket,
    *,
    text: str,
    contents: Sequence[Content | Upload] = (),
    from_customer: bool,
    internal: bool = False,
    concern: Concern | None = None,
    channel: str = ChannelKind.PORTAL,
    mail_id: str = "",
    person: Any = None,
    actor: Any,
    now: datetime,
) -> tuple[Message, list[Attachment]]:
    """Store a message and its files; the caller records the event. `person` is whose words they are."""
    message = Message.objects.create(
        customer_id=ticket.customer_id,
        ticket=ticket,
        concern=concern,
        author=actor,
        from_customer=from_customer,
        internal=internal,
        channel=channel,
        mail_id=mail_id,
        sealed=seal(ticket, text, person=person or actor, internal=internal),
        created_at=now,
    )
    rows = [_attachment(message, content, actor, now) for content in contents]
    return message, Attachment.objects.bulk_create(rows) if rows else []


def _attachment(message: Message, content: Content | Upload, actor: Any, now: datetime) -> Attachment:
    return Attachment(
        customer_id=message.customer_id,
        ticket_id=message.ticket_id,
        message=message,
        internal=message.internal,
        uploaded_by=actor,
        created_at=now,
        **files.fields_of(content),
    )


def codes(message: Message, attachments: Sequence[Attachment]) -> dict[str, Any]:
    """What the event of a message holds: ids, and what proves the files unchanged."""
    hashes = {str(attachment.pk): attachment.sha256 for attachment in attachments}
    data: dict[str, Any] = {"message": message.pk, "channel": message.channel}
    if message.concern_id:
        data["concern"] = message.concern_id
    return data | ({"attachments": hashes} if hashes else {})


def note(message: Message, attachments: Sequence[Attachment], *, ticket: Ticket, actor: Any, now: datetime) -> None:
    """Record the event of a message."""
    side = "note" if message.internal else "customer" if message.from_customer else "agent"
    record(
        ticket,
        f"message.{side}",
        actor=actor,
        now=now,
        data=codes(message, attachments),
        sealed=message.sealed,
        public=not message.internal,
    )


def save(ticket: Ticket, fields: dict[str, Any], *, now: datetime) -> None:
    """Write fields of a locked ticket; it counts as changed."""
    fields = fields | {"changed_at": now}
    for name, value in fields.items():
        setattr(ticket, name, value)
    ticket.save(update_fields=list(fields))
