"""As whom somebody acts on a ticket: a contact of its customer who sees it, or staff."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.permissions import ContactRole
from klarfall.contracts.queries import local_day
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import Seat, Viewer, ViewerKind
from klarfall.customers.models import Contact, Visibility, contact_of
from klarfall.tickets.models import Ticket


def require(permission: str, actor: Any, ticket: Ticket, now: datetime) -> Contact | None:
    """The contact as which `actor` acts on the ticket, None for staff and the system. Raises NotAllowed.

    Pages fetch tickets in the sight of their reader; what comes by mail or from a job does not.
    """
    contact: Contact | None = contact_of(actor, ticket.customer_id)
    permissions.require(permission, actor, contact)
    if contact is not None and not sees(contact, ticket, now):
        raise NotAllowed(_("You do not have the right to do this."))
    return contact


def sees(contact: Contact, ticket: Ticket, now: datetime) -> bool:
    """Does this contact see the ticket in the portal? The rule itself is that of `core/isolation.py`."""
    seat = Seat(
        contact_id=contact.pk,
        customer_id=contact.customer_id,
        sees_all=contact.visibility == Visibility.ALL,
        is_admin=ContactRole.CUSTOMER_ADMIN in contact.role_codes,
        may_release=ContactRole.COST_RELEASE in contact.role_codes and _in_period(contact, now),
    )
    return Viewer(ViewerKind.CONTACT, contact.user_id, (seat,)).sees_ticket(ticket)


def _in_period(contact: Contact, now: datetime) -> bool:
    """Is the cost release in force? It counts from its first to the end of its last day, in the vendor's zone."""
    day = local_day(now)
    begun = contact.release_from is None or contact.release_from <= day
    return begun and (contact.release_to is None or contact.release_to >= day)
