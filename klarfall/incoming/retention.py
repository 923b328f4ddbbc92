"""How long mails are kept: the raw message and what is personal about it go when its time is over or its person is."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Lower

from klarfall.core.isolation import system_rows
from klarfall.incoming import storing
from klarfall.incoming.models import IncomingMail, MailCopy, Outcome
from klarfall.tickets import files

#: What a row says of people; that a mail came, when, and what became of it, stays.
_EMPTY: dict[str, Any] = {
    "key": "", "envelope_from": "", "envelope_to": [], "from_address": "", "from_name": "", "subject": "",
    "preview": "", "authentication": {}, "answer": "", "error": "",
}  # fmt: skip
#: Mails emptied at once.
_BATCH = 500


class _HashOf(Func):
    """The SHA-256 of a text, in hex digits."""

    template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
    output_field = CharField()


def hash_of(address: str) -> str:
    """How an erased address is handed on, so that it stands nowhere any more."""
    return hashlib.sha256(address.lower().encode()).hexdigest()


def forget_old(now: datetime) -> int:
    """Empty mails that arrived MAIL_RETENTION_DAYS ago, and sweep the store; returns how many. Runs as SYSTEM.

    Requests keep what they have taken over. What waits for the worker is never forgotten unread.
    """
    before = now - timedelta(days=settings.MAIL_RETENTION_DAYS)
    old = system_rows(IncomingMail).filter(received_at__lt=before).exclude(key="").exclude(outcome=Outcome.WAITING)
    emptied = _empty(old)
    storing.sweep(now)
    return emptied


def forget_person(person_id: int, address_hash: str) -> int:
    """Empty the mails and copies of an erased person, also those from their address that nobody assigned.

    Returns how many mails. Runs as SYSTEM; twice does no harm.
    """
    theirs = Q(contact__user=person_id) | Q(message__author=person_id)
    theirs |= Q(notice__recipient=person_id)  # a report names their address, and our mail to them hangs on it
    mails = system_rows(IncomingMail).filter(theirs)
    copies = system_rows(MailCopy).filter(message__author=person_id)
    copies.update(from_address="", from_name="", subject="", rest="", html="", remote_images=0, authentication={})
    found = _empty(mails.exclude(from_address="", key=""))
    if address_hash:
        by_address = system_rows(IncomingMail).annotate(mark=_HashOf(Lower(F("from_address"))))
        found += _empty(by_address.exclude(from_address="").filter(mark=Value(address_hash)))
    return found


def _empty(mails: QuerySet[IncomingMail]) -> int:
    """Empty the rows now, and delete their files once that is committed."""
    count = 0
    while batch := list(mails.order_by("pk").values_list("pk", "key")[:_BATCH]):
        IncomingMail.objects.filter(pk__in=[pk for pk, _key in batch]).update(**_EMPTY)
        for _pk, key in batch:
            if key:
                files.forget(key)
        count += len(batch)
    return count
