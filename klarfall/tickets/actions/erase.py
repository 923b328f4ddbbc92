"""Erase a person: nothing personal remains, and every chain still verifies (INV-29)."""

import hashlib
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.administrators import locked_with_administrators, refuse_if_last
from klarfall.accounts.models import Kind, User
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.jobs import enqueue
from klarfall.customers.models import Contact, Registration
from klarfall.tickets import file_names, files
from klarfall.tickets.events import record
from klarfall.tickets.locking import locked
from klarfall.tickets.models import (
    Attachment,
    ConsultantRequest,
    Message,
    RemoteParticipant,
    RemoteSession,
    RequestDraft,
    SealedText,
    Ticket,
    TicketEvent,
    TrainingRequest,
    Upload,
)


class NotErasable(Refused):
    """This person cannot be erased."""

    code = "not_erasable"


@action
def erase_person(user: User, *, actor: Any, now: datetime) -> User:
    """Make a person unknown: name, address, sign-in; for a contact also what they wrote and sent. Returns the user.

    Ids, times, codes, titles and amounts stay, as do the vendor's own letters (texts of staff):
    they are records that must be kept. Repeating it does no harm.
    """
    permissions.require("person.erase", actor)
    user = locked_with_administrators(user) if user.is_staff else User.objects.select_for_update().get(pk=user.pk)
    if user.kind == Kind.SYSTEM or user.pk == actor.pk:
        raise NotErasable(_("This person cannot be erased."))
    refuse_if_last(user)
    if user.is_contact:
        tickets = _tickets_of(user)
        _erase_texts(user, now)
        _erase_named(user, now)
        _erase_fields(user)
        _erase_files(user)
        for ticket in tickets:
            record(ticket, "person.erased", actor=actor, now=now, data={"person": user.pk})
    Registration.objects.filter(email=user.email).delete()  # an address and a name; nothing refers to it
    address = hashlib.sha256(user.email.lower().encode()).hexdigest()  # itself it is to stand nowhere any more
    user.name, user.email, user.is_active = "", f"erased-{user.pk}@klarfall.invalid", False
    user.password = make_password(None)
    user.save(update_fields=["name", "email", "is_active", "password"])
    _have_others_forget(user, address)
    audit.record("person.erase", user, actor=actor, now=now)
    return user


def _have_others_forget(user: User, address_hash: str) -> None:
    """What lies in the tables of other apps."""
    enqueue("channels.forget", person_id=user.pk)  # the mails that were stored
    enqueue("accounts.forget", person_id=user.pk)  # the second factor
    enqueue("knowledge.forget", person_id=user.pk)  # what they read, voted and subscribed to
    enqueue("telephony.forget", person_id=user.pk)  # numbers and notes of calls
    enqueue("incoming.forget", person_id=user.pk, address_hash=address_hash)  # what they sent by mail


def _tickets_of(user: User) -> list[Ticket]:
    """The locked tickets in which the person took part, in the order in which everybody locks."""
    ids = Ticket.objects.filter(Q(contact__user=user) | Q(pk__in=_events(user).values("ticket"))).order_by("pk")
    return [locked(ticket) for ticket in ids]


def _events(user: User) -> Any:
    return TicketEvent.objects.filter(actor=user)


def _erase_texts(user: User, now: datetime) -> None:
    """Empty the side rows with their words and data; the chain holds their commitments only."""
    written = Message.objects.filter(author=user).values("sealed")
    recorded = _events(user).filter(sealed__isnull=False).values("sealed")
    theirs = Q(person=user) | Q(person__isnull=True) & (Q(pk__in=written) | Q(pk__in=recorded))
    SealedText.objects.filter(theirs, erased_at__isnull=True).update(text="", data={}, salt="", erased_at=now)


def _erase_named(user: User, now: datetime) -> None:
    """Empty names that stand at remote sessions: of who was there with them, and theirs wherever somebody wrote it."""
    sessions = RemoteSession.objects.filter(Q(contact__user=user) | Q(consent_by__user=user))
    there = Q(session__in=sessions.values("pk"))
    if user.name:
        customers = Contact.objects.filter(user=user).values("customer")
        there |= Q(customer__in=customers, named__text__icontains=user.name)
    named = RemoteParticipant.objects.filter(there, named__isnull=False).values("named")
    SealedText.objects.filter(pk__in=named, erased_at__isnull=True).update(text="", data={}, salt="", erased_at=now)


def _erase_fields(user: User) -> None:
    Contact.objects.filter(user=user).update(phone="", phone_e164="", is_active=False)
    Ticket.objects.filter(contact__user=user).update(tried="", rating_comment="")
    RemoteSession.objects.filter(ended_by=user).update(note="")  # why they said no
    for model in (ConsultantRequest, TrainingRequest):
        model.objects.filter(contact__user=user).update(wish="", place="", preferred_dates="", team_note="")


def _erase_files(user: User) -> None:
    """Their drafts and files: contents go, of attachments the row stays because history points to it."""
    for upload in Upload.objects.filter(contact__user=user):
        files.forget(upload.key)
    RequestDraft.objects.filter(contact__user=user).delete()
    for attachment in Attachment.objects.filter(uploaded_by=user):
        files.forget(attachment.key)
        attachment.name = f"{attachment.pk}.{file_names.extension(attachment.name)}"
        attachment.save(update_fields=["name"])
