"""Answer a mail that was rejected by hand: once, in words of a person, marked so that no machine answers it."""

from datetime import datetime

from django.conf import settings
from django.utils import translation

from klarfall.core import mail as mailing
from klarfall.incoming.models import IncomingMail, Outcome
from klarfall.incoming.writing import title_of


def answer(mail: IncomingMail, now: datetime) -> None:
    """Send what a person at the desk has written; `mail` is locked. A second time nothing happens.

    A worker that dies between sending and writing it down sends again under the same Message-ID, by which mail
    programs know it.
    """
    if mail.outcome != Outcome.REJECTED or not mail.answer or not mail.from_address or mail.answered_at is not None:
        return
    language = mail.contact.user.language if mail.contact is not None else settings.LANGUAGE_CODE
    with translation.override(language):
        about = title_of(mail.subject)
        greeting = translation.gettext("Hello,")
        written = mailing.compose("incoming/rejected.txt", about=about, answer=mail.answer, greeting=greeting)
    domain = mailing.sender().rpartition("@")[2] or "localhost"
    envelope = mailing.Envelope(
        mail.from_address,
        mail.from_name,
        f"<answer-{mail.pk}-{mail.sha256[:16]}@{domain}>",
        references=[mail.mail_id] if mail.mail_id else [],
    )
    mailing.send(written, envelope)
    mail.answered_at = now
    mail.save(update_fields=["answered_at"])
