"""From whom our mails about a request come and where replies go: the product's words, else the house's."""

from django.conf import settings

from klarfall.accounts.models import User
from klarfall.channels.reply_addresses import reply_address
from klarfall.contracts.models import Product
from klarfall.core import mail
from klarfall.tickets.models import Ticket

_MOST_LINES = 12


def sender_of(product: Product | None) -> str:
    """The address that mails about this product come from."""
    return (product.mail_from if product is not None else "") or mail.sender()


def signature_of(product: Product | None) -> list[str]:
    """The lines of the product's signature; none where it has none."""
    lines = product.mail_signature.strip().splitlines() if product is not None else []
    return [line.rstrip() for line in lines[:_MOST_LINES]]


def replies_of(ticket: Ticket | None, user: User, address: str) -> str:
    """Where a reply to a mail from `address` goes: with the name of the request where mail arrives here.

    Only for contacts: what specialists write by mail belongs to nobody's conversation with a customer.
    """
    if ticket is None or user.is_staff or not settings.MAIL_REPLIES_ARRIVE:
        return address
    return reply_address(address, ticket, user)
