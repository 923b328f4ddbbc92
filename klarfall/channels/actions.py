"""Send a mail again that could not be delivered, note that one came back; change what mails say."""

from datetime import datetime

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import Kind, User
from klarfall.channels import mail_texts
from klarfall.channels.mail_texts import Words
from klarfall.channels.models import MailText, Notice, NoticeStatus
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.jobs import enqueue, take_back
from klarfall.core.mail import one_line
from klarfall.customers.models import Contact
from klarfall.tickets.events import record
from klarfall.tickets.locking import locked


class NotFailed(Refused):
    """The mail was sent, or is about to be."""

    code = "not_failed"


@action
def resend(notice: Notice, *, actor: User, now: datetime) -> Notice:
    """Put a failed notice back to the waiting ones; the worker writes it anew and sends it."""
    permissions.require("ticket.reply", actor)
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if notice.status != NoticeStatus.FAILED:
        raise NotFailed(_("This mail has been sent meanwhile, or is about to be."))
    notice.status, notice.error, notice.again_at = NoticeStatus.WAITING, "", None
    notice.bounced_at, notice.bounce = None, ""
    notice.save(update_fields=["status", "error", "again_at", "bounced_at", "bounce"])
    take_back("channels.deliver", "notice_id", [notice.pk])  # an attempt that is due some time later
    enqueue("channels.deliver", notice_id=notice.pk)
    return notice


_LONGEST_REPORT = 250


@action
def note_bounce(
    notice: Notice, *, report_text: str, final: bool, marks_address: bool = True, actor: User, now: datetime
) -> Notice:
    """A mail of ours came back, or is late where it is not `final`: mark it, its address, and tell the specialist.

    A final one counts as failed and can be sent again once the address is right; contacts with that address are marked
    if it is that one which does not take mails (`marks_address`).
    Reports that say nothing new change nothing. Nothing is told about a returned mail that told of one.
    """
    permissions.require("mail.file", actor)
    rows = Notice.objects.select_for_update(of=("self",)).select_related("recipient", "ticket")
    notice = rows.get(pk=notice.pk)
    if notice.bounced_at is not None and (not final or notice.status == NoticeStatus.FAILED):
        return notice
    notice.bounced_at, notice.bounce = now, one_line(report_text, _LONGEST_REPORT)
    if final:
        notice.status, notice.error, notice.again_at = NoticeStatus.FAILED, notice.bounce, None
    if final and marks_address:
        theirs = Contact.objects.filter(user=notice.recipient_id, user__kind=Kind.CONTACT)
        theirs.update(mail_failed_at=now, mail_failure=notice.bounce)
    notice.save(update_fields=["bounced_at", "bounce", "status", "error", "again_at"])
    if notice.ticket is not None and notice.kind != "team_bounce":
        data = {"notice": notice.pk, "final": final, "to": notice.recipient_id}
        record(locked(notice.ticket), "mail.bounced", actor=actor, now=now, data=data)
    return notice


@action
def clear_mail_failure(contact: Contact, *, actor: User, now: datetime) -> Contact:
    """Mails to this contact arrive again: somebody asked them, or a mail came from their address."""
    permissions.require("mail.file" if actor.kind == Kind.SYSTEM else "mail.handle", actor)
    contact = Contact.objects.select_for_update(of=("self",), no_key=True).get(pk=contact.pk)
    if contact.mail_failed_at is None:
        return contact
    contact.mail_failed_at, contact.mail_failure = None, ""
    contact.save(update_fields=["mail_failed_at", "mail_failure"])
    audit.record("contact.mail_arrives", contact, actor=actor, now=now)
    return contact


class MailTextRefused(Refused):
    """Words that cannot stand in a mail; `field` says which."""

    code = "mail_text_refused"


_LANGUAGES = ("de", "en")
_LONGEST = {"subject": 160, "opening": 2000, "closing": 600}


@action
def change_mail_text(*, kind: str, language: str, words: Words, actor: User, now: datetime) -> MailText | None:
    """Say this in a kind of mail instead of our words; empty parts are ours, None where all of them are.

    Counts for mails that are written from now on. Raises MailTextRefused (with `field`).
    """
    permissions.require("house.set_up", actor)
    if kind not in mail_texts.KINDS or language not in _LANGUAGES:
        raise MailTextRefused(_("There is no such mail."))
    values = {name: _clean(getattr(words, name), line=name == "subject") for name in _LONGEST}
    for name, value in values.items():
        _check(kind, name, value)
    row = MailText.objects.select_for_update().filter(kind=kind, language=language).first()
    row = row or MailText(kind=kind, language=language)
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    if not changed:
        return row if row.pk else None
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    data = {"kind": kind, "language": language, "fields": changed}
    audit.record("mail_text.changed", row, actor=actor, now=now, data=data)
    if not Words(**values):
        row.delete()
        return None
    return row


def _clean(text: str, *, line: bool) -> str:
    """Plain line breaks and no signs that cannot be shown; a subject is one line."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").strip()
    shown = "".join(sign for sign in plain if sign == "\n" or sign.isprintable())
    return " ".join(shown.split()) if line else shown


def _check(kind: str, name: str, value: str) -> None:
    if len(value) > _LONGEST[name]:
        raise MailTextRefused(_("At most %(most)s characters, please.") % {"most": _LONGEST[name]}, field=name)
    if found := mail_texts.unknown(kind, value):
        known = ", ".join(f"{{{one}}}" for one in mail_texts.allowed(kind))
        values = {"found": ", ".join(found), "known": known}
        raise MailTextRefused(_("Not known in this mail: %(found)s. Possible are: %(known)s.") % values, field=name)
