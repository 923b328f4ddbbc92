"""Short ways to bring a ticket into a state, without the offers of the app above."""

from datetime import datetime
from typing import Any

from klarfall.accounts.models import User
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from klarfall.tickets import progress, workflow
from klarfall.tickets.actions.assess import publish_assessment
from klarfall.tickets.actions.close import close_ticket, resolve_ticket
from klarfall.tickets.locking import locked, locked_concern
from klarfall.tickets.models import Assessment, Ticket
from tests.cast import NOW, Cast, concern_of, fresh


def publish(
    cast: Cast, ticket: Ticket, code: str, *, position: int = 1, actor: Any = None, now: datetime = NOW, **finding: Any
) -> Assessment:
    """Publish an assessment of a concern and settle, as billing's actions do."""
    actor = actor or cast.anna
    with viewing_as(SYSTEM, actor_id=actor.pk):
        concern, held = locked_concern(concern_of(ticket, position))
        assessment = publish_assessment(
            concern,
            ticket=held,
            item=finding.pop("item", None) or cast.item(code),
            **{"reason": "Das steht so im Katalog, Punkt für Punkt.", **finding},
            actor=actor,
            now=now,
        )
        progress.settle(held, actor=actor, now=now)
    return assessment


def move(ticket: Ticket, *steps: str, actor: Any, position: int = 1, now: datetime = NOW, **fields: Any) -> Ticket:
    """Move a concern along steps of its table, then settle; returns the ticket as it is then."""
    with viewing_as(SYSTEM, actor_id=actor.pk):
        concern, held = locked_concern(concern_of(ticket, position))
        for step in steps:
            workflow.apply_concern(concern, step, ticket=held, actor=actor, now=now, **fields)
        progress.settle(held, actor=actor, now=now)
    return fresh(ticket)


def offered(cast: Cast, ticket: Ticket, code: str = "CHG-CONF", *, position: int = 1, now: datetime = NOW) -> Ticket:
    """A chargeable concern that waits for a decision."""
    publish(cast, ticket, code, position=position, now=now)
    return move(ticket, "send_offer", actor=cast.anna, position=position, now=now)


def resolved(cast: Cast, ticket: Ticket, *, now: datetime = NOW, **given: Any) -> Ticket:
    """A covered ticket, answered and solved."""
    publish(cast, ticket, "COV-QUESTION", now=now)
    resolve(cast, ticket, now=now, **given)
    return fresh(ticket)


def resolve(cast: Cast, ticket: Ticket, *, now: datetime = NOW, actor: Any = None, **given: Any) -> None:
    """Resolve as billing does."""
    actor = actor or cast.anna
    with viewing_as(SYSTEM, actor_id=actor.pk):
        values = {"solution": "Im Mahnlauf ist der Haken gesetzt.", "resolution_kind": "use_clarified", **given}
        resolve_ticket(locked(ticket), **values, actor=actor, now=now)


def close(ticket: Ticket, *, actor: Any, now: datetime) -> Ticket:
    """Close as billing's nightly job does."""
    with viewing_as(SYSTEM, actor_id=actor.pk):
        close_ticket(locked(ticket), actor=actor, now=now)
    return fresh(ticket)


def kinds(ticket: Ticket) -> list[str]:
    """The kinds of all events of a ticket, in order."""
    with viewing_as(SYSTEM):
        return list(ticket.events.order_by("sequence").values_list("kind", flat=True))


def seeing(contact: Contact) -> User:
    """The user of a contact who from now on sees every request of the company."""
    with viewing_as(SYSTEM):
        Contact.objects.filter(pk=contact.pk).update(visibility="all")
    return contact.user
