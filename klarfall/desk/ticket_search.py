"""What the desk's search shows: where a number leads, people and companies, and requests with the fitting passage."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.core import vendor
from klarfall.core.search.query import Query, parse
from klarfall.customers.people_search import Company, Person, people_and_companies
from klarfall.desk.jump import Jump, jumps
from klarfall.tickets.search.finding import FoundTickets, find
from klarfall.tickets.search.passages import Part, marked, needles, passage
from klarfall.tickets.status import WAITING, TicketStatus
from klarfall.ui.formats import day

PAGE = 25
LONGEST = 200
#: Characters of a message in which a passage is looked for.
_READ = 20_000
#: What is shown of the found requests. Of each one the first and the newest messages are looked at for a passage.
_ROWS = f"""
    SELECT t.id, t.number, t.title, t.solution, t.status, t.submitted_at, c.name, ARRAY(
        SELECT left(s.text, {_READ}) FROM (
            (SELECT id, sealed_id FROM tickets_message WHERE ticket_id = t.id ORDER BY created_at, id LIMIT 1)
            UNION
            (SELECT id, sealed_id FROM tickets_message WHERE ticket_id = t.id ORDER BY created_at DESC, id DESC LIMIT 5)
        ) n JOIN tickets_sealedtext s ON s.id = n.sealed_id ORDER BY n.id)
      FROM unnest(%s::bigint[]) AS found (id)
      JOIN tickets_ticket t ON t.id = found.id JOIN customers_customer c ON c.id = t.customer_id
     ORDER BY t.id DESC
"""  # noqa: S608 - made of our own words only


@dataclass(frozen=True)
class Row:
    """A found request."""

    number: str
    url: str
    customer: str
    #: When it was submitted, as it is written.
    submitted: str
    status: str
    title: list[Part]
    passage: list[Part]


@dataclass(frozen=True)
class Result:
    """All that was found for what somebody typed; `next` is the query string of the older ones."""

    jumps: list[Jump] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)
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
    return Result(jumps(words), *people_and_companies(words), rows, found, older)


def _sought(query: Query, *, loose: bool) -> re.Pattern[str] | None:
    """What is marked: the words, and the parts of them where these were found."""
    kinds = {"whole", "part"} if loose else {"whole"}
    return needles(t for word in query.words for one in word.alternatives if one.kind in kinds for t in one.terms)


def _rows(sought: re.Pattern[str] | None, ids: list[int]) -> list[Row]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [ids])
        found = cursor.fetchall()
    zone, today = timezone.get_current_timezone(), timezone.localdate()
    prefix, path = vendor.current().number_prefix, reverse("desk:ticket", args=[0])
    words = {one.value: str(one.label) for one in TicketStatus} | dict.fromkeys(WAITING, _("Waiting for the customer"))
    return [
        Row(
            number=f"{prefix}-{number}",
            url=path.replace("0", str(number)),
            customer=customer,
            submitted=day(submitted_at.astimezone(zone).date(), today),
            status=words[status],
            title=marked(title, sought),
            passage=passage([*texts, solution], sought),
        )
        for _id, number, title, solution, status, submitted_at, customer, texts in found
    ]
