"""File what waits, mail after mail, each in a transaction of its own, so that one of them stops no other."""

import logging

from django.db import connection, transaction
from django.utils import timezone

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming import filing
from klarfall.incoming.bounded import readers
from klarfall.incoming.filing import Filed, file_here
from klarfall.incoming.models import IncomingMail, Outcome
from klarfall.incoming.storing import RawGone, raw_of

_log = logging.getLogger(__name__)
#: Takes the next mail after one, and counts the attempt: committed before anything else is done with it, so that a
#: mail that kills its worker is known by that. One on which another worker is at work is skipped.
_TAKE = """
UPDATE incoming_incomingmail SET attempts = attempts + 1 WHERE id = (
    SELECT id FROM incoming_incomingmail WHERE outcome = 'waiting' AND id > %s
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id, attempts
"""


def file_waiting(most: int = 0) -> int:
    """File every waiting mail once (or so `most`), oldest first; returns how many were tried.

    Opens its own transactions.
    """
    tried = 0
    taken = _take_first()
    while taken is not None and (not most or tried < most):
        tried += 1
        taken = _file_and_take(*taken)
    return tried


def are_many(most: int) -> bool:
    """Do more than `most` mails wait?"""
    return IncomingMail.objects.filter(outcome=Outcome.WAITING).order_by("pk")[most : most + 1].exists()


def file_now(mail: IncomingMail) -> IncomingMail:
    """File one mail at once; after an error again, until it is filed or waits for a person. Returns its row."""
    while mail.outcome == Outcome.WAITING:
        with viewing_as(SYSTEM, fresh=True), connection.cursor() as cursor:
            cursor.execute("UPDATE incoming_incomingmail SET attempts = attempts + 1 WHERE id = %s", [mail.pk])
            mail.refresh_from_db(fields=["attempts"])
        _file_or_note(mail.pk, mail.attempts)
        with viewing_as(SYSTEM):
            mail = IncomingMail.objects.select_related("ticket").get(pk=mail.pk)
    return mail


def _take_first() -> tuple[int, int] | None:
    with viewing_as(SYSTEM):
        return _take(0)


def _take(after: int) -> tuple[int, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [after])
        return cursor.fetchone()


def _file_and_take(mail_id: int, attempts: int) -> tuple[int, int] | None:
    """File a mail and take the next one in the same transaction; after an error in another."""
    if attempts <= filing.DEATHS:
        try:
            with viewing_as(SYSTEM, fresh=True):
                file_here(IncomingMail(pk=mail_id), now=timezone.now())
                return _take(mail_id)
        except Exception as error:
            _note(mail_id, attempts, error)
    else:
        _give_up(mail_id, "the worker died over it")
    with viewing_as(SYSTEM):
        return _take(mail_id)


def _file_or_note(mail_id: int, attempts: int) -> None:
    try:
        with viewing_as(SYSTEM, fresh=True):
            file_here(IncomingMail(pk=mail_id), now=timezone.now())
    except Exception as error:
        _note(mail_id, attempts, error)


def _note(mail_id: int, attempts: int, error: Exception) -> None:
    """An attempt ended with an error; it is rolled back. No words of the exception: they may be those of the mail."""
    _log.exception("mail %s could not be filed, attempt %s", mail_id, attempts)
    if attempts >= filing.ATTEMPTS or isinstance(error, RawGone):
        _give_up(mail_id, type(error).__name__)
        return
    with viewing_as(SYSTEM):
        waiting = IncomingMail.objects.filter(pk=mail_id, outcome=Outcome.WAITING)
        waiting.update(error=type(error).__name__)


def _give_up(mail_id: int, error: str) -> None:
    """Leave a mail to a person, with sender and subject where they can be read."""
    with viewing_as(SYSTEM):
        mail = IncomingMail.objects.select_for_update(of=("self",)).get(pk=mail_id)
        if mail.outcome != Outcome.WAITING:
            return
        _try_facts(mail)
        filing.finish(mail, Filed(Outcome.QUARANTINE, "failed"), now=timezone.now())
        IncomingMail.objects.filter(pk=mail_id).update(error=error[:250])


def _try_facts(mail: IncomingMail) -> None:
    try:
        with transaction.atomic():
            filing.note_facts(mail, readers.read(raw_of(mail)))
    except Exception:
        _log.warning("mail %s cannot be read", mail.pk)
