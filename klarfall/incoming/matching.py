"""To which request a mail belongs. What it says is only a hint: who does not see the request never gets into it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from klarfall.channels.models import Notice
from klarfall.channels.reply_addresses import ticket_id_in
from klarfall.core import vendor
from klarfall.customers.models import Contact
from klarfall.incoming.models import IncomingMail
from klarfall.incoming.parsing.parsed import ParsedMail
from klarfall.incoming.products import recipients
from klarfall.incoming.senders import Sender
from klarfall.tickets.acting import sees
from klarfall.tickets.models import Message, Ticket

#: Message-IDs of a thread that are looked up, the nearest first; recipients that are tried for a token.
_MOST_IDS, _MOST_RECIPIENTS = 50, 100
#: Digits of a number that can be one of ours.
_DIGITS = 12


@dataclass(frozen=True)
class Match:
    """A request that the sender sees, the contact as which they do, and how it was found."""

    ticket: Ticket
    contact: Contact
    how: str


@dataclass(frozen=True)
class Named:
    """What a mail names, seen or not: (how, ticket) in the order in which it counts."""

    tickets: Sequence[tuple[str, Ticket]]

    def for_sender(self, sender: Sender, now: datetime) -> Match | None:
        """The first that the sender sees as an active contact of its customer."""
        for how, ticket in self.tickets:
            contact = sender.at(ticket.customer_id)
            if contact is not None and sees(contact, ticket, now):
                return Match(ticket, contact, how)
        return None


def named(mail: IncomingMail, parsed: ParsedMail) -> Named:
    """The requests that a mail names: our Message-IDs in its headers, a reply address, a number in its subject.

    Never by the body, attachments or styles: there a quoted number would be a trick or an accident.
    """
    found = [*(_by_thread(parsed) or _by_thread_being_filed(mail, parsed)), *_by_token(mail, parsed)]
    numbers = numbers_in(parsed.subject)
    if not found and not numbers:
        return Named(())
    ids = [pk for _how, pk in found]
    rows = Ticket.objects.filter(pk__in=ids) | Ticket.objects.filter(number__in=numbers)
    tickets = list(rows.select_related("contact"))
    by_pk, by_number = {one.pk: one for one in tickets}, {one.number: one for one in tickets}
    known = [(how, by_pk[pk]) for how, pk in found if pk in by_pk]
    known += [("number", by_number[number]) for number in numbers if number in by_number]
    return Named(known)


def answered(mail: IncomingMail, parsed: ParsedMail) -> Ticket | None:
    """The request to one of whose mails this one answers: for staff to see; it authorises nobody."""
    found = [pk for _how, pk in (*_by_thread(parsed), *_by_token(mail, parsed))]
    return Ticket.objects.filter(pk=found[0]).first() if found else None


def thread_ids(parsed: ParsedMail) -> list[str]:
    """The Message-IDs to which a mail refers: what it answers first, then the thread from its end."""
    return list(dict.fromkeys((*parsed.in_reply_to, *reversed(parsed.references))))[:_MOST_IDS]


def _by_thread(parsed: ParsedMail) -> list[tuple[str, int]]:
    """Tickets of mails that we sent or filed, in the order in which the thread names them."""
    ids = thread_ids(parsed)
    if not ids:
        return []
    ours = Notice.objects.filter(message_id__in=ids, ticket__isnull=False).values_list("message_id", "ticket_id")
    written = Message.objects.filter(mail_id__in=ids, internal=False).values_list("mail_id", "ticket_id")
    filed = IncomingMail.objects.filter(mail_id__in=ids, message__isnull=False).values_list("mail_id", "ticket_id")
    places: dict[str, list[int]] = {}
    for one, ticket in ours.union(written, filed):
        places.setdefault(one, []).append(ticket)
    return [("thread", ticket) for one in ids for ticket in sorted(places.get(one, ()))]


def _by_thread_being_filed(mail: IncomingMail, parsed: ParsedMail) -> list[tuple[str, int]]:
    """The same once an older mail of the thread, on which another worker is at work just now, is filed.

    Mails are taken in their order, so nobody waits for a younger one and two never for each other.
    """
    ids = thread_ids(parsed)
    if not ids:
        return []
    # Whatever has become of them: once the lock is ours, what was being filed is filed.
    older = IncomingMail.objects.filter(mail_id__in=ids, pk__lt=mail.pk)
    return _by_thread(parsed) if list(older.select_for_update(of=("self",)).values_list("pk")) else []


def _by_token(mail: IncomingMail, parsed: ParsedMail) -> Iterator[tuple[str, int]]:
    for place, address in enumerate(recipients(mail, parsed)):
        if place >= _MOST_RECIPIENTS:
            return
        if (ticket := ticket_id_in(address)) is not None:
            yield "token", ticket


def numbers_in(subject: str) -> list[int]:
    """Our numbers in a subject, those in brackets first: `[KF-1837]`, then `KF-1837`."""
    prefix = re.escape(vendor.current().number_prefix)
    pattern = rf"(\[)?(?<![\w-]){prefix}-(\d{{1,{_DIGITS}}})(?!\w)"
    found = [(not bracket, int(number)) for bracket, number in re.findall(pattern, subject, re.IGNORECASE)]
    return list(dict.fromkeys(number for _rank, number in sorted(found, key=lambda one: one[0])))
