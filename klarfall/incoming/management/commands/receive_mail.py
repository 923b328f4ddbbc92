"""`manage.py receive_mail < message.eml`: take in one mail, as a mail server's pipe hands it over."""

import json
import logging
import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming.bounded import readers
from klarfall.incoming.models import IncomingMail, MailCopy, Way
from klarfall.incoming.storing import RawGone, put, raw_of
from klarfall.incoming.waiting import file_now

_log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Takes in the mail on standard input, files it and prints one JSON object about it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds what the mail server knows beside the message."""
        parser.add_argument("--from", dest="envelope_from", default="", help="sender of the envelope")
        parser.add_argument("--to", dest="envelope_to", action="append", default=[], help="recipient of the envelope")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Exit code 0 once the mail is stored; 65 without a mail, 75 (try again later) where it cannot be stored."""
        raw = sys.stdin.buffer.read(settings.MAIL_MAX_BYTES + 1)
        if not raw.strip():
            self._end("There is no mail on standard input.", os.EX_DATAERR)
        if len(raw) > settings.MAIL_MAX_BYTES:
            self._end(f"The mail is larger than MAIL_MAX_BYTES ({settings.MAIL_MAX_BYTES}).", os.EX_DATAERR)
        envelope = {"envelope_from": options["envelope_from"], "envelope_to": options["envelope_to"]}
        try:
            mail = put(raw, way=Way.PIPE, **envelope, now=timezone.now())
        except Exception:
            _log.exception("the mail could not be stored")
            self._end("The mail could not be stored; please deliver it again later.", os.EX_TEMPFAIL)
        self.stdout.write(json.dumps(about(_filed(mail)), ensure_ascii=False))

    def _end(self, message: str, code: int) -> None:
        self.stderr.write(message)
        sys.exit(code)


def _filed(mail: IncomingMail) -> IncomingMail:
    """The mail is safe already: whatever happens now, the worker files it later."""
    try:
        return file_now(mail)
    except Exception:
        _log.exception("mail %s is stored and waits for the worker", mail.pk)
        return mail


def about(mail: IncomingMail) -> dict[str, Any]:
    """What the command prints: where the mail has ended, and what a reader sees of it."""
    with viewing_as(SYSTEM):
        number = mail.ticket.number if mail.ticket is not None else None
        copy = MailCopy.objects.filter(mail=mail).first()
    try:
        parsed = readers.read(raw_of(mail))
    except RawGone:
        return _said(mail, number) | {"visible_text": "", "html": "", "attachment_names": []}
    html = copy.html if copy is not None else parsed.shown.html
    return _said(mail, number) | {
        "message_id": parsed.message_id,
        "sender": parsed.sender.address,
        "subject": parsed.subject,
        "visible_text": parsed.said.text,
        "html": html,
        "attachment_names": [file.name for file in parsed.files],
    }


def _said(mail: IncomingMail, number: int | None) -> dict[str, Any]:
    return {
        "outcome": mail.outcome,
        "reason": mail.reason,
        "ticket_number": number,
        "message_id": mail.mail_id,
        "sender": mail.from_address,
        "subject": mail.subject,
    }
