"""Add, change, close and reopen contacts: one person, several customers.

The admin of a customer does this for colleagues, but never for themselves, and learns nothing of other customers.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import ContactRole
from klarfall.core import audit, vendor
from klarfall.core.action import Refused, action
from klarfall.core.changes import change
from klarfall.core.master_rows import line
from klarfall.customers.actions.release import grant_release, take_release
from klarfall.customers.mail_domains import domain_of, is_public
from klarfall.customers.models import Contact, Customer, Invitation, Visibility, contact_of
from klarfall.customers.phone_numbers import e164

#: What an address is called after its person was erased; nobody comes back from there.
_ERASED = "@klarfall.invalid"
_LENGTHS = {"name": 120, "phone": 40, "email": 254}


class ContactRefused(Refused):
    """Something about a contact cannot be right; `field` names it."""

    code = "contact_refused"


@dataclass(frozen=True, kw_only=True)
class ContactData:
    """Everything that is kept of a contact. `email` identifies the person and counts for adding only.

    `release_limit` (net, per concern) with its period belongs to the role *cost release*.
    """

    email: str
    name: str
    phone: str = ""
    roles: tuple[str, ...] = (ContactRole.REQUESTER.value,)
    visibility: str = Visibility.OWN.value
    deputy: Contact | None = None
    release_limit: Decimal | None = None
    release_from: date | None = None
    release_to: date | None = None


@action
def add_contact(customer: Customer, *, data: ContactData, actor: User, now: datetime) -> Contact:
    """Add a person to the customer; who is known by that address already keeps name and account. No mail is sent.

    Customer admins add addresses of their own company only: else they could ask who is known to the vendor.
    Raises ContactRefused (with `field`).
    """
    return _add(_locked(customer.pk, actor), data, actor, now)


@action
def add_requester(customer: Customer, *, email: str, name: str, actor: User, now: datetime) -> Contact:
    """Add a person who has written to us: they may ask, and see their own requests. No mail is sent.

    Specialists do it who may also let in whoever registers. Raises ContactRefused (with `field`).
    """
    permissions.require("registration.decide", actor, contact_of(actor, customer.pk))
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    return _add(customer, ContactData(email=email, name=name), actor, now)


def _add(customer: Customer, data: ContactData, actor: User, now: datetime) -> Contact:
    checked(data, customer, None)
    email = address_of(data.email)
    if actor.is_contact:
        _check_domain(email, customer)
    person = _person(email, data)
    _check_new(person, customer)
    roles = sorted(set(data.roles) - {ContactRole.COST_RELEASE.value})
    contact = Contact.objects.create(
        customer=customer, user=person, roles=roles, visibility=data.visibility, deputy=data.deputy,
        **_phone(data),
    )  # fmt: skip
    audit.record("contact.added", contact, actor=actor, now=now, data={"person": person.pk, "roles": roles})
    return _with_release(contact, data, actor, now) if ContactRole.COST_RELEASE in data.roles else contact


@action
def change_contact(contact: Contact, *, data: ContactData, actor: User, now: datetime) -> Contact:
    """Change name, phone, roles, visibility, deputy and cost release of a contact. Raises ContactRefused.

    Limit and period go through `grant_release`, which tells the person and the admins.
    """
    customer = _locked(contact.customer_id, actor)
    contact = _fresh(contact)
    if not contact.is_active:
        raise ContactRefused(_("This person is no longer active. Please reopen the contact first."))
    checked(data, customer, contact)
    _check_own(contact, data, actor)
    if _one_line(data.name) != contact.user.name:
        _rename(contact, _one_line(data.name), actor, now)
    released = {ContactRole.COST_RELEASE.value} & set(contact.roles)
    roles = sorted(set(data.roles) - {ContactRole.COST_RELEASE.value} | released)
    changed = change(
        contact,
        {**_phone(data), "roles": roles, "visibility": data.visibility, "deputy_id": _pk(data.deputy)},
    )
    changed = [name for name in changed if name != "phone_e164"]  # follows from the number as it was written
    if changed:
        what: dict[str, Any] = {"fields": changed}
        if "roles" in changed:
            what["roles"] = roles
        audit.record("contact.changed", contact, actor=actor, now=now, data=what)
    return _with_release(contact, data, actor, now)


@action
def close_contact(contact: Contact, *, actor: User, now: datetime) -> Contact:
    """End a person's work for the customer at once; their requests stay with whoever may see them.

    Cost release and the admin's role go. Whoever has no contact left cannot sign in: open sessions end.
    """
    _locked(contact.customer_id, actor)
    contact = _fresh(contact)
    if not contact.is_active:
        return contact
    if contact.user_id == actor.pk:
        raise ContactRefused(_("You cannot close your own access. Another admin of your company or we can."))
    contact = take_release(contact, actor=actor, now=now)
    contact.roles = sorted(set(contact.roles) - {ContactRole.CUSTOMER_ADMIN.value})
    contact.is_active = False
    contact.save(update_fields=["roles", "is_active"])
    Contact.objects.filter(customer_id=contact.customer_id, deputy=contact).update(deputy=None)
    Invitation.objects.filter(contact=contact, used_at__isnull=True, expires_at__gt=now).update(expires_at=now)
    if not Contact.objects.filter(user=contact.user_id, is_active=True).exists():
        User.objects.filter(pk=contact.user_id).update(is_active=False)
    audit.record("contact.closed", contact, actor=actor, now=now)
    return contact


@action
def reopen_contact(contact: Contact, *, actor: User, now: datetime) -> Contact:
    """Let a person work for the customer again, without cost release and without the admin's role."""
    _locked(contact.customer_id, actor)
    contact = _fresh(contact)
    if contact.is_active:
        return contact
    if contact.user.email.endswith(_ERASED):
        raise ContactRefused(_("This person was erased and cannot come back. Please add them anew."))
    contact.is_active = True
    contact.save(update_fields=["is_active"])
    User.objects.filter(pk=contact.user_id).update(is_active=True)
    audit.record("contact.reopened", contact, actor=actor, now=now)
    return contact


def may_rename(contact: Contact, actor: User) -> bool:
    """A name belongs to the person: customer admins write it only until there is an account, and for nobody else's.

    Not an action: it only answers.
    """
    if not actor.is_contact:
        return True
    if contact.user.has_usable_password():
        return contact.user_id == actor.pk
    return not Contact.objects.filter(user=contact.user_id).exclude(customer_id=contact.customer_id).exists()


def _locked(customer_id: int, actor: User) -> Customer:
    """The customer, locked: two admins who end each other's role wait for each other, and the second has none.

    The key stays free: requests that come in meanwhile refer to the customer and wait for nobody.
    """
    permissions.require("contact.change", actor, contact_of(actor, customer_id))
    customer: Customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    permissions.require("contact.change", actor, contact_of(actor, customer_id))
    return customer


def _fresh(contact: Contact) -> Contact:
    rows = Contact.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    found: Contact = rows.get(pk=contact.pk)
    return found


def _phone(data: ContactData) -> dict[str, str]:
    """The number as it was written, and as telephone systems send it."""
    phone = _one_line(data.phone)
    return {"phone": phone, "phone_e164": e164(phone, vendor.current().country)}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _pk(contact: Contact | None) -> int | None:
    return contact.pk if contact else None


def checked(data: ContactData, customer: Customer, contact: Contact | None) -> None:
    """Raises ContactRefused for what cannot be right. Not an action: imports check thousands of rows with it."""
    for field, most in _LENGTHS.items():
        line(getattr(data, field), field=field, most=most, needed=field == "name")
    if not data.roles or set(data.roles) - set(ContactRole.values):
        raise ContactRefused(_("Please choose at least one role."), field="roles")
    if data.visibility not in Visibility.values:
        raise ContactRefused(_("Please choose one of the possibilities."), field="visibility")
    if data.deputy is not None:
        _check_deputy(data.deputy, customer, contact)
    if ContactRole.COST_RELEASE in data.roles and data.release_limit is None and not _keeps(data, contact):
        raise ContactRefused(_("Up to which amount? Please enter a limit."), field="release_limit")


def _check_deputy(deputy: Contact, customer: Customer, contact: Contact | None) -> None:
    found = Contact.objects.filter(pk=deputy.pk, customer=customer, is_active=True).first()
    if found is None:
        raise ContactRefused(_("A deputy is an active contact of the same company."), field="deputy")
    if contact is not None and found.pk == contact.pk:
        raise ContactRefused(_("Nobody is their own deputy."), field="deputy")


def _keeps(data: ContactData, contact: Contact | None) -> bool:
    """Does the contact hold cost release without a limit already, as before people were named?"""
    return contact is not None and ContactRole.COST_RELEASE in contact.roles and contact.release_limit is None


def _check_own(contact: Contact, data: ContactData, actor: User) -> None:
    """Nobody raises (or lowers) themselves: roles, sight and limit are given by somebody else."""
    if contact.user_id != actor.pk:
        return
    own = (set(contact.roles), contact.visibility, *_release_of(contact))
    wanted = (set(data.roles), data.visibility, data.release_limit, data.release_from, data.release_to)
    if own != wanted:
        raise ContactRefused(
            _("You cannot change your own roles, sight and limit. Another admin of your company or we can."),
            field="roles",
        )


def _release_of(contact: Contact) -> tuple[Decimal | None, date | None, date | None]:
    return contact.release_limit, contact.release_from, contact.release_to


def address_of(text: str) -> str:
    """The address in its one spelling; ContactRefused where it is none, or an erased person's. Not an action."""
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise ContactRefused(_("This is no e-mail address."), field="email") from None
    if email.endswith(_ERASED):
        raise ContactRefused(_("This is no e-mail address."), field="email")
    return email


def _check_domain(email: str, customer: Customer) -> None:
    own = [one for one in customer.mail_domains if not is_public(one)]
    if domain_of(email) in own:
        return
    if not own:
        message = _("We know no mail domain of your company yet. Please write to us: we add the person for you.")
        raise ContactRefused(message, field="email")
    values = {"domains": ", ".join(own)}
    message = _("You can add addresses at %(domains)s. For other addresses please write to us.") % values
    raise ContactRefused(message, field="email")


def _person(email: str, data: ContactData) -> User:
    """The person with that address, known or new; never staff."""
    person = _known(email)
    if person is None:
        try:
            with transaction.atomic():
                return User.objects.create_user(email, name=_one_line(data.name), kind=Kind.CONTACT)
        except IntegrityError:  # somebody else has just added the same person
            person = User.objects.get(email=email)
    if not person.is_contact:
        raise ContactRefused(_("This address cannot be a contact's."), field="email")
    return person


def _known(email: str) -> User | None:
    return User.objects.select_for_update(no_key=True).filter(email=email).first()


def _check_new(person: User, customer: Customer) -> None:
    """Once per customer; whoever was closed everywhere gets their account back."""
    known = Contact.objects.filter(user=person, customer=customer).first()
    if known is not None:
        message = _("This person is a contact already.") if known.is_active else _("This contact is closed: reopen it.")
        raise ContactRefused(message, field="email")
    if not person.is_active:
        person.is_active = True
        person.save(update_fields=["is_active"])


def _rename(contact: Contact, name: str, actor: User, now: datetime) -> None:
    if not may_rename(contact, actor):
        raise ContactRefused(_("The name of somebody who is known to us can only be changed by us."), field="name")
    contact.user.name = name
    contact.user.save(update_fields=["name"])
    audit.record("contact.renamed", contact, actor=actor, now=now)


def _with_release(contact: Contact, data: ContactData, actor: User, now: datetime) -> Contact:
    """Bring cost release in line with what is wanted, by the actions that tell and write it down."""
    if ContactRole.COST_RELEASE not in data.roles:
        return take_release(contact, actor=actor, now=now)
    wanted = (data.release_limit, data.release_from, data.release_to)
    if data.release_limit is None or (ContactRole.COST_RELEASE in contact.roles and wanted == _release_of(contact)):
        return contact
    try:
        return grant_release(
            contact, limit=data.release_limit, valid_from=data.release_from, valid_to=data.release_to,
            actor=actor, now=now,
        )  # fmt: skip
    except Refused as problem:
        problem.field = {"limit": "release_limit", "valid_to": "release_to"}.get(problem.field or "", problem.field)
        raise
