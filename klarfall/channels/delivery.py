"""Write and send one notice, and what follows where it does not go out: another attempt, or a person who looks at it.

A mail that fails for the moment is tried again for a week, the pauses grow with what the servers say
(`channels.pace`). A notice that is sent is not sent again, however often its job runs.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from klarfall.accounts.models import User
from klarfall.channels import letters, pace, smtp_answers
from klarfall.channels.actions import note_bounce
from klarfall.channels.models import Notice, NoticeStatus
from klarfall.channels.senders import replies_of, sender_of
from klarfall.channels.smtp_answers import Failure
from klarfall.channels.threads import references
from klarfall.core import mail, vendor
from klarfall.core.jobs import enqueue

log = logging.getLogger(__name__)

_JOB = "channels.deliver"
_TRIED_FOR = timedelta(days=7)
#: Something went wrong with us, not with a server.
_LONGEST_PAUSE = timedelta(hours=1)
#: A job that should have run by then was lost.
_OVERDUE, _UNTOUCHED = timedelta(minutes=10), timedelta(hours=1)
_SWEPT = 1000


class NotSent(Exception):
    """The mail was written but did not go out; `problem` is what the mail server, or the way there, answered."""

    def __init__(self, problem: Exception) -> None:
        super().__init__(str(problem))
        self.problem = problem


def enqueue_delivery(notice: Notice, *, at: datetime | None = None, placed: bool = False) -> None:
    """Have the notice delivered; nothing is added where a job for it waits already."""
    enqueue(_JOB, at=at, key=f"notice:{notice.pk}", notice_id=notice.pk, placed=placed)


def _undelivered(notice_id: int) -> QuerySet[Notice]:
    """The notice if it waits: what was sent, and what failed for good, is only sent again by a person (`resend`)."""
    given_up = Q(status=NoticeStatus.FAILED, again_at__isnull=True)
    return Notice.objects.filter(pk=notice_id).exclude(status=NoticeStatus.SENT).exclude(given_up)


def may_go(notice_id: int, *, placed: bool, now: datetime) -> bool:
    """Is it this notice's turn (`channels.pace`)? Otherwise its job is put off. Belongs into a short transaction."""
    notice = _undelivered(notice_id).select_related("recipient").first()
    if notice is None:
        return False
    later = pace.turn(notice.recipient.email, placed=placed, now=now)
    if later is not None:
        enqueue_delivery(notice, at=later.at, placed=later.placed)
    return later is None


def deliver(notice_id: int) -> None:
    """Write and send one notice. Links and codes are made in a savepoint: those of a mail not sent never existed."""
    rows = _undelivered(notice_id).select_for_update(of=("self",), skip_locked=True)
    notice = rows.select_related("recipient", "ticket__product").first()
    if notice is None:
        return
    address = sender_of(notice.ticket.product if notice.ticket else None)
    notice.attempts += 1
    notice.message_id = notice.message_id or mail.new_message_id(address)
    try:
        with transaction.atomic():
            _send(notice, address)
    except letters.NothingToTell as reason:
        _fail(notice, str(reason))
    except NotSent as failed:
        _not_sent(notice, failed.problem, now=timezone.now())
    except Exception as problem:
        log.exception("Notice %s (%s) could not be written", notice.pk, notice.kind)
        _try_again(notice, f"{type(problem).__name__}: {problem}", _own_pause(notice, timezone.now()))
    else:
        notice.status, notice.error, notice.again_at, notice.sent_at = NoticeStatus.SENT, "", None, timezone.now()
        notice.save()
        pace.went_out(notice.recipient.email, now=notice.sent_at)


def _send(notice: Notice, address: str) -> None:
    user = notice.recipient
    with translation.override(user.language), timezone.override(vendor.current().time_zone):
        letter = letters.write(notice, now=timezone.now())
    notice.subject, notice.text, notice.html = letter.stored.subject[:250], letter.stored.text, letter.stored.html
    envelope = mail.Envelope(
        user.email,
        user.name,
        notice.message_id,
        references(notice),
        sender=address,
        reply_to=replies_of(notice.ticket, user, address),
        leave=letter.leave,
    )
    try:
        mail.send(letter.outgoing, envelope, letter.attachments)
    except Exception as problem:
        raise NotSent(problem) from problem


def _not_sent(notice: Notice, problem: Exception, *, now: datetime) -> None:
    """Draw the consequences from what the mail server said."""
    failure, error = smtp_answers.judge(problem), smtp_answers.words(problem)
    log.warning("Notice %s (%s) was not sent: %s", notice.pk, notice.kind, failure.value)
    if failure is Failure.SERVER:
        _try_again(notice, error, pace.server_failed(type(problem).__name__, now=now))
    elif failure is Failure.LATER:
        _try_again(notice, error, pace.spare(notice.recipient.email, error, now=now))
    elif failure is Failure.UNKNOWN:
        _try_again(notice, error, _own_pause(notice, now))
    else:
        _fail(notice, error)
    if failure is Failure.NO_MAILBOX:
        note_bounce(notice, report_text=error, final=True, actor=User.objects.system(), now=now)


def _own_pause(notice: Notice, now: datetime) -> datetime:
    """Half a minute, one minute, two … an hour."""
    return now + min(timedelta(seconds=15) * 2 ** min(notice.attempts, 10), _LONGEST_PAUSE)


def _try_again(notice: Notice, error: str, at: datetime) -> None:
    if at - notice.created_at > _TRIED_FOR:
        _fail(notice, error)
        return
    _fail(notice, error, again_at=at)
    enqueue_delivery(notice, at=at)


def _fail(notice: Notice, error: str, again_at: datetime | None = None) -> None:
    notice.status, notice.error, notice.again_at = NoticeStatus.FAILED, mail.one_line(error, 250), again_at
    notice.save()


def enqueue_lost(now: datetime) -> None:
    """Take up notices whose job got lost: none stays unsent because a worker died at a bad moment."""
    overdue = Notice.objects.filter(again_at__lt=now - _OVERDUE).order_by("again_at")
    untouched = Notice.objects.filter(status=NoticeStatus.WAITING, created_at__lt=now - _UNTOUCHED)
    for notice in (*overdue[:_SWEPT], *untouched.order_by("created_at")[:_SWEPT]):
        enqueue_delivery(notice)
