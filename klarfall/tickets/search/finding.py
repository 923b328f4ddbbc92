"""Find tickets by words: for the desk among all of them, for customers among their own newest ones."""

from dataclasses import dataclass

from django.db.models.expressions import RawSQL

from klarfall.core.isolation import current_viewer
from klarfall.core.search.query import Query, QueryWord, parse
from klarfall.core.search.terms import analyse
from klarfall.tickets.models import Message, SharedWords, Ticket
from klarfall.tickets.search.walking import Walked, newest_with

#: Of a customer's own tickets so many are looked at, the newest of them.
_OWN = 1_000
#: Tickets whose texts are read to see whether the words stand in a row.
_PHRASE_CANDIDATES = 120


@dataclass(frozen=True)
class FoundTickets:
    """Ids of tickets, the newest first; `more` is the id below which the search goes on, None at the end.

    `loose`: no ticket holds all the words as they were asked for; these hold the parts of them.
    `bounded`: a search for a phrase or a beginning looked at the newest tickets only.
    """

    ids: list[int]
    more: int | None = None
    loose: bool = False
    bounded: bool = False


def find(query: Query, *, below: int | None = None, limit: int = 25) -> FoundTickets:
    """The newest tickets that hold all words of the query; for staff. A few bounded statements at any size."""
    strict = condition(query)
    if not strict:
        return FoundTickets([])
    found = _page(query, strict, below, limit)
    loose = condition(query, loose=True)
    if found.ids or below is not None or loose == strict or query.phrases:
        return found
    again = _page(query, loose, below, limit)
    return FoundTickets(again.ids, again.more, loose=bool(again.ids), bounded=again.bounded)


def own_tickets(text: str, limit: int = 5) -> list[Ticket]:
    """The newest tickets that the contact in force sees and that hold all the words; nothing for anybody else."""
    viewer = current_viewer()
    asked = condition(parse(text))
    if viewer is None or not viewer.seats or not asked:
        return []
    newest = SharedWords.objects.filter(customer_id__in=viewer.customer_ids).order_by("-ticket_id")[:_OWN]
    rows = SharedWords.objects.filter(pk__in=newest.values("pk"))
    matching = rows.annotate(hit=RawSQL("words @@ %s::tsquery", [asked])).filter(hit=True)
    ids = matching.order_by("-ticket_id").values("ticket_id")[:limit]
    return list(Ticket.objects.filter(pk__in=ids).select_related("product").order_by("-pk"))


def condition(query: Query, *, loose: bool = False) -> str:
    """The query as a tsquery: every word, none of the excluded. `loose`: the parts of a compound do as well."""
    wanted = [_any_of(word, loose) for word in query.words]
    unwanted = [f"!({_any_of(word, loose=False)})" for word in query.excluded]
    return " & ".join([*wanted, *unwanted]) if wanted else ""


def _any_of(word: QueryWord, loose: bool) -> str:
    sets = [_simple(one.terms) for one in word.alternatives if one.kind == "whole" or (loose and one.kind == "part")]
    ending = ":*" if word.prefix else ""
    return "(" + " | ".join("(" + " & ".join(_quoted(term) + ending for term in terms) + ")" for terms in sets) + ")"


def _simple(terms: tuple[str, ...]) -> list[str]:
    """The terms without those that are made of others among them: *Kosten* of *Kosten, Heizkosten*."""
    return [one for one in terms if not any(other != one and other in one for other in terms)]


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def _page(query: Query, asked: str, below: int | None, limit: int) -> FoundTickets:
    beginnings = any(word.prefix for word in query.words)
    if not query.phrases:
        walked = newest_with(asked, below=below, limit=limit, by_index=not beginnings)
        ids = walked.ids[:limit]
        more = ids[-1] if len(walked.ids) > limit else None
        return FoundTickets(ids, more, bounded=beginnings and more is None and not walked.complete)
    walked = newest_with(asked, below=below, limit=_PHRASE_CANDIDATES, by_index=not beginnings)
    return _in_a_row(query, walked, limit)


def _in_a_row(query: Query, walked: Walked, limit: int) -> FoundTickets:
    """Those in whose texts every phrase stands in a row; the texts of some candidates are read for it."""
    candidates = walked.ids[:_PHRASE_CANDIDATES]
    fitting = _with_phrases(query.phrases, candidates)
    ids = [pk for pk in candidates if pk in fitting]
    if len(ids) > limit:
        return FoundTickets(ids[:limit], ids[limit - 1])
    more = candidates[-1] if len(walked.ids) > _PHRASE_CANDIDATES else None
    return FoundTickets(ids, more, bounded=more is not None)


def _with_phrases(phrases: tuple[tuple[str, ...], ...], ids: list[int]) -> set[int]:
    left: dict[int, set[tuple[str, ...]]] = {pk: set(phrases) for pk in ids}
    texts = Message.objects.filter(ticket__in=ids).values_list("ticket_id", "sealed__text")
    titles = Ticket.objects.filter(pk__in=ids).values_list("pk", "title")
    for pk, text in [*titles, *texts]:
        if not left[pk]:
            continue
        row = " ".join(token.terms[0] for token in analyse(text) if token.terms)
        left[pk] -= {phrase for phrase in left[pk] if f" {' '.join(phrase)} " in f" {row} "}
    return {pk for pk, missing in left.items() if not missing}
