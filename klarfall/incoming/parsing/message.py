"""parse(): the bytes of a mail in, all that is known of it out; never an exception, never a hang."""

import logging
from dataclasses import replace

from klarfall.incoming.parsing import addresses, content, headers, invitations, naming, reports, tree, words
from klarfall.incoming.parsing.headers import Fields
from klarfall.incoming.parsing.parsed import Address, DeliveryReport, MailFile, ParsedMail
from klarfall.incoming.parsing.pieces import LONGEST_TEXT, Found
from klarfall.incoming.parsing.tree import Part

logger = logging.getLogger(__name__)

_INVITATIONS = ("text/calendar", "application/ics")
#: Headers of people of one name that are looked at; nobody writes a second one.
MOST_FIELDS = 5
#: Files behind an invitation among which the same one is looked for.
_NEAR = 5


def parse(raw: bytes) -> ParsedMail:
    """Everything that the mail says. What cannot be read is kept as a file and named in `problems`.

    Time and memory are bounded by the size of `raw`: one pass finds the parts, each is decoded once.
    """
    try:
        return _parsed(raw)
    except Exception:  # whatever nobody has thought of: the mail is kept and shown as a file
        logger.exception("A mail of %d bytes could not be read", len(raw))
        return _unread(raw)


def _parsed(raw: bytes) -> ParsedMail:
    root, problems = tree.tree(raw, headers.begin(raw), len(raw))
    reader = content.Reader()
    found = reader.read(root)
    found.problems = dict.fromkeys(problems) | found.problems
    mail = _complete(root, found, reader)
    report = _report(mail, root.fields, reader)
    return replace(mail, report=report) if report else mail


def _report(mail: ParsedMail, fields: Fields, reader: content.Reader) -> DeliveryReport | None:
    """What the mail reports about one of ours, in the form for machines or in plain words."""
    for status in reader.status:
        report = reports.structured(status, reader.returned, mail.text)
        if report:
            return report
    if mail.is_receipt:
        return None
    return reports.in_plain_words(
        sender=mail.sender.address, fields=fields, subject=mail.subject, text=mail.text, returned=reader.returned
    )


def _complete(root: Part, found: Found, reader: content.Reader) -> ParsedMail:
    """The mail out of its headers and what its parts have yielded."""
    html = found.html()
    text = found.text()
    if not text.strip() and not html.strip() and reader.invitations:
        text = invitations.summary(reader.invitations[0])
    if not text.strip() and not html.strip():
        found.problem("no_text")
    fields, hint = root.fields, _charset(root)
    return ParsedMail(
        message_id=headers.message_id(headers.first(fields, "message-id")),
        in_reply_to=headers.message_ids(headers.first(fields, "in-reply-to")),
        references=headers.message_ids(headers.first(fields, "references")),
        sender=_sender(fields, hint, found),
        reply_to=_people(fields, "reply-to", hint),
        to=_people(fields, "to", hint),
        cc=_people(fields, "cc", hint),
        subject=words.decode(headers.first(fields, "subject", hint))[:1_000],
        sent_at=headers.sent_at(headers.first(fields, "date")),
        text=text[:LONGEST_TEXT],
        html=html[:LONGEST_TEXT],
        files=_files(found),
        headers=headers.decoded(fields, hint),
        is_receipt=bool(reader.receipts)
        or root.parameters.get("report-type", "").lower() == "disposition-notification",
        problems=tuple(found.problems),
    )


def _charset(root: Part) -> str:
    """The charset in which headers with raw bytes were probably written: that of the first text."""
    part = root
    while part.children:
        part = part.children[0]
    return part.parameters.get("charset", "")


def _people(fields: Fields, name: str, hint: str) -> tuple[Address, ...]:
    """The addresses of all headers of one name, up to MOST_FIELDS."""
    together: list[Address] = []
    for value in [value for field, value in fields if field == name][:MOST_FIELDS]:
        together.extend(addresses.addresses(words.text_of(value, hint)))
    return tuple(together[: addresses.MOST])


def _sender(fields: Fields, hint: str, found: Found) -> Address:
    """Who has written it: From, else Sender, else the return path. Several who differ are a problem."""
    authors = _people(fields, "from", hint)
    if sum(field == "from" for field, _value in fields) > 1 and len({a.address for a in authors if a.address}) > 1:
        found.problem("several_senders")
    named = next((author for author in authors if author.address), None)
    if named:
        return named
    for name in ("sender", "return-path"):
        for other in _people(fields, name, hint):
            if other.address:
                return Address((authors[0].name if authors else "") or other.name, other.address)
    return authors[0] if authors else Address("", "")


def _files(found: Found) -> tuple[MailFile, ...]:
    """All files under distinct, harmless names; an invitation that is there twice (text and file) only once."""
    files = [file for index, file in enumerate(found.files) if not _is_again(file, found.files[index + 1 :][:_NEAR])]
    names = naming.distinct([file.name for file in files])
    return tuple(replace(file, name=name) for file, name in zip(files, names, strict=True))


def _is_again(file: MailFile, others: list[MailFile]) -> bool:
    if file.content_type != "text/calendar":
        return False
    lines = file.content.split()
    return any(other.content_type in _INVITATIONS and other.content.split() == lines for other in others)


def _unread(raw: bytes) -> ParsedMail:
    """A mail that defies reading: its headers if they can be had, the rest as a file."""
    file = MailFile("message.eml", "message/rfc822", raw, problem="damaged")
    return replace(headers_of(raw), files=(file,), problems=("damaged", "no_text"))


def headers_of(raw: bytes) -> ParsedMail:
    """Only what the headers say, and nothing where not even they can be read."""
    try:
        fields, _body = headers.fields(raw, headers.begin(raw), min(len(raw), headers.LONGEST_BLOCK))
        return ParsedMail(
            message_id=headers.message_id(headers.first(fields, "message-id")),
            in_reply_to=headers.message_ids(headers.first(fields, "in-reply-to")),
            references=headers.message_ids(headers.first(fields, "references")),
            sender=_sender(fields, "", Found()),
            to=_people(fields, "to", ""),
            cc=_people(fields, "cc", ""),
            subject=words.decode(headers.first(fields, "subject"))[:1_000],
            sent_at=headers.sent_at(headers.first(fields, "date")),
            headers=headers.decoded(fields, ""),
        )
    except Exception:  # not even its headers
        return ParsedMail()
