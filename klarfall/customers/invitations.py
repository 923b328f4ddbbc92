"""Issue an invitation, look one up by the token of its link, and say why it cannot be used."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import Enum

from klarfall.accounts.models import User
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact, Invitation

VALID_FOR = timedelta(days=14)


class Problem(Enum):
    """Why an invitation cannot be used."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"


def token_hash(token: str) -> str:
    """What is stored of a token: it cannot be turned back into the link."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue(contact: Contact, *, by: User, now: datetime) -> Invitation:
    """A new invitation of the contact, which ends an earlier one; for actions, under the lock of the contact.

    The token of the link is made when the mail is sent; until then the stored hash fits no token.
    """
    contact.invitations.filter(used_at__isnull=True, expires_at__gt=now).update(expires_at=now)
    invitation: Invitation = Invitation.objects.create(
        customer_id=contact.customer_id,
        contact=contact,
        token_hash=token_hash(secrets.token_urlsafe(32)),
        created_at=now,
        expires_at=now + VALID_FOR,
        invited_by=by,
    )
    contact.invited_at = now
    contact.save(update_fields=["invited_at"])
    return invitation


def problem_of(invitation: Invitation, now: datetime) -> Problem | None:
    """None while the invitation can be used. A newer one ends it like the end of its 14 days."""
    if invitation.used_at is not None:
        return Problem.USED
    if now >= invitation.expires_at or not (invitation.contact.is_active and invitation.contact.user.is_active):
        return Problem.EXPIRED
    return None


def find(token: str, now: datetime) -> tuple[Invitation | None, Problem | None]:
    """The invitation of a link with what stands against it; changes nothing. Opens its own scope."""
    with viewing_as(SYSTEM):
        rows = Invitation.objects.select_related("contact__user", "customer")
        invitation = rows.filter(token_hash=token_hash(token)).first()
        if invitation is None:
            return None, Problem.UNKNOWN
        return invitation, problem_of(invitation, now)
