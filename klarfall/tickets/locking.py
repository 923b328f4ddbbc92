"""Lock a ticket before changing anything of it: one order for everybody, so no deadlocks."""

from klarfall.tickets.models import Concern, Ticket


def locked(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the end of the transaction.

    Two people who decide at once wait for each other here; the second sees what the first did. Rows that only refer
    to the ticket may be written meanwhile (freezing a run does so).
    """
    rows = Ticket.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("calendar").get(pk=ticket.pk)


def locked_concern(concern: Concern) -> tuple[Concern, Ticket]:
    """A concern as it is now, under the lock of its ticket.

    Who holds the lock passes these objects on: the ticket carries the head of its chain of events.
    """
    ticket = locked(Ticket(pk=concern.ticket_id))
    fresh = Concern.objects.select_related("current_assessment__item").get(pk=concern.pk)
    return fresh, ticket


def next_fact(concern: Concern) -> int:
    """The next place among the facts of a concern; orders facts of one instant (section 6, rule 1)."""
    concern.last_fact += 1
    concern.save(update_fields=["last_fact"])
    return concern.last_fact
