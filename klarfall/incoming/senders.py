"""Who has sent a mail: an active contact, somebody known to be none, or nobody we know."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from klarfall.accounts.models import Kind, User
from klarfall.contracts.models import Product
from klarfall.core.prepared import prepared
from klarfall.customers.mail_domains import domain_of, is_public
from klarfall.customers.models import Contact, Customer
from klarfall.incoming.parsing.addresses import addresses
from klarfall.incoming.parsing.message import MOST_FIELDS
from klarfall.incoming.parsing.parsed import ParsedMail
from klarfall.incoming.products import contracted


@dataclass(frozen=True)
class Sender:
    """A sender whose mails may be filed; with several contacts one person acts for several customers."""

    user: User
    contacts: tuple[Contact, ...]

    def at(self, customer_id: int) -> Contact | None:
        """The contact as which they act for that customer."""
        return next((one for one in self.contacts if one.customer_id == customer_id), None)


@dataclass(frozen=True)
class Stranger:
    """A sender whose mails wait for a person: why, and of which customer they probably are."""

    reason: str
    customer: Customer | None = None


def has_one_author(mail: ParsedMail) -> bool:
    """Does From name exactly one address? Anything else (Sender, Return-Path) is no authority."""
    written = mail.headers.get("from", ())
    if len(written) > MOST_FIELDS:
        return False
    named = {one.address for value in written for one in addresses(value) if one.address}
    return len(named) == 1 and mail.sender.address in named


def sender_of(mail: ParsedMail) -> Sender | Stranger:
    """The sender of a mail by its address; upper and lower case are the same."""
    if not has_one_author(mail):
        return Stranger("no_sender")
    address = mail.sender.address
    rows = _contacts(email=address)
    if not rows:
        return _not_a_contact(address)
    active = tuple(row for row in rows if row.is_active)
    user: User = rows[0].user
    if not active or not user.is_active:
        return Stranger("not_active", rows[0].customer)
    return Sender(user, active)


@prepared
def _contacts(*, email: str) -> QuerySet[Any]:
    return Contact.objects.filter(user__email=email).select_related("user", "customer").order_by("pk")


def _not_a_contact(address: str) -> Stranger:
    user = User.objects.filter(email=address).first()
    if user is not None:
        return Stranger("staff" if user.kind == Kind.STAFF else "not_active")
    customer = customer_of_domain(address)
    return Stranger("unknown_person" if customer else "unknown_sender", customer)


def customer_of_domain(address: str) -> Customer | None:
    """The only customer with the domain of an address; a domain where anybody gets an address says nothing."""
    domain = domain_of(address)
    if not domain or is_public(domain):
        return None
    found = list(Customer.objects.filter(mail_domains__contains=[domain]).order_by("pk")[:2])
    return found[0] if len(found) == 1 else None


def acting_as(sender: Sender, product: Product | None) -> Contact | None:
    """The contact for whom a new request is: the only one, that of the domain, that with a contract for the product.

    None where that does not say for whom.
    """
    if len(sender.contacts) == 1:
        return sender.contacts[0]
    domain = domain_of(sender.user.email)
    for found in (
        [one for one in sender.contacts if domain in one.customer.mail_domains],
        [one for one in sender.contacts if _maintained(one, product)],
    ):
        if len(found) == 1:
            return found[0]
    return None


def _maintained(contact: Contact, product: Product | None) -> bool:
    products = contracted(contact.customer_id)
    return bool(products) if product is None else product.pk in products
