"""What the desk's search shows: where a number leads, people and companies, and requests with the fitting passage."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse

from klarfall.core import vendor
from klarfall.core.prepared import prepared
from klarfall.core.search.query import Query, parse
from klarfall.customers.models import Contact, Customer
from klarfall.customers.people_search import companies, people
from klarfall.desk.jump import Jump, jumps
from klarfall.tickets.models import Ticket
from klarfall.tickets.search.finding import FoundTickets, find
from klarfall.tickets.search.passages import Part, marked, needles, passage

PAGE = 25
LONGEST = 200
#: Of each found request the first and the newest messages are looked at for a passage.
_TEXTS = """
    SELECT t.id, m.text FROM unnest(%s::bigint[]) AS t (id), LATERAL (
        SELECT s.text, n.id FROM (
            (SELECT id, sealed_id FROM tickets_message WHERE ticket_id = t.id ORDER BY created_at, id LIMIT 1)
            UNION
            (SELECT id, sealed_id FROM tickets_message WHERE ticket_id = t.id ORDER BY created_at DESC, id DESC LIMIT 5)
        ) n JOIN tickets_sealedtext s ON s.id = n.sealed_id
    ) m ORDER BY t.id, m.id
"""


@dataclass(frozen=True)
class Row:
    """A found request."""

    ticket: Any
    number: str
    url: str
    title: list[Part]
    passage: list[Part]


@dataclass(frozen=True)
class Result:
    """All that was found for what somebody typed; `next` is the query string of the older ones."""

    jumps: list[Jump] = field(default_factory=list)
    people: list[Contact] = field(default_factory=list)
    companies: list[Customer] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    found: FoundTickets = field(default_factory=lambda: FoundTickets([]))
    next: str = ""

    @property
    def nothing(self) -> bool:
        """Was nothing found at all?"""
        return not (self.jumps or self.people or self.companies or self.rows)


def search(typed: str, below: int | None = None) -> Result:
    """Everything for the typed words; with `below` the next page of requests alone. Few statements at any size."""
    query = parse(typed[:LONGEST])
    found = find(query, below=below, limit=PAGE)
    rows = _rows(_sought(query, loose=found.loose), found.ids)
    older = urlencode({"q": typed, "below": found.more}) if found.more else ""
    if below is not None or not typed.strip():
        return Result(rows=rows, found=found, next=older)
    words = typed.strip()[:LONGEST]
    return Result(jumps(words), people(words), companies(words), rows, found, older)


def _sought(query: Query, *, loose: bool) -> re.Pattern[str] | None:
    """What is marked: the words, and the parts of them where these were found."""
    kinds = {"whole", "part"} if loose else {"whole"}
    return needles(t for word in query.words for one in word.alternatives if one.kind in kinds for t in one.terms)


def _rows(sought: re.Pattern[str] | None, ids: list[int]) -> list[Row]:
    if not ids:
        return []
    texts = _texts(ids)
    prefix = vendor.current().number_prefix
    return [
        Row(
            ticket=one,
            number=f"{prefix}-{one.number}",
            url=reverse("desk:ticket", args=[one.number]),
            title=marked(one.title, sought),
            passage=passage([*texts[one.pk], one.solution], sought),
        )
        for one in sorted(_tickets(ids=ids), key=lambda one: -one.pk)
    ]


@prepared
def _tickets(*, ids: list[int]) -> QuerySet[Any]:
    columns = ("pk", "number", "title", "solution", "status", "submitted_at", "customer__name")
    return Ticket.objects.filter(pk__in=ids).select_related("customer").only(*columns)


def _texts(ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [ids])
        for ticket, text in cursor.fetchall():
            found[ticket].append(text)
    return found
