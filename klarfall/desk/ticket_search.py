"""What the desk's search shows: where a number leads, people and companies, and requests with the fitting passage."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.core import vendor
from klarfall.core.search.passages import Part, Sought, in_parts, marked, passage
from klarfall.core.search.query import Query, parse
from klarfall.core.search.terms import analyse
from klarfall.customers.people_search import Company, Person, people_and_companies
from klarfall.desk.jump import Jump, jumps
from klarfall.tickets.search.finding import FoundTickets, find, meant, whole, widened
from klarfall.tickets.status import WAITING, TicketStatus
from klarfall.ui.formats import day

PAGE = 25
LONGEST = 200
#: Requests that are shown beside the exact ones; below so many the words are looked at for typing errors.
_ALSO, _FEW = 10, 3
#: Characters of a message in which a passage is looked for; names of files among which the sought ones are, and shown.
_READ, _NAMES, _FILES = 20_000, 50, 2
#: What is shown of the found requests. Of each one the first and the newest messages are looked at for a passage.
_ROWS = f"""
    SELECT t.number, t.title, t.solution, t.status, t.submitted_at, c.name, u.name, ARRAY(
        SELECT name FROM tickets_attachment WHERE ticket_id = t.id ORDER BY id DESC LIMIT {_NAMES}), ARRAY(
        SELECT left(s.text, {_READ}) FROM (
            (SELECT id, sealed_id FROM tickets_message WHERE ticket_id = t.id ORDER BY created_at, id LIMIT 1)
            UNION
            (SELECT id, sealed_id FROM tickets_message WHERE ticket_id = t.id ORDER BY created_at DESC, id DESC LIMIT 5)
        ) n JOIN tickets_sealedtext s ON s.id = n.sealed_id ORDER BY n.id)
      FROM unnest(%s::bigint[]) AS found (id)
      JOIN tickets_ticket t ON t.id = found.id JOIN customers_customer c ON c.id = t.customer_id
      JOIN customers_contact k ON k.id = t.contact_id JOIN accounts_user u ON u.id = k.user_id
     ORDER BY t.id DESC
"""  # noqa: S608 - made of our own words only


@dataclass(frozen=True)
class Row:
    """A found request."""

    number: str
    url: str
    customer: tuple[Part, ...]
    person: tuple[Part, ...]
    #: When it was submitted, as it is written.
    submitted: str
    status: str
    title: tuple[Part, ...]
    passage: tuple[Part, ...]
    #: The names of files that were sought.
    files: list[tuple[Part, ...]]


@dataclass(frozen=True)
class Listed:
    """Requests of one kind of hits; `more` is the query string of the page that goes on, empty at the end."""

    rows: list[Row] = field(default_factory=list)
    more: str = ""


@dataclass(frozen=True)
class Result:
    """All that was found for what somebody typed."""

    jumps: list[Jump] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)
    #: Requests with the words themselves; with `wide` also with their parts and with words that mean the same.
    exact: Listed = field(default_factory=Listed)
    #: Where those were few: more, with parts and words that mean the same.
    wide: Listed = field(default_factory=Listed)
    #: Where hardly any were found: the query as it may be meant, and requests for it.
    meant: str = ""
    corrected: Listed = field(default_factory=Listed)
    #: A phrase or a beginning was looked for in the newest requests only.
    bounded: bool = False
    #: The query string of the same search with parts and synonyms, if it may find more.
    wide_url: str = ""

    @property
    def nothing(self) -> bool:
        """Was nothing found at all?"""
        rows = self.exact.rows or self.wide.rows or self.corrected.rows
        return not (self.jumps or self.people or self.companies or rows)


def search(typed: str, below: int | None = None, *, wide: bool = False) -> Result:
    """Everything for the typed words; with `below` the next page of requests alone. Few statements at any size.

    `wide`: requests with parts of the words and with words that mean the same stand among the others.
    """
    typed = typed.strip()[:LONGEST]
    query = parse(typed)
    widest = widened(query)
    found = find(widest if wide and widest else whole(query), below=below, limit=PAGE)
    exact = _listed(found, typed, wide=wide)
    wide_url = "" if wide or not widest else urlencode({"q": typed, "wide": 1})
    if below is not None or not typed:
        return Result(exact=exact, bounded=found.bounded, wide_url=wide_url)
    more = _also(typed, widest, found.ids) if widest and not wide and not exact.more else Listed()
    few = not wide and len(exact.rows) + len(more.rows) < _FEW
    text, corrected = _corrected(typed, query, found.ids) if few else ("", Listed())
    people, companies = people_and_companies(typed)
    return Result(jumps(typed), people, companies, exact, more, text, corrected, found.bounded, wide_url)


def _listed(found: FoundTickets, typed: str, *, wide: bool) -> Listed:
    rows = _rows(_sought(found.query), found.ids)
    return Listed(
        rows, urlencode({"q": typed, "below": found.more, **({"wide": 1} if wide else {})}) if found.more else ""
    )


def _also(typed: str, widest: Query, known: list[int]) -> Listed:
    """Some requests beyond the known ones, and where all of them are."""
    found = find(widest, limit=_ALSO + len(known))
    ids = [pk for pk in found.ids if pk not in known][:_ALSO]
    return Listed(_rows(_sought(found.query), ids), urlencode({"q": typed, "wide": 1}) if found.more else "")


def _corrected(typed: str, query: Query, known: list[int]) -> tuple[str, Listed]:
    """What may be meant as it is written in requests, and some of these; nothing unless there are any."""
    near = meant(query)
    found = find(near, limit=_ALSO) if near else FoundTickets([])
    ids = [pk for pk in found.ids if pk not in known]
    rows = _rows(_sought(found.query), ids)
    text = _as_written(typed, found.query, rows) if rows else ""
    return (text, Listed(rows, urlencode({"q": text}))) if text and text != typed else ("", Listed())


def _as_written(typed: str, near: Query, rows: list[Row]) -> str:
    """The typed text, in it the corrected words as the found requests write them."""
    texts = ["".join(part.text for part in parts) for row in rows for parts in (row.title, row.passage)]
    written: dict[str, str] = {}
    for text in texts:
        for token in analyse(text):
            if token.terms:
                written.setdefault(token.terms[0], text[token.start : token.end])
    for word in near.words:
        if word.alternatives[0].kind == "spelling":
            forms = [" ".join(written.get(term, "") for term in one.terms).strip() for one in word.alternatives]
            typed = typed.replace(word.text, next(filter(None, forms), word.text), 1)
    return typed


def _sought(query: Query) -> Sought:
    """What is marked: the words, and what stands for them."""
    return Sought(term for word in query.words for one in word.alternatives for term in one.terms)


def _rows(sought: Sought, ids: list[int]) -> list[Row]:
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
            customer=marked(customer, sought),
            person=marked(person, sought),
            submitted=day(submitted_at.astimezone(zone).date(), today),
            status=words[status],
            title=marked(title, sought),
            passage=passage([*texts, solution], sought),
            files=[in_parts(one, spans, whole=True) for one in files if (spans := sought.spans(one))][:_FILES],
        )
        for number, title, solution, status, submitted_at, customer, person, files, texts in found
    ]
