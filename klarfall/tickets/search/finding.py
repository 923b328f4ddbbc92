"""Find tickets by words: for the desk among all of them, for customers among their own newest ones."""

from dataclasses import dataclass, field, replace

from django.db.models.expressions import RawSQL

from klarfall.core.isolation import current_viewer
from klarfall.core.search import thesaurus
from klarfall.core.search.query import Query, QueryWord, parse
from klarfall.core.search.terms import analyse
from klarfall.tickets.models import Message, SharedWords, Ticket
from klarfall.tickets.search.vocabulary import corrected
from klarfall.tickets.search.walking import Walked, newest_with

#: Of a customer's own tickets so many are looked at, the newest of them.
_OWN = 1_000
#: Tickets whose texts are read to see whether the words stand in a row.
_PHRASE_CANDIDATES = 120
#: Parts and synonyms with which one word is looked for.
_MOST_ALTERNATIVES = 16


@dataclass(frozen=True)
class FoundTickets:
    """Ids of tickets, the newest first; `more` is the id below which the search goes on, None at the end.

    `query`: the words that were looked for, with everything that may stand for them.
    `bounded`: a search for a phrase or a beginning looked at the newest tickets only.
    """

    ids: list[int]
    more: int | None = None
    bounded: bool = False
    query: Query = field(default_factory=Query)


def find(query: Query, *, below: int | None = None, limit: int = 25) -> FoundTickets:
    """The newest tickets that hold all words of the query, or what may stand for each; for staff.

    A few bounded statements at any size. `parse` gives the words and their parts: those are looked for whole by
    `whole(query)`, with synonyms by `widened(query)`, and as they may be meant by `meant(query)`.
    """
    asked = condition(query)
    return _page(query, asked, below, limit) if asked else FoundTickets([], query=query)


def whole(query: Query) -> Query:
    """The words as they are asked for, not their parts."""
    return replace(query, words=tuple(_only_whole(word) for word in query.words))


def widened(query: Query) -> Query | None:
    """The same with the parts of compounds and with synonyms; None if that finds nothing else.

    Not for phrases, and not for words with a + or in quotation marks: they are meant as they stand.
    """
    if query.phrases:
        return None
    wide = thesaurus.in_force().expanded(query)
    words = tuple(_only_whole(word) if word.must or word.prefix else _bounded(word) for word in wide.words)
    return replace(wide, words=words) if any(len(word.alternatives) > 1 for word in words) else None


def meant(query: Query) -> Query | None:
    """The same with near words for those that nobody writes; None if there are none."""
    if query.phrases:
        return None
    near = {word.term: word for word in corrected(query)}
    return replace(query, words=tuple(near.get(word.term, word) for word in query.words)) if near else None


def own_tickets(text: str, limit: int = 5) -> list[Ticket]:
    """The newest tickets that the contact in force sees and that hold all the words; nothing for anybody else.

    Where these are few, also such with parts and synonyms. No spelling is offered: words of others would show in it.
    One statement.
    """
    viewer = current_viewer()
    query = parse(text)
    if viewer is None or not viewer.seats or not query.words:
        return []
    exact = whole(query)
    newest = SharedWords.objects.filter(customer_id__in=viewer.customer_ids).order_by("-ticket_id")[:_OWN]
    rows = SharedWords.objects.filter(pk__in=newest.values("pk")).annotate(
        hit=RawSQL("words @@ %s::tsquery", [condition(widened(query) or exact)]),
        exact=RawSQL("words @@ %s::tsquery", [condition(exact)]),
    )
    ids = rows.filter(hit=True).order_by("-exact", "-ticket_id").values("ticket_id")[:limit]
    return list(Ticket.objects.filter(pk__in=ids).select_related("product").order_by("-pk"))


def condition(query: Query) -> str:
    """The query as a tsquery: of every word one of its alternatives, none of the excluded."""
    wanted = [_any_of(word) for word in query.words]
    unwanted = [f"!({_any_of(_only_whole(word))})" for word in query.excluded]
    return " & ".join([*wanted, *unwanted]) if wanted else ""


def _any_of(word: QueryWord) -> str:
    ending = ":*" if word.prefix else ""
    sets = ("(" + " & ".join(_quoted(term) + ending for term in one.terms) + ")" for one in word.alternatives)
    return "(" + " | ".join(sets) + ")"


def _only_whole(word: QueryWord) -> QueryWord:
    return replace(word, alternatives=tuple(one for one in word.alternatives if one.kind == "whole"))


def _bounded(word: QueryWord) -> QueryWord:
    """The word with its best alternatives, itself first."""
    first, *others = word.alternatives
    best = sorted(others, key=lambda one: -one.weight)[:_MOST_ALTERNATIVES]
    return replace(word, alternatives=(first, *best))


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def _page(query: Query, asked: str, below: int | None, limit: int) -> FoundTickets:
    beginnings = any(word.prefix for word in query.words)
    if not query.phrases:
        walked = newest_with(asked, below=below, limit=limit, by_index=not beginnings)
        ids = walked.ids[:limit]
        more = ids[-1] if len(walked.ids) > limit else None
        return FoundTickets(ids, more, beginnings and more is None and not walked.complete, query)
    walked = newest_with(asked, below=below, limit=_PHRASE_CANDIDATES, by_index=not beginnings)
    return _in_a_row(query, walked, limit)


def _in_a_row(query: Query, walked: Walked, limit: int) -> FoundTickets:
    """Those in whose texts every phrase stands in a row; the texts of some candidates are read for it."""
    candidates = walked.ids[:_PHRASE_CANDIDATES]
    fitting = _with_phrases(query.phrases, candidates)
    ids = [pk for pk in candidates if pk in fitting]
    if len(ids) > limit:
        return FoundTickets(ids[:limit], ids[limit - 1], query=query)
    more = candidates[-1] if len(walked.ids) > _PHRASE_CANDIDATES else None
    return FoundTickets(ids, more, more is not None, query)


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
