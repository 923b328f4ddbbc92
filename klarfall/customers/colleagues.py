"""The contacts of a customer with name, address and account, for those who may look after them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from klarfall.accounts.permissions import ContactRole
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from klarfall.customers.people import contact_roles
from klarfall.ui.formats import day, money

MOST = 200


@dataclass(frozen=True)
class Colleague:
    """One contact with what is known of the person."""

    contact: Contact
    name: str
    email: str
    has_account: bool
    deputy: str

    @property
    def roles(self) -> str:
        """The roles in words."""
        return contact_roles(self.contact)

    @property
    def release(self) -> str:
        """Cost release in words, empty without the role: `up to 500,00 € net, until 31.12.2026`."""
        return release_words(self.contact)


def colleagues(customer_id: int, *, query: str = "") -> list[Colleague]:
    """The contacts of a customer, active ones first, at most `MOST` + 1; `query` is a part of name or address.

    Read with full sight, because the portal's role cannot read addresses: the caller has asked for the right
    `contact.change` there, or is staff.
    """
    with viewing_as(SYSTEM):
        rows = Contact.objects.filter(customer_id=customer_id).select_related("user", "deputy__user")
        if query:
            rows = rows.filter(user__name__icontains=query) | rows.filter(user__email__icontains=query)
        found = list(rows.order_by("-is_active", "user__name", "pk")[: MOST + 1])
        return [_colleague(one) for one in found]


def colleague(contact: Contact) -> Colleague:
    """One contact, read like `colleagues`."""
    with viewing_as(SYSTEM):
        return _colleague(Contact.objects.select_related("user", "deputy__user").get(pk=contact.pk))


def deputies(customer_id: int) -> list[tuple[Contact, str]]:
    """Who may stand in for somebody: the active contacts with their names."""
    with viewing_as(SYSTEM):
        rows = Contact.objects.filter(customer_id=customer_id, is_active=True).select_related("user")
        return [(one, one.user.name) for one in rows.order_by("user__name", "pk")]


def release_words(contact: Contact) -> str:
    """What cost release a contact has, in words; empty without the role."""
    if ContactRole.COST_RELEASE not in contact.role_codes:
        return ""
    if contact.release_limit is None:
        return _("without a limit of their own")
    words = [_("up to %(amount)s net") % {"amount": money(contact.release_limit)}]
    if contact.release_from:
        words.append(_("from %(day)s") % {"day": day(contact.release_from)})
    if contact.release_to:
        words.append(_("until %(day)s") % {"day": day(contact.release_to)})
    return ", ".join(words)


def _colleague(contact: Contact) -> Colleague:
    deputy = contact.deputy
    return Colleague(
        contact=contact,
        name=contact.user.name,
        email=contact.user.email,
        has_account=contact.user.has_usable_password(),
        deputy=deputy.user.name if deputy else "",
    )
