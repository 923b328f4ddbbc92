"""Delivery reports: in the form of RFC 3464, and in plain words by the usual mail servers."""

import re
from collections.abc import Sequence

from klarfall.incoming.parsing import addresses, charsets, headers, words
from klarfall.incoming.parsing.parsed import DeliveryReport

_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SMTP_CODE = re.compile(r"(?<![\d.])([45])\d\d[ -](?=[\w#<(5])")
_BLANK_LINES = re.compile(rb"(?>\r\n|\r|\n)[ \t]*(?>\r\n|\r|\n)")
_ORIGINAL_ID = re.compile(r"^[> \t]*Message-ID:\s*(<[^<>\n]{1,998}>)", re.I | re.M)
#: Where a report in plain words begins to show the mail that came back.
_RETURNED = re.compile(
    r"^[ \t]*(-{3,}.{0,60}(copy|original|below|headers|kopie|nachricht).{0,80}|original message headers:?"
    r"|.{0,40}below this line is a copy.{0,40}|ursprüngliche nachrichtenkopfzeilen:?|received: .*)$",
    re.I | re.M,
)
_MACHINES = re.compile(r"^(mailer-?daemon|postmaster|mail-?daemon|mmdf|uucp|microsoftexchange[0-9a-f]+)(@|$)", re.I)
_MACHINE_NAMES = re.compile(r"mail delivery (sub)?system|mail administrator|mail router", re.I)
_FAILED = re.compile(
    r"undeliver|not be delivered|unzustellbar|could not deliver|couldn't be delivered|wasn't able to deliver"
    r"|failure notice|returned mail|return(ed|ing) (your )?(message )?to sender|delivery (to .{0,80})?(has )?failed"
    r"|delivery status notification|mail delivery fail|delivery failure|permanent(ly)? (fatal )?(error|fail)|non remis"
    r"|nicht zugestellt|zustellung.{0,60}(fehl|nicht)|übermittlung.{0,60}fehl|konnte nicht (aus|zu)|n'a pas pu être",
    re.I | re.S,
)
_DELAYED = re.compile(
    r"delay|still being retried|will be retried|not yet been delivered|verzögert|warning: (message|could not)"
    r"|noch nicht zugestellt|do not need to resend",
    re.I,
)
_MAILBOX = r"[^\s<>()\[\],;:\"@]{1,100}@[^\s<>()\[\],;:\"@]{1,200}"
_RECIPIENTS = (
    re.compile(rf"^[ \t]*<({_MAILBOX})>:?[ \t]*(?:$|[(:,]|host |\S)", re.M),
    re.compile(rf"^[ \t]*({_MAILBOX})(?:<mailto:[^>\n]*>)?[ \t]*+(?:\([^()\n]*\))?:?[ \t]*+$", re.M),
    re.compile(rf"(?:to|an|recipient|empfänger|address|adresse)[: ]+[<\"'`]?({_MAILBOX})", re.I),
    re.compile(rf"<?({_MAILBOX})>?"),
)
#: A report has said something before it shows what came back.
_BEGINNING = 40
_LOOKED_AT = 60_000
_LONGEST_EXPLANATION = 500


def structured(status: bytes, returned: Sequence[bytes], text: str) -> DeliveryReport | None:
    """The report out of a message/delivery-status part; of several recipients one that failed comes first."""
    groups = [headers.fields(group, 0, len(group))[0] for group in _BLANK_LINES.split(status.strip())[:200]]
    about = [group for group in groups if _value(group, "final-recipient") or _value(group, "action")]
    if not about:
        return None
    group = next((one for one in about if _value(one, "action").lower().startswith("failed")), about[0])
    action = _value(group, "action").lower().split(" ")[0].strip("();")
    recipient = _recipient(group)
    code = _STATUS.search(_value(group, "status"))
    diagnosis = _value(group, "diagnostic-code")
    return DeliveryReport(
        action=action if action in _ACTIONS else "failed",
        status=code[1] if code else "",
        recipient=recipient,
        original_id=_original_id(returned, text),
        explanation=_short(diagnosis.partition(";")[2] if ";" in diagnosis else diagnosis) or _short(text),
    )


def _value(group: headers.Fields, name: str) -> str:
    return words.decode(headers.first(group, name))


def _recipient(group: headers.Fields) -> str:
    """The address that we wrote to; where it was forwarded to comes second."""
    for name in ("original-recipient", "final-recipient"):
        value = _value(group, name)
        found = addresses.addresses(value.partition(";")[2] or value)
        if found and found[0].address:
            return found[0].address
    return ""


def _original_id(returned: Sequence[bytes], text: str) -> str:
    for raw in returned:
        fields, _body = headers.fields(raw, headers.begin(raw), min(len(raw), headers.LONGEST_BLOCK))
        found = headers.message_id(headers.first(fields, "message-id"))
        if found:
            return found
    match = _ORIGINAL_ID.search(text)
    return headers.message_id(match[1]) if match else ""


def in_plain_words(
    *, sender: str, fields: headers.Fields, subject: str, text: str, returned: Sequence[bytes]
) -> DeliveryReport | None:
    """The report of a server that writes only for people; None where the mail is none."""
    path = headers.first(fields, "return-path")
    is_machine = bool(_MACHINES.match(sender) or _MACHINE_NAMES.search(_value(fields, "from")))
    if not is_machine and path != "<>" and not headers.first(fields, "x-failed-recipients"):
        return None
    text = text[:_LOOKED_AT]
    begin = _RETURNED.search(text)
    report = text[: begin.start()] if begin and begin.start() > _BEGINNING else text
    if not _FAILED.search(subject) and not _FAILED.search(report) and not _DELAYED.search(subject):
        return None
    recipient = _failed_recipient(fields, report, sender)
    if not recipient:
        return None
    code = _STATUS.search(report)
    smtp = _SMTP_CODE.search(report)
    status = code[1] if code else f"{smtp[1]}.0.0" if smtp else ""
    is_delay = bool(_DELAYED.search(subject) or _DELAYED.search(report[:600])) and not status.startswith("5")
    return DeliveryReport(
        action="delayed" if is_delay else "failed",
        status=status,
        recipient=recipient,
        original_id=_original_id(returned, text),
        explanation=_explanation(report),
    )


def _failed_recipient(fields: headers.Fields, report: str, sender: str) -> str:
    named = addresses.addresses(headers.first(fields, "x-failed-recipients"))
    if named and named[0].address:
        return named[0].address
    for pattern in _RECIPIENTS:
        for match in pattern.finditer(report):
            found = addresses.addresses(match[1].strip(".'`"))
            if found and found[0].address and found[0].address != sender and not _MACHINES.match(found[0].address):
                return found[0].address
    return ""


def _explanation(report: str) -> str:
    """The line with the code of the server that refused, and what follows it; else the beginning."""
    lines = report.split("\n")
    for index, line in enumerate(lines):
        if _STATUS.search(line) or _SMTP_CODE.search(line):
            return _short(" ".join(lines[index : index + 2]))
    return _short(report)


def _short(text: str) -> str:
    return charsets.clean_line(text[: 4 * _LONGEST_EXPLANATION])[:_LONGEST_EXPLANATION]
