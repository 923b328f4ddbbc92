"""Read the words of tickets anew whose texts have changed: one set for the desk, one for the customer."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from klarfall.core import vendor
from klarfall.core.isolation import system_rows
from klarfall.core.search.terms import analyse
from klarfall.tickets.models import Attachment, Message, Ticket, UnreadTicket
from klarfall.tickets.search.eras import era_of, term_of

#: Tickets read in one transaction.
BATCH = 100
#: Different terms kept of one ticket, and characters read of it: a flood of words must not fill the index.
_MOST_TERMS, _MOST_CHARACTERS = 5_000, 400_000
_STORE = """
    INSERT INTO {table} (customer_id, ticket_id, words)
    SELECT customer, ticket, array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(terms)))
      FROM jsonb_to_recordset(%s::jsonb) AS x (customer bigint, ticket bigint, terms jsonb)
    ON CONFLICT (ticket_id) DO UPDATE SET words = excluded.words WHERE {table}.words <> excluded.words
"""


@dataclass
class _Texts:
    """What is written in one ticket."""

    shared: list[str] = field(default_factory=list)
    internal: list[str] = field(default_factory=list)


def read_unread(most: int = BATCH) -> int:
    """Read up to `most` marked tickets; returns how many. Runs as SYSTEM, in the caller's transaction.

    Several workers take different tickets. A text written meanwhile marks its ticket once more.
    """
    marked = system_rows(UnreadTicket).select_for_update(skip_locked=True).order_by("pk")[:most]
    marks = {one.ticket_id: one.pk for one in marked}
    if not marks:
        return 0
    # Deleted first: a mark that is set from now on waits for this transaction and stays.
    UnreadTicket.objects.filter(pk__in=marks.values()).delete()
    tickets = list(Ticket.objects.filter(pk__in=marks).select_related("contact__user", "customer"))
    texts = _texts(tickets)
    _store("tickets_deskwords", tickets, {one.pk: [*texts[one.pk].shared, *texts[one.pk].internal] for one in tickets})
    _store("tickets_sharedwords", tickets, {one.pk: texts[one.pk].shared for one in tickets})
    return len(marks)


def terms_in(texts: Iterable[str]) -> list[str]:
    """The different terms of texts, in the order in which they occur first; bounded."""
    found: dict[str, None] = {}
    left = _MOST_CHARACTERS
    for text in texts:
        for token in analyse(text[:left]):
            found.update(dict.fromkeys(token.terms))
        left -= len(text)
        if left <= 0 or len(found) > _MOST_TERMS:
            break
    return list(found)[:_MOST_TERMS]


def _texts(tickets: list[Ticket]) -> dict[int, _Texts]:
    """Who asks, title, fields, messages and names of files, by ticket."""
    found: dict[int, _Texts] = defaultdict(_Texts)
    prefix = vendor.current().number_prefix
    for one in tickets:
        asks = [one.contact.user.name, one.contact.user.email, one.customer.name, one.customer.number]
        written = [one.title, one.tried, one.solution, one.workaround]
        found[one.pk].shared += [f"{prefix}-{one.number} {one.number}", *asks, *written]
    ids = [one.pk for one in tickets]
    files = Attachment.objects.filter(ticket__in=ids).order_by("pk").values_list("ticket_id", "internal", "name")
    messages = Message.objects.filter(ticket__in=ids).order_by("pk")
    for ticket, internal, text in [*files, *messages.values_list("ticket_id", "internal", "sealed__text")]:
        (found[ticket].internal if internal else found[ticket].shared).append(text)
    return found


def _store(table: str, tickets: list[Ticket], texts: dict[int, list[str]]) -> None:
    rows: list[dict[str, Any]] = [
        {"customer": one.customer_id, "ticket": one.pk, "terms": [*terms_in(texts[one.pk]), term_of(era_of(one.pk))]}
        for one in tickets
    ]
    with connection.cursor() as cursor:
        cursor.execute(_STORE.format(table=table), [json.dumps(rows, ensure_ascii=False)])
