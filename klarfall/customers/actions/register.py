"""Register with customer number and work e-mail: start, prove the address, finish, be let in (R63)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from klarfall.accounts import permissions
from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import ContactRole
from klarfall.core import audit
from klarfall.core.action import NotAllowed, Refused, action
from klarfall.core.jobs import enqueue
from klarfall.customers import invitations, registrations
from klarfall.customers.models import Contact, Customer, Registration, RegistrationPolicy, contact_of
from klarfall.customers.registrations import Application, Started, Way


class CodeRefused(Refused):
    """The code is wrong or counts no more. Which of the two, and whether there ever was one, is not said."""

    code = "code_refused"


class RegistrationOver(Refused):
    """It took too long, or the customer changed its mind meanwhile."""

    code = "registration_over"


class AlreadyDecided(Refused):
    """Somebody was faster, or the registration does not wait yet."""

    code = "already_decided"


@dataclass(frozen=True)
class Finished:
    """A finished registration: `person` is signed in by it when this very call gave them their first password."""

    registration: Registration
    person: User | None = None


@action
def start_registration(application: Application, *, actor: Any, now: datetime) -> Started:
    """Say how somebody goes on, and make the code where that is the way. `actor` is the system, in a job.

    Whoever is a contact already proves the address only, whatever domain and policy say: they were named.
    """
    if Registration.objects.filter(token_hash=application.token_hash, confirmed_at__isnull=False).exists():
        return Started(Way.PROVED)
    customer = Customer.objects.filter(number__iexact=application.number).first()
    if customer is None:
        return Started(Way.NOTHING)
    person = registrations.person_with(application.email)
    way = _way(application.email, customer, person)
    if way is not Way.CODE:
        return Started(way, person=person)
    code = registrations.new_code()
    registration, _made = Registration.objects.update_or_create(
        token_hash=application.token_hash,
        defaults={
            "customer": customer,
            "email": application.email,
            "language": application.language,
            "code_hash": registrations.code_hash(application.token_hash, code),
            "created_at": now,
            "expires_at": now + registrations.CODE_LIFE,
        },
    )
    return Started(way, registration, code, person)


def _way(email: str, customer: Customer, person: User | None) -> Way:
    contact = Contact.objects.filter(customer=customer, user=person).first() if person else None
    if person is not None and not (person.is_contact and person.is_active):
        return Way.NOTHING
    if contact is not None and person is not None:
        if not contact.is_active:
            return Way.NOTHING  # who was closed does not come back this way
        return Way.ACCOUNT if person.has_usable_password() else Way.CODE
    if not registrations.may_enter(email, customer):
        return Way.NOTHING
    return Way.WAITING if registrations.waiting().filter(customer=customer, email=email).exists() else Way.CODE


def confirm_code(token: str, *, code: str, now: datetime) -> Registration:
    """Check the code that was typed in the browser of `token`. Raises CodeRefused.

    Not an action itself: a wrong attempt is refused but must still be counted.
    """
    found = _try_code(token, code=code, now=now)
    if found is None:
        raise CodeRefused(_("This code is not right or not valid any more. The newest mail counts."), field="code")
    return found


@action
def _try_code(token: str, *, code: str, now: datetime) -> Registration | None:
    """The registration, its address proved; None is not raised, because that would roll the counter back."""
    rows = Registration.objects.select_for_update(of=("self",)).select_related("customer")
    registration: Registration | None = rows.filter(token_hash=registrations.hash_of(token)).first()
    if registration is None or registration.attempts >= registrations.MOST_ATTEMPTS:
        return None
    if now >= registration.expires_at or registration.confirmed_at is not None:
        return None
    registration.attempts += 1
    if registrations.is_code(registration, code):
        registration.confirmed_at = now
        registration.expires_at = now + registrations.FINISH_WITHIN
    registration.save(update_fields=["attempts", "confirmed_at", "expires_at"])
    return registration if registration.confirmed_at else None


@action
def complete_registration(
    registration: Registration, *, name: str, password: str, actor: Any, now: datetime
) -> Finished:
    """Finish after the code: be let in at once where the customer wants that, else wait. Raises RegistrationOver.

    `password` is checked by the form; it counts for people without one who are let in at once. Nobody else has an
    account before they were let in, and nobody's password is ever replaced. `actor` is the system. Repeating it
    changes nothing.
    """
    rows = Registration.objects.select_for_update(of=("self",)).select_related("customer", "contact")
    registration = rows.get(pk=registration.pk)
    if registration.confirmed_at is None or now >= registration.expires_at:
        raise RegistrationOver(_("This took too long. Please register anew."))
    if registration.decided_at is not None or registration.name:
        return Finished(registration)
    person = registrations.person_with(registration.email)
    way = _way(registration.email, registration.customer, person)
    if way is Way.NOTHING:
        raise RegistrationOver(_("This registration cannot be finished any more. Please call us."))
    registration.name = person.name if person else name
    registration.save(update_fields=["name"])
    if not _enters_at_once(registration, person):
        audit.record("registration.waits", registration, actor=actor, now=now)
        if way is not Way.WAITING:  # else those who decide have been asked already
            enqueue("channels.tell_registration", registration_id=registration.pk)
        return Finished(registration)
    contact = _admitted(registration, actor, now)
    if contact.user.has_usable_password():
        return Finished(registration)
    if not password:  # what is asked for changed since the form was shown
        raise RegistrationOver(_("This took too long. Please register anew."))
    contact.user.set_password(password)
    contact.user.save(update_fields=["password"])
    return Finished(registration, contact.user)


def _enters_at_once(registration: Registration, person: User | None) -> bool:
    named = person is not None and Contact.objects.filter(customer=registration.customer, user=person).exists()
    return named or registration.customer.registration_policy == RegistrationPolicy.AUTOMATIC


@action
def decide_registration(registration: Registration, *, admit: bool, actor: Any, now: datetime) -> Registration:
    """Let somebody in or turn them away, without a reason; they get a mail. Raises AlreadyDecided.

    Where specialists decide, the customer's admin does not. Let in, a person without a password gets the link to
    choose one.
    """
    rows = Registration.objects.select_for_update(of=("self",)).select_related("customer")
    registration = rows.get(pk=registration.pk)
    permissions.require("registration.decide", actor, contact_of(actor, registration.customer_id))
    if actor.is_contact and registration.customer.registration_policy == RegistrationPolicy.SPECIALIST:
        raise NotAllowed(_("Your company has agreed with us that we decide about registrations."))
    if registration.decided_at is not None or registration.confirmed_at is None or not registration.name:
        raise AlreadyDecided(_("This registration does not wait for a decision any more."))
    if not admit:
        _decided(registration, None, actor, now)
        enqueue("channels.tell_refusal", registration_id=registration.pk)
        return registration
    contact = _admitted(registration, actor, now)
    invitation = None if contact.user.has_usable_password() else invitations.issue(contact, by=actor, now=now)
    enqueue("channels.tell_admission", registration=registration.pk, invitation=invitation.pk if invitation else None)
    return registration


def _admitted(registration: Registration, actor: Any, now: datetime) -> Contact:
    """The contact of a registration: the one there is, or a new requester who sees their own requests."""
    person = _person(registration)
    if not (person.is_contact and person.is_active):
        raise RegistrationOver(_("This address belongs to an account that cannot be used."))
    contact, _made = Contact.objects.get_or_create(
        customer=registration.customer, user=person, defaults={"roles": [ContactRole.REQUESTER.value]}
    )
    if not contact.is_active:
        raise RegistrationOver(_("This contact was closed. It can be opened again on the page of the customer."))
    _decided(registration, contact, actor, now)
    return contact


def _person(registration: Registration) -> User:
    """The account of the address; two who come at the same instant get the same one."""
    person = registrations.person_with(registration.email)
    if person is None:
        try:
            with transaction.atomic():
                person = User.objects.create_user(
                    registration.email, name=registration.name, kind=Kind.CONTACT, language=registration.language
                )
        except IntegrityError:
            person = registrations.person_with(registration.email)
    if person is None:
        raise RegistrationOver(_("This address belongs to an account that cannot be used."))
    return User.objects.select_for_update().get(pk=person.pk)


def _decided(registration: Registration, contact: Contact | None, actor: Any, now: datetime) -> None:
    """Note the decision on every registration of this address that waits: one person, one answer."""
    same = registrations.waiting().filter(customer=registration.customer, email=registration.email)
    same.update(decided_at=now, decided_by=actor, contact=contact)
    registration.decided_at, registration.decided_by, registration.contact = now, actor, contact
    registration.save(update_fields=["decided_at", "decided_by", "contact"])
    verb = "registration.admitted" if contact else "registration.refused"
    audit.record(verb, registration, actor=actor, now=now, data={"contact": contact.pk if contact else None})
