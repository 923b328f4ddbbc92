"""Write to each other: replies of customers and specialists, and internal notes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models.product import ChannelKind
from klarfall.core.action import Refused, action
from klarfall.customers.models import Contact
from klarfall.tickets import acting, conversation, progress, sla
from klarfall.tickets import files as stored_files
from klarfall.tickets import text as texts
from klarfall.tickets.events import record
from klarfall.tickets.files import Content, MailedFile
from klarfall.tickets.intake import ByMail, NewRequest, open_ticket
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Concern, Message, Ticket
from klarfall.tickets.status import TicketStatus

#: The same text again within this time is a second click.
_SECOND_CLICK = timedelta(minutes=1)


class NotRepliable(Refused):
    """This message cannot be written here."""

    code = "not_repliable"


@action
def reply(
    ticket: Ticket,
    *,
    text: str,
    files: Sequence[UploadedFile | MailedFile] = (),
    concern: Concern | None = None,
    channel: str = ChannelKind.PORTAL,
    waits_for_customer: bool = False,
    mail: ByMail | None = None,
    actor: Any,
    now: datetime,
) -> Message:
    """Add a public message, by the customer or by us; returns it.

    A customer's message answers an open question, reopens a solved ticket within 14 days, and opens
    a follow-up of a closed one (the returned message is then of the new ticket). Ours answers; with
    `waits_for_customer` it is a question and the clock rests. Nobody clicks twice on a `mail`.
    """
    words = _words(text, files)
    ticket = locked(ticket)
    contact = acting.require("ticket.reply", actor, ticket, now)
    _check(ticket, concern, channel, actor)
    if mail is None:
        _refuse_second_click(ticket, words, actor, now)
    where: dict[str, Any] = {"concern": concern, "channel": channel, "from_customer": contact is not None}
    with stored_files.stored(files, now=now) as contents:
        if contact is not None and not ticket.is_live and not ticket.can_reopen(now):
            return _follow_up(ticket, contact, words, contents, channel, mail, actor, now)
        where["mail_id"] = mail.mail_id if mail else ""
        message, attachments = conversation.write(ticket, text=words, contents=contents, **where, actor=actor, now=now)
        _before(ticket, contact, actor=actor, now=now)
        conversation.note(message, attachments, ticket=ticket, actor=actor, now=now)
        _after(ticket, contact, waits_for_customer, actor=actor, now=now)
    return message


@action
def write_note(ticket: Ticket, *, text: str, files: Sequence[UploadedFile] = (), actor: Any, now: datetime) -> Message:
    """Add a note that only staff sees; possible in every state of the ticket. Returns it."""
    words = _words(text, files)
    ticket = locked(ticket)
    permissions.require("note.write", actor)
    _refuse_second_click(ticket, words, actor, now)
    with stored_files.stored(files, now=now) as contents:
        message, attachments = conversation.write(
            ticket, text=words, contents=contents, from_customer=False, internal=True, actor=actor, now=now
        )
        conversation.note(message, attachments, ticket=ticket, actor=actor, now=now)
    return message


def _words(text: str, files: Sequence[UploadedFile | MailedFile]) -> str:
    """Files may stand alone; otherwise something must be said."""
    return texts.optional(text, field="text") if files else texts.required(text, field="text")


def _check(ticket: Ticket, concern: Concern | None, channel: str, actor: Any) -> None:
    if concern is not None and concern.ticket_id != ticket.pk:
        raise NotRepliable(_("This concern belongs to another request."), field="concern")
    if channel not in ChannelKind.values:
        raise NotRepliable(_("Please choose a way of contact."), field="channel")
    if not actor.is_contact and ticket.status in (TicketStatus.CLOSED, TicketStatus.CANCELLED):
        raise NotRepliable(_("This request is closed. Please open a new one for the customer."))


def _refuse_second_click(ticket: Ticket, words: str, actor: Any, now: datetime) -> None:
    """The ticket is locked: of two simultaneous clicks the second one finds the message of the first."""
    recent = Message.objects.filter(ticket=ticket, author=actor, created_at__gte=now - _SECOND_CLICK)
    if words and recent.filter(sealed__text=words).exists():
        raise NotRepliable(_("You have just sent this message."), field="text")


def _before(ticket: Ticket, contact: Contact | None, *, actor: Any, now: datetime) -> None:
    if contact is None and ticket.is_live:
        progress.begin_review(ticket, actor=actor, now=now)
    if contact is not None and ticket.status == TicketStatus.RESOLVED:
        progress.reopen(ticket, actor=actor, now=now)


def _after(ticket: Ticket, contact: Contact | None, waits: bool, *, actor: Any, now: datetime) -> None:
    """The clock: ours answers, the customer's asks (a solved ticket to which we add something rests)."""
    fields: dict[str, Any] = {}
    if contact is not None:
        fields = {"question_at": None, **sla.after_question(ticket, now)}
    elif ticket.is_live:
        fields = {"question_at": now if waits else None, **sla.after_answer(ticket, now)}
    conversation.save(ticket, fields, now=now)
    progress.settle(ticket, actor=actor, now=now)


def _follow_up(
    ticket: Ticket,
    contact: Contact,
    words: str,
    contents: Sequence[Content],
    channel: str,
    mail: ByMail | None,
    actor: Any,
    now: datetime,
) -> Message:
    """A closed ticket stays closed: what comes late opens a new one that points back."""
    request = NewRequest(
        product=ticket.product,
        title=ticket.title,
        description=words or _("See the attached files."),
        impact=ticket.impact,
        kind=ticket.kind if ticket.kind and ticket.kind.active else None,
        area=ticket.area,
        version=ticket.version,
        partner_product=ticket.partner_product,
        confidential=ticket.confidential,
        channel=channel,
    )
    more: dict[str, Any] = {"contents": contents, "follow_up_of": ticket, "mail": mail}
    new, message = open_ticket(contact, request, **more, actor=actor, now=now)
    new.refresh_from_db(fields=["number"])
    record(
        ticket, "ticket.followed_up", actor=actor, now=now, data={"ticket": new.pk, "number": new.number}, public=True
    )
    return message
