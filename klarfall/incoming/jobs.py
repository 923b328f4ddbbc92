"""Jobs of arriving mails: file what waits, forget what is over."""

import gc
from functools import cache

from django.utils import timezone

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.jobs import enqueue, every, job
from klarfall.incoming import answering, retention, storing, waiting
from klarfall.incoming.models import IncomingMail

#: So many waiting mails keep a second worker busy, too.
_MANY = 20


@cache
def _keep_what_is_loaded() -> None:
    """Looking through it for garbage again and again costs a seventh of every mail (as in `config/wsgi.py`)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


# The clock makes up for whoever died between storing a mail and enqueueing this job.
@every("* * * * *")
@job(storing.FILE, own_transactions=True)
def file_waiting() -> None:
    """File all mails that wait, each in a transaction of its own."""
    _keep_what_is_loaded()
    with viewing_as(SYSTEM, fresh=True):
        if waiting.are_many(_MANY):
            enqueue(storing.FILE, key=storing.FILE)
    waiting.file_waiting()


@job("incoming.answer", queue="mail", retries=8)
def answer(*, mail_id: int) -> None:
    """Send the answer to a rejected mail; once."""
    answering.answer(IncomingMail.objects.select_for_update(of=("self",)).get(pk=mail_id), timezone.now())


@every("50 1 * * *")
@job("incoming.forget_old")
def forget_old() -> None:
    """Delete raw messages whose retention is over, and files that no row names."""
    retention.forget_old(timezone.now())


@job("incoming.forget")
def forget(*, person_id: int, address_hash: str = "") -> None:
    """Forget what an erased person has written by mail (INV-29)."""
    retention.forget_person(person_id, address_hash)
