"""Turn events into notices and notices into mails: once per event and person, seen through their eyes.

`fan_out` runs once for an event, `deliver` once for a notice; both may run again without harm: a notice has
a unique key, and what is sent is not sent again.
"""

import logging
from datetime import datetime
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused

from django.db import transaction
from django.utils import timezone, translation

from klarfall.accounts.models import User
from klarfall.channels import letters
from klarfall.channels.actions import clear_mail_failure, note_bounce
from klarfall.channels.models import Notice, NoticeStatus
from klarfall.channels.notice_groups import wants
from klarfall.channels.recipients import recipients_of
from klarfall.contracts.models.product import ChannelKind
from klarfall.core import mail, vendor
from klarfall.core.jobs import Again, enqueue
from klarfall.customers.models import Contact
from klarfall.tickets.models import TicketEvent

log = logging.getLogger(__name__)

_PERMANENT = 500  # SMTP codes from here on will not get better by waiting
_REFERENCES = 10


def fan_out(event: TicketEvent, *, now: datetime) -> None:
    """Make a notice for everybody whom the event concerns, and have it delivered."""
    _note_answer(event, now)
    for told in recipients_of(event):
        tell(
            told.user,
            kind=told.notice,
            key=f"event:{event.pk}:{told.user.pk}:mail",
            customer_id=event.customer_id,
            event=event,
            data={"offer": event.data["offer"]} if "offer" in event.data else {},
            now=now,
        )


def _note_answer(event: TicketEvent, now: datetime) -> None:
    """Whoever writes a mail has an address that works again."""
    if event.kind != "message.customer" or event.data.get("channel") != ChannelKind.EMAIL:
        return
    for contact in Contact.objects.filter(user=event.actor_id, mail_failed_at__isnull=False):
        clear_mail_failure(contact, actor=User.objects.system(), now=now)


def tell(
    user: User,
    *,
    kind: str,
    key: str,
    customer_id: int,
    now: datetime,
    event: TicketEvent | None = None,
    ticket_id: int | None = None,
    data: dict[str, int] | None = None,
) -> Notice | None:
    """Make the notice of this key unless there is one, and enqueue its delivery. `data` holds ids only.

    None for a person who has switched such notices off.
    """
    if not wants(user, kind):
        return None
    notice, made = Notice.objects.get_or_create(
        key=key,
        defaults={
            "customer_id": customer_id,
            "ticket_id": event.ticket_id if event else ticket_id,
            "event": event,
            "kind": kind,
            "recipient": user,
            "data": data or {},
            "created_at": now,
        },
    )
    if made:
        enqueue("channels.deliver", notice_id=notice.pk)
    return notice


def deliver(notice_id: int) -> Again | None:
    """Write and send one notice; asks for another attempt where the mail server could not take it.

    Links and codes are made in a savepoint: those of a mail that did not go out never existed.
    """
    rows = Notice.objects.select_for_update(of=("self",), skip_locked=True).select_related("recipient")
    notice = rows.filter(pk=notice_id).exclude(status=NoticeStatus.SENT).first()
    if notice is None:
        return None
    notice.attempts += 1
    notice.message_id = notice.message_id or mail.new_message_id()
    try:
        with transaction.atomic():
            _send(notice)
    except letters.NothingToTell as reason:
        return _failed(notice, str(reason), again=False)
    except Exception as problem:
        log.warning("Notice %s (%s) was not sent: %s", notice.pk, notice.kind, problem)
        return _failed(notice, f"{type(problem).__name__}: {problem}", again=not _is_permanent(problem))
    notice.status, notice.error, notice.sent_at = NoticeStatus.SENT, "", timezone.now()
    notice.save()
    return None


def _send(notice: Notice) -> None:
    user = notice.recipient
    with translation.override(user.language), timezone.override(vendor.current().time_zone):
        letter = letters.write(notice, now=timezone.now())
    notice.subject, notice.text, notice.html = letter.stored.subject[:250], letter.stored.text, letter.stored.html
    envelope = mail.Envelope(user.email, user.name, notice.message_id, _references(notice))
    mail.send(letter.outgoing, envelope, letter.attachments)


def _references(notice: Notice) -> list[str]:
    """The mails this person got about the same request, oldest first: mail programs show them as one thread."""
    if notice.ticket_id is None:
        return []
    earlier = Notice.objects.filter(
        customer_id=notice.customer_id,
        ticket_id=notice.ticket_id,
        recipient=notice.recipient,
        status=NoticeStatus.SENT,
    )
    return list(reversed(earlier.order_by("-pk").values_list("message_id", flat=True)[:_REFERENCES]))


def _is_permanent(problem: Exception) -> bool:
    """Will waiting not help: a refused address, a header that cannot be."""
    if isinstance(problem, SMTPRecipientsRefused):
        return all(code >= _PERMANENT for code, _text in problem.recipients.values())
    if isinstance(problem, SMTPResponseException | SMTPSenderRefused):
        return problem.smtp_code >= _PERMANENT
    return isinstance(problem, ValueError) and not isinstance(problem, SMTPException)


def _failed(notice: Notice, error: str, *, again: bool) -> Again | None:
    notice.status, notice.error = NoticeStatus.FAILED, mail.one_line(error, 250)
    notice.save()
    return Again(notice.error) if again else None
