"""Write the chained history of a ticket, and prove that nobody changed it (INV-29)."""

from datetime import UTC, datetime
from typing import Any

from klarfall.core import jobs
from klarfall.core.seals import GENESIS, commitment, link, new_salt
from klarfall.tickets.announced import ANNOUNCED
from klarfall.tickets.models import Assessment, Attachment, Message, SealedText, Ticket, TicketEvent


def seal(
    ticket: Ticket, text: str, data: dict[str, Any] | None = None, *, person: Any = None, internal: bool = False
) -> SealedText:
    """Store personal text in an erasable side row; history gets its commitment only.

    `person` is the user whose words or data they are: erasing that person empties the row.
    """
    salt = new_salt()
    return SealedText.objects.create(
        customer_id=ticket.customer_id,
        ticket=ticket,
        person=person,
        internal=internal,
        text=text,
        data=data or {},
        salt=salt,
        commitment=commitment(salt, text, data or {}),
    )


def record(
    ticket: Ticket,
    kind: str,
    *,
    actor: Any,
    now: datetime,
    data: dict[str, Any] | None = None,
    sealed: SealedText | None = None,
    public: bool = False,
) -> TicketEvent:
    """Append one event to the chain of a locked ticket.

    `data` holds ids, codes and figures, never names or texts; what is personal is `sealed`.
    `public` events stand in the customer's timeline as well.
    """
    event = TicketEvent(
        customer_id=ticket.customer_id,
        ticket=ticket,
        sequence=ticket.chain_length + 1,
        kind=kind,
        public=public,
        actor=actor,
        at=now,
        data={**(data or {}), **({"seal": sealed.commitment} if sealed else {})},
        sealed=sealed,
        previous_hash=ticket.chain_head,
    )
    event.hash = link(event.previous_hash, content(event))
    event.save(force_insert=True)
    ticket.chain_length, ticket.chain_head = event.sequence, event.hash
    ticket.save(update_fields=["chain_length", "chain_head"])
    if kind in ANNOUNCED:
        jobs.enqueue("channels.fan_out", event_id=event.pk)
    return event


def content(event: TicketEvent) -> dict[str, Any]:
    """What the hash of an event covers: everything but names and texts."""
    return {
        "ticket": event.ticket_id,
        "sequence": event.sequence,
        "kind": event.kind,
        "public": event.public,
        "actor": event.actor_id,
        "at": event.at.astimezone(UTC).isoformat(),  # as the database gives it back, whatever zone it came in
        "data": event.data,
    }


def broken_events(ticket: Ticket) -> list[int]:
    """Sequence numbers at which the chain of a ticket does not verify; empty when all is well.

    Finds edits, gaps, changed side rows and a chain shorter than its head says. A whole cut tail
    with a rewritten head is found by the anchors (`tickets/anchors.py`).
    """
    previous, expected, broken = GENESIS, 1, []
    events = TicketEvent.objects.filter(ticket=ticket).select_related("sealed").order_by("sequence")
    for event in events.iterator():
        sealed_well = event.sealed is None or (
            event.sealed.is_intact and event.data.get("seal") == event.sealed.commitment
        )
        chained = event.previous_hash == previous and event.hash == link(previous, content(event))
        if not (event.sequence == expected and chained and sealed_well):
            broken.append(event.sequence)
        previous, expected = event.hash, event.sequence + 1
    if (ticket.chain_head, ticket.chain_length) != (previous, expected - 1):
        broken.append(expected)
    return broken


def broken_rows(ticket: Ticket) -> list[int]:
    """Sequence numbers of events whose message, file or assessment is another one now; empty when all is well.

    The rows are append-only; this finds what the owner of the tables changed past the triggers.
    """
    written = Message.objects.filter(ticket=ticket).values_list("pk", "sealed_id", "internal")
    messages = {pk: now for pk, *now in written}
    files = dict(Attachment.objects.filter(ticket=ticket).values_list("pk", "sha256"))
    assessments = {row.pk: row for row in Assessment.objects.filter(ticket=ticket)}
    broken = []
    for event in TicketEvent.objects.filter(ticket=ticket).order_by("sequence"):
        message, assessment = event.data.get("message"), event.data.get("assessment")
        if message is not None and messages.get(message) != [event.sealed_id, not event.public]:
            broken.append(event.sequence)
        if any(files.get(int(pk), proof) != proof for pk, proof in event.data.get("attachments", {}).items()):
            broken.append(event.sequence)
        if event.kind == "assessment.published":
            row = assessments.get(assessment)
            if row is None or row.sealed_id != event.sealed_id or not row.codes().items() <= event.data.items():
                broken.append(event.sequence)
    return broken
