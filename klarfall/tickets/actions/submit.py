"""Submit a request: at any hour, with or without a contract (R2, R6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from klarfall.accounts.permissions import require
from klarfall.contracts.channels import switched_off
from klarfall.contracts.models.product import ChannelKind
from klarfall.core import vendor
from klarfall.core.action import NotAllowed, Refused, action
from klarfall.core.prepared import prepared
from klarfall.customers.models import Contact
from klarfall.tickets import files as stored_files
from klarfall.tickets import text
from klarfall.tickets.files import MailedFile
from klarfall.tickets.intake import ByMail, NewRequest, NotSubmittable, open_ticket
from klarfall.tickets.models import RequestDraft, Ticket, Upload

__all__ = ["AlreadySent", "ByMail", "NewRequest", "submit"]

#: The same request again within this time is a second click, not a second request.
_SECOND_CLICK = timedelta(minutes=2)


class AlreadySent(Refused):
    """The very same request was sent a moment ago; `ticket` is it."""

    code = "already_sent"

    def __init__(self, ticket: Ticket) -> None:
        number = f"{vendor.current().number_prefix}-{ticket.number}"
        super().__init__(_("You have just sent this request: %(number)s.") % {"number": number})
        self.ticket = ticket


@action
def submit(
    contact: Contact,
    *,
    request: NewRequest,
    uploads: Sequence[Upload] = (),
    files: Sequence[UploadedFile | MailedFile] = (),
    keep_draft: bool = False,
    mail: ByMail | None = None,
    actor: Any,
    now: datetime,
) -> Ticket:
    """Open a ticket for a contact; terms, contract line and hours in force now stay with it (INV-11).

    A contact submits for itself; staff does it for a contact, with the channel by which it asked.
    `uploads` (of the contact's draft) and `files` become attachments; the draft is gone afterwards
    unless something else was sent (`keep_draft`: a call back). Nobody clicks twice on a `mail`.
    Raises NotAllowed, NotSubmittable, UnusableText, FileRefused or AlreadySent.
    """
    contact = _locked(pk=contact.pk)[0]
    _check_sender(contact, request, actor)
    if mail is None:
        _refuse_second_click(contact, request, now)
    kept = _kept(contact, uploads)
    with stored_files.stored(files, already=len(kept), now=now) as contents:
        ticket, _message = open_ticket(contact, request, contents=[*kept, *contents], mail=mail, actor=actor, now=now)
        if actor.is_contact and not keep_draft and mail is None:
            _drop_draft(contact, kept)
    return ticket


@prepared
def _locked(*, pk: int) -> QuerySet[Any]:
    rows = Contact.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    return rows.filter(pk=pk)


def _check_sender(contact: Contact, request: NewRequest, actor: Any) -> None:
    own = actor.is_contact and contact.user_id == actor.pk
    require("ticket.submit", actor, contact if own else None)
    if not contact.is_active or not contact.user.is_active:
        raise NotAllowed(_("This person does not act for the customer any more."))
    channels = (ChannelKind.PORTAL, ChannelKind.EMAIL) if own else (ChannelKind.PHONE, ChannelKind.EMAIL)
    if request.channel not in channels:
        raise NotSubmittable(_("Please choose how the request has reached us."), field="channel")
    if request.channel in switched_off(request.product.pk):
        values = {"product": request.product.name}
        raise NotSubmittable(_("This way of contact is switched off for %(product)s.") % values, field="channel")


def _refuse_second_click(contact: Contact, request: NewRequest, now: datetime) -> None:
    """The contact is locked: of two simultaneous clicks the second one finds the ticket of the first."""
    for same in _same(
        contact=contact.pk,
        since=now - _SECOND_CLICK,
        title=text.line(request.title, field="title"),
        product=request.product.pk,
        description=text.required(request.description, field="description"),
    ):
        raise AlreadySent(same)


@prepared
def _same(*, contact: int, since: datetime, title: str, product: int, description: str) -> QuerySet[Any]:
    lately = Ticket.objects.filter(contact=contact, changed_at__gte=since, submitted_at__gte=since)
    return lately.filter(title=title, product=product, messages__sealed__text=description)[:1]


@prepared
def _draft_of(*, contact: int) -> QuerySet[Any]:
    return RequestDraft.objects.filter(contact=contact)


def _kept(contact: Contact, uploads: Sequence[Upload]) -> list[Upload]:
    """The uploads as they are now, all of this contact's draft."""
    wanted = [upload.pk for upload in uploads]
    if not wanted:
        return []
    found = {upload.pk: upload for upload in Upload.objects.filter(pk__in=wanted, contact=contact)}
    if len(found) != len(set(wanted)):
        raise NotSubmittable(_("A file is no longer there. Please add it again."), field="files")
    return [found[pk] for pk in dict.fromkeys(wanted)]


def _drop_draft(contact: Contact, kept: Sequence[Upload]) -> None:
    """Delete the draft; files that were taken out of the request go with it."""
    draft = next(iter(_draft_of(contact=contact.pk)), None)
    if draft is None:
        return
    ids = {upload.pk for upload in kept}
    for upload in Upload.objects.filter(draft=draft):
        if upload.pk not in ids:
            stored_files.forget(upload.key)
    draft.delete()
