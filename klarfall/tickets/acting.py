"""As whom somebody acts on a ticket: a contact of its customer, or staff."""

from typing import Any

from klarfall.accounts import permissions
from klarfall.customers.models import Contact, contact_of


def require(permission: str, actor: Any, customer_id: int) -> Contact | None:
    """The contact as which `actor` acts for the customer, None for staff and the system. Raises NotAllowed."""
    contact: Contact | None = contact_of(actor, customer_id)
    permissions.require(permission, actor, contact)
    return contact
