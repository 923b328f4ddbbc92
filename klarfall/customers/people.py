"""The people of the demo's sign-in list, and what a person may see about their own roles."""

from dataclasses import dataclass

from django.conf import settings

from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import ContactRole, StaffRole
from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact


@dataclass(frozen=True)
class DemoPerson:
    """Somebody whom visitors of the demo may be: name, what they do, and for whom."""

    id: int
    name: str
    roles: str
    company: str


def demo_is_open() -> bool:
    """Only on the embedded database bound to loopback, and only where the database says that it is a demo."""
    return settings.DEMO_ALLOWED and vendor.current().is_demo


def demo_people() -> list[DemoPerson]:
    """Staff first, then contacts by company; empty wherever this is no demo."""
    if not demo_is_open():
        return []
    with viewing_as(SYSTEM):
        staff = User.objects.filter(kind=Kind.STAFF, is_active=True).order_by("name")
        contacts = Contact.objects.filter(is_active=True, user__is_active=True).select_related("user", "customer")
        return [
            *(DemoPerson(user.pk, user.name, staff_roles(user), "") for user in staff),
            *(
                DemoPerson(contact.user_id, contact.user.name, contact_roles(contact), contact.customer.name)
                for contact in contacts.order_by("customer__name", "user__name")
            ),
        ]


def staff_roles(user: User) -> str:
    """The roles of a member of staff in words."""
    return ", ".join(str(StaffRole(role).label) for role in user.staff_roles)


def contact_roles(contact: Contact) -> str:
    """The roles of a contact in words."""
    return ", ".join(str(ContactRole(role).label) for role in contact.roles)
