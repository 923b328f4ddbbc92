"""Steps of handing a wish over to the other team: its address, its pass, and the mail that the channels send."""

import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from klarfall.contracts.models import Product
from klarfall.core import vendor
from klarfall.core.action import Refused
from klarfall.core.isolation import system_rows
from klarfall.core.jobs import enqueue
from klarfall.customers.invitations import token_hash
from klarfall.tickets.models import ConsultantRequest, HandoverPass, TrainingRequest

#: The job of the channels that mails a wish to the team.
MAIL = "channels.hand_over"
#: How long a pass opens its wish.
_VALID_FOR = timedelta(days=180)
_LONGEST_TOKEN = 100

Wish = ConsultantRequest | TrainingRequest


class NoAddress(Refused):
    """There is no address to which a wish could be handed over."""

    code = "no_address"


def team_of(product: Product) -> str:
    """Where wishes about the product go: its own team's address, else the house's; empty = a specialist does it."""
    return product.consulting_email or vendor.current().consulting_email


def checked_address(address: str) -> str:
    """The address in its stored form. Raises NoAddress."""
    clean = address.strip()
    try:
        validate_email(clean)
    except ValidationError:
        raise NoAddress(_("Please enter a mail address."), field="address") from None
    return clean


def mail_team(wish: Wish) -> None:
    """Have the wish as it is now mailed to its team; once for each state of its calendar entry."""
    key = f"{wish._meta.model_name}:{wish.pk}:{wish.calendar_sequence}"
    enqueue(MAIL, key=f"hand-over:{key}", kind=wish._meta.model_name, wish_id=wish.pk)


def new_pass(wish: Wish, *, now: datetime) -> str:
    """A new way to the wish for its team; returns the token, which is stored nowhere. For the mail being sent."""
    token = secrets.token_urlsafe(32)
    wished = {"consulting" if isinstance(wish, ConsultantRequest) else "training": wish}
    HandoverPass.objects.create(
        customer_id=wish.customer_id,
        token_hash=token_hash(token),
        address=wish.team_address,
        created_at=now,
        expires_at=now + _VALID_FOR,
        **wished,
    )
    return token


def opened(token: str, *, now: datetime) -> Wish | None:
    """The one wish that the token opens, as long as it is that team's; None otherwise. Runs as SYSTEM.

    A link that is too old, or that went to a team from which the wish was taken since, opens nothing.
    """
    if len(token) > _LONGEST_TOKEN:
        return None
    rows = system_rows(HandoverPass).filter(token_hash=token_hash(token), expires_at__gt=now)
    names = ("product", "customer", "contact__user", "concern__ticket")
    found = rows.select_related(*(f"{kind}__{name}" for kind in ("consulting", "training") for name in names)).first()
    return found.wish if found is not None and found.address == found.wish.team_address else None
