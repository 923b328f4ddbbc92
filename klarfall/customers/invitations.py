"""Look an invitation up by the token of its link, and say why it cannot be used."""

import hashlib
from datetime import datetime, timedelta
from enum import Enum

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Invitation

VALID_FOR = timedelta(days=14)


class Problem(Enum):
    """Why an invitation cannot be used."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"


def token_hash(token: str) -> str:
    """What is stored of a token: it cannot be turned back into the link."""
    return hashlib.sha256(token.encode()).hexdigest()


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
