"""Who may what: one table of roles and permissions (domain.md, section 7)."""

from typing import Any, Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _

from klarfall.core.action import NotAllowed


class StaffRole(models.TextChoices):
    """Roles of staff; one person may hold several."""

    AGENT = "agent", _("Specialist")
    LEAD = "lead", _("Lead")
    EDITOR = "editor", _("Editor")
    BILLING = "billing", _("Billing")
    ADMINISTRATOR = "administrator", _("Administrator")


class ContactRole(models.TextChoices):
    """Roles of a contact within one customer."""

    REQUESTER = "requester", _("Requester")
    COST_RELEASE = "cost_release", _("Cost release")
    CUSTOMER_ADMIN = "customer_admin", _("Customer admin")
    BILLING_VIEWER = "billing_viewer", _("Billing viewer")


SYSTEM_ROLE = "system"

_STAFF = {StaffRole.AGENT, StaffRole.LEAD}
_MASTER_DATA = {StaffRole.LEAD, StaffRole.ADMINISTRATOR}
_CONTACTS = {ContactRole.REQUESTER, ContactRole.COST_RELEASE, ContactRole.CUSTOMER_ADMIN}

#: permission (`noun.verb`) -> roles that hold it. The system acts by the clock only.
PERMISSIONS: dict[str, set[str]] = {
    "ticket.submit": {*_CONTACTS, *_STAFF},
    "ticket.reply": {*_CONTACTS, *_STAFF},
    "ticket.review": {*_STAFF},
    "ticket.ask_coverage": {*_CONTACTS},
    "ticket.assign": {*_STAFF},
    "ticket.restore": {*_STAFF},
    "ticket.resolve": {*_STAFF, SYSTEM_ROLE},
    "ticket.cancel": {*_CONTACTS},
    "ticket.reopen": {*_CONTACTS},
    "ticket.close": {SYSTEM_ROLE},
    "ticket.rate": {*_CONTACTS},
    "ticket.progress": {*_CONTACTS, *_STAFF, SYSTEM_ROLE},
    "note.write": {*_STAFF},
    "concern.split": {*_STAFF},
    "assessment.publish": {*_STAFF},
    "objection.open": {*_CONTACTS},
    "objection.review": {*_STAFF},
    "objection.withdraw": {*_CONTACTS},
    "offer.send": {*_STAFF},
    "offer.withdraw": {*_STAFF},
    "offer.accept": {ContactRole.REQUESTER, ContactRole.COST_RELEASE},
    "offer.decline": {*_CONTACTS},
    "offer.pass_on": {*_CONTACTS},
    "offer.expire": {SYSTEM_ROLE},
    "work.stop": {*_CONTACTS},
    "work.finish": {*_STAFF},
    "time.record": {*_STAFF},
    "consent.record": {*_CONTACTS, *_STAFF},
    "consulting.request": {*_CONTACTS, *_STAFF},
    "consulting.handle": {*_STAFF, SYSTEM_ROLE},
    "training.request": {*_CONTACTS, *_STAFF},
    "mail.file": {SYSTEM_ROLE},
    "mail.handle": {*_STAFF},
    "call.record": {*_STAFF},
    "call.report": {SYSTEM_ROLE},
    "callback.request": {*_CONTACTS, *_STAFF},
    "callback.handle": {*_STAFF},
    "remote.hold": {*_STAFF},
    "remote.end": {*_CONTACTS, *_STAFF, SYSTEM_ROLE},
    "remote.watch": {SYSTEM_ROLE},
    "article.write": {*_STAFF, StaffRole.EDITOR},
    "article.publish": {StaffRole.LEAD, StaffRole.EDITOR, SYSTEM_ROLE},
    "article.import": {StaffRole.LEAD, StaffRole.EDITOR, SYSTEM_ROLE},
    "article.vote": {*_CONTACTS, ContactRole.BILLING_VIEWER},
    "article.subscribe": {*_CONTACTS, ContactRole.BILLING_VIEWER},
    "article.attach": {*_CONTACTS, *_STAFF},
    "synonym.change": {*_STAFF, StaffRole.EDITOR},
    "problem.manage": {*_STAFF, StaffRole.EDITOR},
    "problem.report": {*_CONTACTS},
    "contact.invite": {ContactRole.CUSTOMER_ADMIN, StaffRole.LEAD, StaffRole.AGENT, StaffRole.ADMINISTRATOR},
    "contact.change": {ContactRole.CUSTOMER_ADMIN, *_MASTER_DATA},
    "customer.change": {*_MASTER_DATA},
    "contract.change": {*_MASTER_DATA},
    "registration.decide": {ContactRole.CUSTOMER_ADMIN, StaffRole.AGENT, *_MASTER_DATA},
    "house.set_up": {StaffRole.ADMINISTRATOR},
    "staff.change": {StaffRole.ADMINISTRATOR},
    "terms.publish": {*_MASTER_DATA},
    "data.import": {*_MASTER_DATA, SYSTEM_ROLE},
    "data.export": {StaffRole.ADMINISTRATOR, SYSTEM_ROLE},
    "release.grant": {ContactRole.CUSTOMER_ADMIN, StaffRole.LEAD, StaffRole.ADMINISTRATOR},
    "goodwill.grant": {*_STAFF},
    "record.issue": {*_STAFF, StaffRole.BILLING, SYSTEM_ROLE},
    "record.answer": {*_CONTACTS, ContactRole.BILLING_VIEWER},
    "costs.view": {ContactRole.COST_RELEASE, ContactRole.CUSTOMER_ADMIN, ContactRole.BILLING_VIEWER},
    "batch.prepare": {StaffRole.BILLING},
    "batch.freeze": {StaffRole.BILLING},
    "batch.export": {StaffRole.BILLING},
    "invoice.write": {StaffRole.BILLING, SYSTEM_ROLE},
    "billing.set_up": {StaffRole.BILLING, StaffRole.ADMINISTRATOR},
    "audit.view": {StaffRole.LEAD, StaffRole.BILLING, StaffRole.ADMINISTRATOR},
    "person.erase": {StaffRole.LEAD, StaffRole.ADMINISTRATOR},
}


class HasRoles(Protocol):
    """A contact, as far as permissions care."""

    @property
    def role_codes(self) -> set[str]: ...


def roles_of(user: Any, contact: HasRoles | None = None) -> set[str]:
    """The roles in which `user` acts: those of the contact, of staff, or the system's."""
    if not user.is_active:
        return set()
    if user.kind == "system":
        return {SYSTEM_ROLE}
    if user.kind == "contact":
        return contact.role_codes if contact is not None else set()
    return set(user.staff_roles)


def may(permission: str, user: Any, contact: HasRoles | None = None) -> bool:
    """Does the user (as this contact) hold `permission`? Unknown names are a KeyError."""
    return bool(PERMISSIONS[permission] & roles_of(user, contact))


def require(permission: str, user: Any, contact: HasRoles | None = None) -> None:
    """Raise NotAllowed unless the user holds `permission`."""
    if not may(permission, user, contact):
        raise NotAllowed(_("You do not have the right to do this."))
