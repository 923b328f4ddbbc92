"""Caps against loops: machines that answer each other, whatever their headers hide, stop by themselves."""

import re
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection

from klarfall.incoming.models import IncomingMail, Outcome

_WINDOW = timedelta(hours=1)
#: Confirmations to one sender within the window. A person writes ten new requests an hour on a very bad day, and
#: misses nothing when the eleventh is only seen in the portal; of a loop nothing comes back any more.
CONFIRMATIONS = 10
#: Mails of one sender in one request or under one subject within the window. Two machines that answer each other have
#: stopped long before, as we confirm no more; this is for those that write by themselves. People and scanners stay far
#: below it, and what is beyond waits for a person and is not lost. Without a subject nothing says it is one thread.
SAME_THREAD = 100
#: What answering and forwarding put before a subject, in the languages of our customers' mail programs.
PREFIX = r"^(?:\s*(?:re|aw|antw|wg|fw|fwd|tr|rép|rif|sv|vs|ref)\s*(?:\[\d+\])?\s*:)*\s*"
PREFIXES = re.compile(PREFIX, re.IGNORECASE)
_COUNTS = """
SELECT count(*),
       count(*) FILTER (WHERE ticket_id = %(ticket)s::bigint),
       count(*) FILTER (WHERE subject <> '' AND regexp_replace(lower(subject), %(prefix)s::text, '')
                            = regexp_replace(%(subject)s::text, %(prefix)s::text, '')),
       count(*) FILTER (WHERE outcome = %(new)s)
FROM incoming_incomingmail
WHERE from_address = %(sender)s AND received_at > %(since)s AND received_at <= %(now)s AND id <> %(mail)s
"""


@dataclass(frozen=True)
class Lately:
    """How many other mails of the same sender arrived within the window."""

    all: int
    same_ticket: int
    same_subject: int
    new_tickets: int

    @property
    def too_many(self) -> bool:
        """Does this one have to wait for a person?"""
        return max(self.same_ticket, self.same_subject) >= SAME_THREAD or self.all >= settings.MAIL_SENDER_CAP

    @property
    def unconfirmed(self) -> bool:
        """A new request is opened, but the sender gets no confirmation."""
        return self.new_tickets >= CONFIRMATIONS


def lately(mail: IncomingMail, *, sender: str, subject: str, ticket_id: int | None) -> Lately:
    """The figures at the time when the mail arrived; the subject counts without *Re:* and its like, digits count."""
    values = {
        "sender": sender,
        "subject": subject.lower(),
        "prefix": PREFIX,
        "ticket": ticket_id,
        "new": Outcome.NEW_TICKET.value,
        "since": mail.received_at - _WINDOW,
        "now": mail.received_at,
        "mail": mail.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, values)
        return Lately(*cursor.fetchone())
