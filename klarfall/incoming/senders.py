"""Who has sent a mail: an active contact, somebody known to be none, or nobody we know."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, QuerySet

from klarfall.accounts.models import Kind, User
from klarfall.contracts.models import Product
from klarfall.core.prepared import prepared
from klarfall.customers.mail_domains import domain_of, is_public
from klarfall.customers.models import Contact, Customer
from klarfall.incoming.models import BlockedSender
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


def contacts_of(address: str) -> list[Any]:
    """The contacts of an address, active or not; upper and lower case are the same. Each says `is_blocked`, too."""
    return _contacts(email=address, patterns=_patterns(address)) if address else []


def is_blocked(address: str, contacts: Sequence[Any]) -> bool:
    """Is the address or its whole domain blocked? `contacts`: its own ones, which were asked for at the same time."""
    if contacts:
        return bool(contacts[0].is_blocked)
    return bool(address and _blocking(patterns=_patterns(address)))


def _patterns(address: str) -> list[str]:
    return [address, f"@{address.rpartition('@')[2]}"]


@prepared
def _blocking(*, patterns: list[str]) -> QuerySet[BlockedSender]:
    return BlockedSender.objects.filter(pattern__in=patterns)[:1]


def sender_of(mail: ParsedMail, rows: Sequence[Any]) -> Sender | Stranger:
    """The sender of a mail by its address; `rows` are the contacts of that."""
    if not has_one_author(mail):
        return Stranger("no_sender")
    address = mail.sender.address
    if not rows:
        return _not_a_contact(address)
    active = tuple(row for row in rows if row.is_active)
    user: User = rows[0].user
    if not active or not user.is_active:
        return Stranger("not_active", rows[0].customer)
    return Sender(user, active)


@prepared
def _contacts(*, email: str, patterns: list[str]) -> QuerySet[Any]:
    blocked = Exists(BlockedSender.objects.filter(pattern__in=patterns))
    rows = Contact.objects.filter(user__email=email).annotate(is_blocked=blocked)
    return rows.select_related("user", "customer").order_by("pk")


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
