"""Put a mail into a request: its text as a message, its files as attachments, the rest of it beside the message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from klarfall.contracts.models import Product
from klarfall.contracts.models.product import ChannelKind
from klarfall.core.mail import one_line
from klarfall.customers.models import Contact
from klarfall.incoming import caps
from klarfall.incoming.models import IncomingMail, MailCopy
from klarfall.incoming.parsing.parsed import MailFile
from klarfall.incoming.reading.html import placed
from klarfall.incoming.reading.visible import Visible
from klarfall.incoming.reading.whole import ReadMail
from klarfall.tickets.actions.reply import reply
from klarfall.tickets.actions.submit import ByMail, NewRequest, submit
from klarfall.tickets.files import MailedFile
from klarfall.tickets.models import Attachment, Message, Ticket
from klarfall.tickets.text import LINE, LONG, storable

#: Files of one mail that become attachments, and their bytes; the others stay in the original, and a note says so.
MOST_FILES = 200
MOST_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True)
class Words:
    """What a mail says as far as a request takes it, with notes about what it does not take."""

    title: str
    text: str
    rest: str
    files: Sequence[MailFile]
    notes: Sequence[str]


def words_of(parsed: ReadMail, contact: Contact) -> Words:
    """The mail in the form of a request, in the language of its person where words are missing."""
    seen = parsed.said
    files, notes = _bounded(parsed.files)
    text = storable(seen.text)
    notes = [*parsed.problems, *notes]
    if len(text) > LONG:
        files = [
            *files,
            MailFile(_whole_name(files), "text/plain; charset=utf-8", parsed.text.encode("utf-8", "replace")),
        ]
        text, notes = text[:LONG].rstrip(), [*notes, "cut"]
    with override(contact.user.language):
        title = title_of(parsed.subject) or _("(no subject)")
        text = text or _text_without_words(seen, files)
    return Words(title, text, storable(seen.rest), files, list(dict.fromkeys(notes)))


def _text_without_words(seen: Visible, files: Sequence[MailFile]) -> str:
    """What stands where somebody wrote nothing: a message is never empty."""
    return _("See the attached files.") if files else storable(seen.rest)[:LONG].rstrip() or _("(no text)")


def _whole_name(files: Sequence[MailFile]) -> str:
    """A name that no file of the mail has."""
    word, taken = _("Message"), {file.name for file in files}
    return next(
        name for n in range(len(taken) + 1) if (name := f"{word} {n + 1}.txt" if n else f"{word}.txt") not in taken
    )


def title_of(subject: str) -> str:
    """The subject on one line without *Re:*, *AW:*, *WG:* and their like; empty where nothing is left."""
    return one_line(caps.PREFIXES.sub("", subject[:1_000], count=1), LINE)


def _bounded(files: Sequence[MailFile]) -> tuple[list[MailFile], list[str]]:
    """The files that become attachments, and codes of what is said about the others."""
    taken: list[MailFile] = []
    size, notes = 0, [file.problem for file in files if file.problem]
    for file in files:
        if not file.content:
            notes.append("empty_file")
        elif len(taken) >= MOST_FILES or size + len(file.content) > MOST_BYTES:
            notes.append("files_left_out")
        else:
            taken.append(file)
            size += len(file.content)
    return taken, notes


def open_request(
    mail: IncomingMail, parsed: ReadMail, contact: Contact, product: Product, *, unconfirmed: bool
) -> Message:
    """Open a request with the mail as its first message, which is returned. Raises what `submit` raises.

    It counts from the instant at which the mail reached us, however long it waited here for a worker or a person.
    """
    words = words_of(parsed, contact)
    request = NewRequest(product=product, title=words.title, description=words.text, channel=ChannelKind.EMAIL)
    ticket = submit(
        contact,
        request=request,
        files=_mailed(words.files),
        mail=ByMail(mail_id=parsed.message_id, unconfirmed=unconfirmed),
        actor=contact.user,
        now=mail.received_at,
    )
    message: Message = ticket.opened_with
    _keep(mail, parsed, message, words)
    return message


def add_message(mail: IncomingMail, parsed: ReadMail, contact: Contact, ticket: Ticket, *, now: datetime) -> Message:
    """Add the mail to a request; of a closed one a follow-up opens. Returns the message. Raises what `reply` raises."""
    words = words_of(parsed, contact)
    message = reply(
        ticket,
        text=words.text,
        files=_mailed(words.files),
        channel=ChannelKind.EMAIL,
        mail=ByMail(mail_id=parsed.message_id),
        actor=contact.user,
        now=now,
    )
    _keep(mail, parsed, message, words)
    return message


def _mailed(files: Sequence[MailFile]) -> list[Any]:
    return [MailedFile(file.content, name=file.name) for file in files]


def _keep(mail: IncomingMail, parsed: ReadMail, message: Message, words: Words) -> None:
    """Write down what belongs to the message beside its text."""
    html = placed(parsed.shown.html, _pictures(message, parsed, words.files))
    MailCopy.objects.create(
        customer_id=message.customer_id,
        ticket_id=message.ticket_id,
        message=message,
        mail=mail,
        from_address=parsed.sender.address[:320],
        from_name=one_line(parsed.sender.name, 160),
        subject=one_line(parsed.subject, 250),
        rest=words.rest,
        html=storable(html),
        remote_images=min(parsed.shown.remote_images, 30_000),
        authentication=mail.authentication,
        notes=list(words.notes),
    )


def _pictures(message: Message, parsed: ReadMail, files: Sequence[MailFile]) -> dict[int, int]:
    """Place of a picture among the files of the mail -> number of its attachment."""
    if "attachment:" not in parsed.shown.html:
        return {}
    ids = Attachment.objects.filter(message=message).order_by("pk").values_list("pk", flat=True)
    attached = {id(file): pk for file, pk in zip(files, ids, strict=True)}
    return {place: attached[id(file)] for place, file in enumerate(parsed.files) if id(file) in attached}
