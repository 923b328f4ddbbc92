"""Import of contacts: found again by customer and e-mail address; one person may have several customers.

No mail is sent. Cost release of somebody who has an account is left to the page of the contact, where they are told.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import ContactRole
from klarfall.core import vendor
from klarfall.core.action import Refused
from klarfall.customers.actions.contacts import ContactData, address_of, checked
from klarfall.customers.actions.release import check_release
from klarfall.customers.models import Contact, Customer, ReleasePolicy
from klarfall.customers.phone_numbers import e164
from klarfall.transfer.imports.cells import Wrong
from klarfall.transfer.imports.importer import Importer, Outcome, Plan, required
from klarfall.transfer.imports.known import customer as customer_of
from klarfall.transfer.imports.known import customers_of
from klarfall.transfer.imports.rows import Row
from klarfall.transfer.models import ImportedContact, ImportKind

_RELEASE = ("release_limit", "release_from", "release_to")
_FIELDS = ("phone", "roles", "visibility", *_RELEASE)
_COLUMNS = {"limit": "release_limit", "valid_to": "release_to"}


@dataclass(slots=True)
class _Person:
    """What becomes of a contact and of the person behind it; `name` is new, else ""."""

    contact: Contact
    email: str
    name: str
    language: str


class ContactImporter(Importer):
    """Rows of contacts."""

    kind: ClassVar[str] = ImportKind.CONTACTS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._names: dict[str, tuple[str, int]] = {}

    def key(self, row: Row) -> tuple[str, ...]:
        return row.values["customer"].lower(), row.values["email"].lower()

    def note(self, row: Row) -> None:
        """A person has one name, whatever line says it."""
        super().note(row)
        if row.wrong is None and "name" in row.values:
            name, line = self._names.setdefault(row.values["email"].lower(), (row.values["name"], row.line))
            if name != row.values["name"]:
                words = _("Line %(line)s gives the person with this address another name.") % {"line": line}
                row.wrong = Wrong(words, "name")

    def look_up(self, rows: list[Row]) -> None:
        self._customers = customers_of(row.values["customer"] for row in rows)
        people = User.objects.filter(email__in={row.values["email"].lower() for row in rows})
        self._people: dict[str, User] = {one.email: one for one in self.rows(people)}
        contacts = Contact.objects.filter(user__in=self._people.values(), customer__in=self._customers.values())
        self._contacts: dict[tuple[int, int], Contact] = {
            (one.customer_id, one.user_id): one for one in self.rows(contacts)
        }

    def judge(self, row: Row) -> Plan:
        customer = customer_of(self._customers, row.values["customer"])
        try:
            email = address_of(row.values["email"])
        except Refused as problem:
            raise Wrong(problem.message, "email") from None
        person = self._people.get(email)
        if person is not None and not person.is_contact:
            raise Wrong(_("This address cannot be a contact's."), "email")
        contact = self._contacts.get((customer.pk, person.pk)) if person else None
        if contact is not None and not contact.is_active:
            raise Wrong(_("This contact is closed. It can be reopened on its page."), "email")
        return self._planned(row, customer, person, contact)

    def _planned(self, row: Row, customer: Customer, person: User | None, contact: Contact | None) -> Plan:
        email = row.values["email"].lower()
        told, line = self._names.get(email, ("", row.line))
        # A name belongs to the person once there is an account.
        keeps = person is not None and (not told or person.has_usable_password())
        name = person.name if person is not None and keeps else told
        if not name:
            required(row, "name")
        values = self._checked(row, customer, contact, name)
        # Of a person who stands in several lines, the first one that names them counts as the change.
        renamed = name if person and person.name != name and line == row.line else ""
        self._check_told(person, contact, values)
        if contact is None:
            thing = _Person(Contact(customer=customer, **values), email, name, row.values.get("language", "de"))
            return Plan(row, Outcome.ADDED, thing)
        changed = [one for one in _FIELDS if getattr(contact, one) != values[one]]
        for one in changed:
            setattr(contact, one, values[one])
        outcome = Outcome.CHANGED if changed or renamed else Outcome.UNCHANGED
        return Plan(row, outcome, _Person(contact, email, renamed, ""))

    def _checked(self, row: Row, customer: Customer, contact: Contact | None, name: str) -> dict[str, Any]:
        """The values after the row, by the rules of the page of a contact."""
        start: dict[str, Any] = {one: getattr(contact, one) for one in _FIELDS} if contact else {}
        said = start | {key: value for key, value in row.values.items() if key in _FIELDS}
        said["roles"] = tuple(sorted(set(said.get("roles", (ContactRole.REQUESTER.value,)))))
        if ContactRole.COST_RELEASE not in said["roles"]:
            _refuse_limits(row)
            said |= dict.fromkeys(_RELEASE)
        if contact and set(contact.roles) == set(said["roles"]):
            said["roles"] = tuple(contact.roles)
        data = ContactData(email=row.values["email"], name=name, **said)
        try:
            checked(data, customer, contact)
            if data.release_limit is not None:
                check_release(data.release_limit, data.release_from, data.release_to)
        except Refused as problem:
            raise Wrong(problem.message, _COLUMNS.get(problem.field or "", problem.field or "")) from None
        return {one: getattr(data, one) for one in _FIELDS} | {"roles": list(data.roles), "phone": data.phone.strip()}

    def _check_told(self, person: User | None, contact: Contact | None, values: dict[str, Any]) -> None:
        """Whoever can sign in is told when their right to decide about costs changes: not by an import."""
        if person is None or not person.has_usable_password():
            return
        before = (contact.release_limit, contact.release_from, contact.release_to) if contact else (None, None, None)
        held = contact is not None and ContactRole.COST_RELEASE in contact.roles
        if held != (ContactRole.COST_RELEASE in values["roles"]) or before != tuple(values[one] for one in _RELEASE):
            words = _("This person has an account and must be told: please change their cost release on their page.")
            raise Wrong(words, "release_limit")

    def write(self, plans: list[Plan]) -> None:
        new = [one.thing for one in plans if one.outcome is Outcome.ADDED]
        known = [one.thing for one in plans if one.outcome is Outcome.CHANGED]
        self._write_people(new, known)
        for one in new:
            one.contact.user = self._people[one.email]
        country = vendor.current().country
        for one in (*new, *known):
            one.contact.phone_e164 = e164(one.contact.phone, country)
        Contact.objects.bulk_create([one.contact for one in new])
        ImportedContact.objects.bulk_create(
            ImportedContact(customer_id=one.contact.customer_id, run=self.run, contact=one.contact) for one in new
        )
        Contact.objects.bulk_update([one.contact for one in known], (*_FIELDS, "phone_e164"))
        named = {one.contact.customer_id for one in (*new, *known) if one.contact.release_limit is not None}
        Customer.objects.filter(pk__in=named).exclude(release_policy=ReleasePolicy.NAMED).update(
            release_policy=ReleasePolicy.NAMED
        )

    def _write_people(self, new: list[_Person], known: list[_Person]) -> None:
        """People whom nobody knew, without a password; people with another name; people who come back."""
        missing = {one.email: one for one in new if one.email not in self._people}
        people = [
            User(email=one.email, name=one.name, kind=Kind.CONTACT, language=one.language, password=make_password(None))
            for one in missing.values()
        ]
        self._people |= {one.email: one for one in User.objects.bulk_create(people)}
        changed = {}
        for one, is_new in (*((one, True) for one in new), *((one, False) for one in known)):
            person = self._people[one.email]
            comes_back = is_new and not person.is_active
            if (one.name and person.name != one.name) or comes_back:
                person.name, person.is_active = one.name or person.name, person.is_active or comes_back
                changed[person.pk] = person
        User.objects.bulk_update(changed.values(), ["name", "is_active"])


def _refuse_limits(row: Row) -> None:
    for name in _RELEASE:
        if row.values.get(name) is not None:
            raise Wrong(_("This belongs to the role cost release, which this line does not give."), name)
