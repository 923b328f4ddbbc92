"""Asks the database for entries: the best postings of every term, as the viewer in force may read them."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from klarfall.core.isolation import current_viewer
from klarfall.knowledge.models import Posting, SearchEntry

#: Postings that one search reads at most, all terms together; entries that are looked at, and that are counted.
_MOST_POSTINGS, MOST_ENTRIES = 1400, 100
#: Postings that are read of one term: enough of many, and of few no more than can come to the first entries.
_LEAST_A_TERM, _MOST_A_TERM = 60, 300


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a reader narrows a search to; empty is everything."""

    kinds: tuple[str, ...] = ()
    products: tuple[int, ...] = ()
    areas: tuple[int, ...] = ()
    #: Only what holds for the version that came out on this day, by product.
    versions: Mapping[int, date] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.kinds or self.products or self.areas or self.versions)


@dataclass(slots=True)
class Candidate:
    """An entry that holds some of the terms, with their impacts."""

    entry: int
    article: int
    language: str
    anchor: str
    title: str
    article_title: str
    kind: str
    product: int
    area: int | None
    version_from: date | None
    version_to: date | None
    changed_at: datetime
    impacts: dict[str, float]


@dataclass(frozen=True)
class Frequencies:
    """The size of the index, its version, and in how many entries terms occur."""

    entries: int
    version: str
    having: dict[str, int]


def frequencies(terms: Sequence[str]) -> Frequencies:
    """How often the terms occur; in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version::text, entries, true FROM knowledge_indexstate"
            " UNION ALL SELECT term, entries, false FROM knowledge_term WHERE term = ANY(%s)",
            [list(terms)],
        )
        rows = cursor.fetchall()
    state = next(((name, count) for name, count, is_state in rows if is_state), ("", 0))
    return Frequencies(state[1], state[0], {name: count for name, count, is_state in rows if not is_state})


@dataclass(frozen=True)
class Best:
    """Entries in order of what their best postings add up to, and which of the terms occur at all."""

    entries: list[Candidate]
    occurs: frozenset[str]


def best(weights: Mapping[str, float], filters: Filters, excluded: Sequence[str] = ()) -> Best:
    """The entries with the heaviest postings of these terms: bounded, however common the words are."""
    if not weights:
        return Best([], frozenset())
    terms = list(weights)
    narrowed, values = _readable(filters, excluded)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH best AS MATERIALIZED (SELECT p.entry_id, t.number, p.impact, t.weight"
            " FROM unnest(%s::varchar[], %s::float8[]) WITH ORDINALITY AS t (term, weight, number)"
            f" CROSS JOIN LATERAL (SELECT * FROM ({narrowed}) r"
            " WHERE r.term = t.term ORDER BY r.impact DESC LIMIT %s) p),"
            " first AS MATERIALIZED (SELECT entry_id, sum(impact * weight) AS total FROM best GROUP BY entry_id"
            " ORDER BY 2 DESC, 1 LIMIT %s),"
            " top AS (SELECT entry_id, total, array_agg(number) AS numbers, array_agg(impact) AS impacts"
            " FROM first JOIN best USING (entry_id) GROUP BY entry_id, total)"
            " SELECT e.id, e.article_id, e.language, e.anchor, e.title, e.article_title, e.kind, e.product_id,"
            " e.area_id, e.version_from, e.version_to, e.changed_at, top.numbers, top.impacts,"
            " CASE WHEN row_number() OVER (ORDER BY top.total DESC, e.id) = 1"
            " THEN (SELECT array_agg(number) FROM (SELECT number FROM best GROUP BY number) n) END"
            # The index follows its articles by a job: what was withdrawn or hidden since then is gone at once.
            " FROM top JOIN knowledge_searchentry e ON e.id = top.entry_id"
            " JOIN knowledge_article a ON a.id = e.article_id AND a.live ORDER BY top.total DESC, e.id",
            [terms, [weights[term] for term in terms], *values, _most(terms), MOST_ENTRIES],
        )
        rows = cursor.fetchall()
    found = []
    for *columns, numbers, impacts, _occurs in rows:
        by_term = dict(zip((terms[number - 1] for number in numbers), impacts, strict=True))
        found.append(Candidate(*[*columns, by_term]))
    return Best(found, frozenset(terms[number - 1] for number in rows[0][14]) if rows else frozenset())


def complete(found: Sequence[Candidate], words: Mapping[str, Collection[str]], truncated: Collection[str]) -> None:
    """Look up the impacts of terms whose postings were more than were read.

    `words`: the term of each word of the query, and what may stand for it: nothing has to where the word itself is.
    """
    terms = list(truncated)
    at = {term: number for number, term in enumerate(terms, 1)}
    sought = [(own, [term for term in others if term in at]) for own, others in words.items()]
    missing = [
        (one.entry, at[term])
        for one in found
        for own, others in sought
        if own not in one.impacts
        for term in others
        if term not in one.impacts
    ]
    if not missing:
        return
    by_entry = {one.entry: one for one in found}
    narrowed, values = _narrowed(Posting)
    with connection.cursor() as cursor:
        # Pair by pair: with all entries and all terms, every term of these entries would be walked through.
        cursor.execute(
            "SELECT p.* FROM unnest(%s::bigint[], %s::int[]) AS w (entry, number) CROSS JOIN LATERAL"
            f" (SELECT * FROM ({narrowed}) r WHERE r.entry_id = w.entry AND r.term = (%s::varchar[])[w.number]"
            " OFFSET 0) p",
            [_array(entry for entry, _at in missing), _array(number for _entry, number in missing), *values, terms],
        )
        for entry, term, impact in cursor.fetchall():
            by_entry[entry].impacts[term] = impact


def _array(numbers: Iterable[int]) -> str:
    """As PostgreSQL writes an array: the driver takes a hundred times as long for a list of hundreds."""
    return f"{{{','.join(map(str, numbers))}}}"


def truncated(weights: Mapping[str, float], having: Mapping[str, int]) -> list[str]:
    """The terms that occur more often than `best` reads."""
    return [term for term in weights if having.get(term, 0) >= _most(weights)]


def _most(terms: Collection[str]) -> int:
    if len(terms) == 1:
        return MOST_ENTRIES
    return min(_MOST_A_TERM, max(_LEAST_A_TERM, _MOST_POSTINGS // max(1, len(terms))))


@dataclass(frozen=True, slots=True)
class Read:
    """An entry with its passages, and what is shown of its article."""

    passages: list[list[str]]
    product: str
    area: str
    version_from: str
    version_to: str
    seconds: int | None
    helped: int
    not_helped: int


def loaded(entries: Iterable[int]) -> dict[int, Read]:
    """These entries as the viewer in force may read them."""
    narrowed, values = _narrowed(SearchEntry)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.passages, p.name, coalesce(r.name, ''), e.version_from_name, e.version_to_name, e.seconds,"
            f" a.helped, a.not_helped FROM ({narrowed}) n JOIN knowledge_searchentry e ON e.id = n.id"
            " JOIN knowledge_article a ON a.id = e.article_id JOIN contracts_product p ON p.id = e.product_id"
            " LEFT JOIN contracts_area r ON r.id = e.area_id WHERE n.id = ANY(%s)",
            [*values, list(entries)],
        )
        rows = cursor.fetchall()
    return {row[0]: Read(json.loads(row[1]) if isinstance(row[1], str) else row[1], *row[2:]) for row in rows}


#: (table, viewer, day) -> the rows that this viewer may read, as SQL. Describing them costs more than reading them.
_rules: dict[tuple[str, Any, date], tuple[str, list[Any]]] = {}
_MOST_RULES = 500


def _narrowed(model: Any) -> tuple[str, list[Any]]:
    """The manager's rule for the viewer in force, as SQL with its values."""
    key = (model.__name__, current_viewer(), timezone.localdate())
    if key not in _rules:
        if len(_rules) >= _MOST_RULES:
            _rules.clear()
        columns = ("id",) if model is SearchEntry else ("entry_id", "term", "impact")
        text, values = model.objects.order_by().values(*columns).query.sql_with_params()
        _rules[key] = (text, list(values))
    return _rules[key]


def _readable(filters: Filters, excluded: Sequence[str]) -> tuple[str, list[Any]]:
    """The postings that the viewer in force may read, by the manager's rule, of entries that pass the filters."""
    text, values = _narrowed(Posting)
    conditions, more = _conditions(filters)
    if conditions:
        rule = " AND ".join(conditions)
        entries = f"SELECT FROM knowledge_searchentry e WHERE e.id = n.entry_id AND {rule}"
        text = f"SELECT n.* FROM ({text}) n WHERE EXISTS ({entries})"
        values = [*values, *more]
    if excluded:
        text = (
            f"SELECT w.* FROM ({text}) w WHERE NOT EXISTS"
            " (SELECT FROM knowledge_posting x WHERE x.entry_id = w.entry_id AND x.term = ANY(%s))"
        )
        values = [*values, list(excluded)]
    return text, values


def _conditions(filters: Filters) -> tuple[list[str], list[Any]]:
    """What an entry `e` has to be to pass."""
    found: list[tuple[str, list[Any]]] = []
    if filters.kinds:
        found.append(("e.kind = ANY(%s)", [list(filters.kinds)]))
    if filters.products:
        found.append(("e.product_id = ANY(%s)", [list(filters.products)]))
    if filters.areas:
        found.append(("e.area_id = ANY(%s)", [list(filters.areas)]))
    for product, day in filters.versions.items():
        fits = "(e.version_from IS NULL OR e.version_from <= %s) AND (e.version_to IS NULL OR e.version_to >= %s)"
        found.append((f"(e.product_id <> %s OR ({fits}))", [product, day, day]))
    return [text for text, _values in found], [value for _text, values in found for value in values]
