"""What pages ask the search: find, suggest while typing, and what fits the text of a request."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from klarfall.core.search import query as queries
from klarfall.core.search.passages import Part
from klarfall.core.search.query import Query
from klarfall.core.search.terms import analyse
from klarfall.knowledge.search import answers, candidates, passages, ranking, reader
from klarfall.knowledge.search.answers import Answers, known_synonyms
from klarfall.knowledge.search.answers import Found as Article
from klarfall.knowledge.search.candidates import Filters
from klarfall.knowledge.search.lexicon import lexicon
from klarfall.knowledge.search.requests import telling_query

__all__ = ["Chapter", "Facets", "Filters", "Found", "Hit", "Suggestion", "find", "fitting", "suggest"]

#: More hits than this are not counted.
MOST = candidates.MOST_ENTRIES
_LONGEST_REQUEST = 4000
_MOST_ALSO = 3
#: Hits in which words are looked up as they are written.
_MOST_READ = 5
#: What is worth less than this share of the best does not fit.
_BESIDE_BEST = 0.4


@dataclass(frozen=True)
class Chapter:
    """Another chapter of the same manual that answers as well."""

    anchor: str
    title: str


@dataclass(frozen=True)
class Hit:
    """An article that answers; titles and passages in parts, of which the marked ones were sought."""

    article_id: int
    anchor: str
    title: str
    title_parts: tuple[Part, ...]
    passage: tuple[Part, ...]
    kind: str
    #: The manual of a chapter, else empty.
    article_title: str
    product_id: int
    product: str
    area: str
    language: str
    version_from: str
    version_to: str
    changed_at: datetime
    seconds: int | None
    helped: int
    votes: int
    chapters: tuple[Chapter, ...] = ()
    #: Whether it holds for the reader's version; None: for any, or nobody knows.
    fits: bool | None = None
    #: It is a chapter of a manual, and `anchor` its name.
    chapter: bool = False


@dataclass(frozen=True)
class Facets:
    """How many hits there are of each kind, product and area, and how many hold for the reader's version."""

    kinds: dict[str, int]
    products: dict[int, int]
    areas: dict[int, int]
    fitting: int = 0


@dataclass(frozen=True)
class Found:
    """The answer to a search."""

    hits: tuple[Hit, ...] = ()
    #: Never more than MOST.
    count: int = 0
    more: bool = False
    facets: Facets = Facets({}, {}, {})
    #: Nothing answers well: what is there are the nearest.
    unsure: bool = False
    #: The query as it was probably meant, if a word of it is unknown; empty otherwise.
    meant: str = ""
    #: Other words under which was searched.
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """A title that may be what somebody begins to type."""

    article_id: int
    anchor: str
    title: str
    kind: str


def find(
    text: str,
    *,
    filters: Filters | None = None,
    limit: int = 10,
    after: int = 0,
    exact: bool = False,
    installed: dict[int, reader.Version] | None = None,
) -> Found:
    """Search as the viewer in force; `after` hits are skipped, `exact` does without synonyms and corrections.

    `installed`: the versions that the reader runs, if the caller knows them already.
    """
    typed = queries.parse(text)
    if not typed.words:
        return Found()
    query = typed if exact else known_synonyms().expanded(typed)
    filters, versions = filters or Filters(), _days() if installed is None else installed
    found = answers.search(query, filters, correct=not exact, versions=versions)
    everything = answers.search(query, Filters(), correct=not exact, by="words") if filters else found
    shown = found.found[after : after + limit]
    _load(shown, found)
    return Found(
        hits=tuple(_hit(one, found, versions) for one in shown if one.entry is not None),
        count=len(found.found),
        more=len(found.found) > after + limit,
        facets=_facets(everything, versions),
        unsure=found.unsure,
        meant=_meant(typed, found),
        also=_also(found),
    )


def suggest(text: str, *, limit: int = 6) -> list[Suggestion]:
    """Titles for what was typed so far: the last word may be unfinished, and words may be misspelt."""
    query = queries.parse(text)
    if not query.words:
        return []
    if query.last_is_prefix:
        last = query.words[-1]
        begun = lexicon(candidates.frequencies([]).version).begun(last.text)
        query = replace(query, words=(*query.words[:-1], last.also(begun)))
    found = answers.search(query, Filters(), by="titles")
    first = [one for one in found.found[: answers.LOOKED_AT] if one.facts is not None]
    named = [one for one in first if one.facts and one.facts.in_title > 0]
    best = max((one.facts.in_title for one in named if one.facts), default=0.0)
    named.sort(key=lambda one: bool(one.facts and one.facts.in_title < best * 0.8))
    return [
        Suggestion(one.candidate.article, one.candidate.anchor, one.candidate.title, one.candidate.kind)
        for one in named[:limit]
    ]


def fitting(text: str, *, product_id: int | None = None, area_id: int | None = None, limit: int = 3) -> list[Hit]:
    """Articles for the whole text of a request; nothing rather than what only shares some words with it."""
    query = telling_query(text[:_LONGEST_REQUEST], known_synonyms())
    if not query.words:
        return []
    versions = _days()
    filters = Filters(products=(product_id,) if product_id else ())
    found = answers.search(query, filters, correct=False, versions=versions)
    chosen = [one for one in found.found[: answers.LOOKED_AT] if ranking.is_fitting(one.facts, one.answer.met)]
    best = max((_worth(one) for one in chosen), default=0.0)
    chosen = [one for one in chosen if _worth(one) >= best * _BESIDE_BEST]
    if area_id is not None:  # among those that fit nearly alike, the chosen area comes first
        chosen.sort(key=lambda one: -_worth(one) * (1.15 if one.candidate.area == area_id else 1.0))
    return [_hit(one, found, versions) for one in chosen[:limit]]


def _worth(one: Article) -> float:
    return ranking.worth(one.facts) if one.facts else 0.0


def _days() -> dict[int, reader.Version]:
    return reader.versions()


def _load(shown: Sequence[Article], found: Answers) -> None:
    """Read the passages of hits beyond those that were ordered by them."""
    missing = [one for one in shown if one.entry is None]
    rows = candidates.loaded(one.candidate.entry for one in missing) if missing else {}
    matcher = passages.Matcher(found.wanted)
    for one in missing:
        one.entry = rows.get(one.candidate.entry)
        one.place = matcher.best_place(one.entry.passages) if one.entry else one.place


def _hit(one: Article, found: Answers, versions: dict[int, reader.Version]) -> Hit:
    entry, candidate = one.entry, one.candidate
    assert entry is not None  # noqa: S101 - only loaded ones are shown
    return Hit(
        article_id=candidate.article,
        anchor=candidate.anchor or one.place.anchor,
        title=candidate.title,
        title_parts=passages.marked(candidate.title, found.wanted, terms=entry.passages[0][1], whole=True),
        passage=passages.marked(one.place.text, found.wanted, terms=one.place.terms),
        kind=candidate.kind,
        article_title=candidate.article_title,
        product_id=candidate.product,
        product=entry.product,
        area=entry.area,
        language=candidate.language,
        version_from=entry.version_from,
        version_to=entry.version_to,
        changed_at=candidate.changed_at,
        seconds=entry.seconds,
        helped=entry.helped,
        votes=entry.helped + entry.not_helped,
        chapters=tuple(Chapter(two.anchor, two.title) for two in one.others if two.anchor != candidate.anchor),
        fits=answers.fits(candidate, versions),
        chapter=bool(candidate.anchor),
    )


def _facets(found: Answers, versions: dict[int, reader.Version]) -> Facets:
    rows = [one.candidate for one in found.found]
    return Facets(
        kinds=dict(Counter(one.kind for one in rows)),
        products=dict(Counter(one.product for one in rows)),
        areas=dict(Counter(one.area for one in rows if one.area is not None)),
        fitting=sum(answers.fits(one, versions) is not False for one in rows),
    )


def _meant(query: Query, found: Answers) -> str:
    """The query with its unknown words as they are written in hits: what the reader may read, and nothing else."""
    corrected = {one.text: one for one in found.corrected}
    if not corrected or found.unsure:
        return ""
    changed, text = False, query.text
    for typed, word in corrected.items():
        terms = {term for one in word.alternatives if one.kind == "spelling" for term in one.terms}
        if written := _written(terms, _texts(found)):
            text, changed = text.replace(typed, written, 1), True
    return text if changed else ""


def _also(found: Answers) -> tuple[str, ...]:
    """The synonyms that led to hits, as they are written there."""
    shown: dict[str, None] = {}
    texts = list(_texts(found))
    here = {term for _text, places in texts for term in places.replace(" ", "|").split("|")}
    for one in found.wanted:
        own = {term for two in one.alternatives if two.kind in ("whole", "part") for term in two.terms}
        for alternative in one.alternatives if len(shown) < _MOST_ALSO else ():
            is_other = alternative.kind == "synonym" and len(alternative.terms) == 1 and alternative.terms[0] not in own
            if is_other and alternative.terms[0] in here and (written := _written(set(alternative.terms), texts)):
                shown[written] = None
    return tuple(shown)[:_MOST_ALSO]


def _written(terms: set[str], texts: Iterable[tuple[str, str]]) -> str:
    """The shortest word that stands for one of the terms in the first text that has one."""
    marks = [f"{term}|" for term in terms]
    for text, places in texts:
        if text and any(mark in places for mark in marks):
            tokens = (token for token in analyse(text) if token.terms and token.terms[0] in terms)
            if written := {text[token.start : token.end] for token in tokens}:
                return min(written, key=lambda word: (len(word), word))
    return ""


def _texts(found: Answers) -> Iterator[tuple[str, str]]:
    for one in found.found[:_MOST_READ]:
        if one.entry is not None:
            yield from ((text, places) for text, places, _anchor in one.entry.passages)
