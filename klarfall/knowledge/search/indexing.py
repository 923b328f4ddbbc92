"""Keeps entries, postings and words as the published articles are; one writer at a time, so that none waits for two."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from django.db import connection
from django.utils import translation

from klarfall.core.isolation import SYSTEM, system_rows, viewing_as
from klarfall.knowledge.content import sections
from klarfall.knowledge.models import Article, ArticleKind, Edition, IndexState, Media, Posting, SearchEntry
from klarfall.knowledge.models.media import MediaUse
from klarfall.knowledge.search import scoring
from klarfall.knowledge.search.documents import Document, Source, documents
from klarfall.knowledge.status import EditionStatus

_CHUNK = 50
#: How else readers name a kind.
_CALLED: Mapping[str, str] = {
    ArticleKind.UPDATE: "Update Neuerungen Neu Änderungen Release Version news changes",
    ArticleKind.MANUAL: "Handbuch Dokumentation manual",
    ArticleKind.QUICK_START: "Schnelleinstieg Einstieg Erste Schritte getting started",
    ArticleKind.VIDEO: "Video Film",
}
#: Of how many articles one may have changed before all are weighed anew.
_MOSTLY = 4
#: An index whose articles were of another length on average than they are now ranks a little worse, no more.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('klarfall.knowledge.search'))"


@dataclass(frozen=True)
class Entry:
    """A row to be with its document."""

    row: SearchEntry
    document: Document


def index(articles: Iterable[int]) -> None:
    """Bring the entries of these articles in line with their published editions; what is not live has none."""
    numbers = list(articles)
    for start in range(0, len(numbers), _CHUNK):
        with viewing_as(SYSTEM):
            _write(numbers[start : start + _CHUNK], _state().averages)


def rebuild() -> int:
    """Make the whole index anew, chunk by chunk, with averages of what is there; returns the number of articles."""
    with viewing_as(SYSTEM):
        state = _state()
        state.averages = averages()
        state.save(update_fields=["averages"])
        numbers = list(system_rows(Article).order_by("pk").values_list("pk", flat=True))
    index(numbers)
    with viewing_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute(_LOCK)
        # Counted from what stands, whatever an earlier version of the analysis has counted.
        cursor.execute("DELETE FROM knowledge_term")
        cursor.execute(
            "INSERT INTO knowledge_term (term, entries) SELECT term, count(*) FROM knowledge_posting GROUP BY term"
        )
        _touch()
    return len(numbers)


def is_mostly_new(changed: int) -> bool:
    """Whether so many articles changed that the averages of the index may not hold any more."""
    with viewing_as(SYSTEM):
        return changed * _MOSTLY > system_rows(Article).filter(live=True).count()


def averages() -> dict[str, float]:
    """Average words by field of all live articles; of what cannot be counted without reading it: the usual."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT avg(array_length(string_to_array(e.title, ' '), 1)),"
            " avg(array_length(regexp_split_to_array(e.body, '\\s+'), 1))"
            " FROM knowledge_edition e JOIN knowledge_article a ON a.id = e.article_id"
            " WHERE e.status = 'published' AND a.live"
        )
        title, body = cursor.fetchone()
    found = dict(scoring.USUAL)
    return found | ({"title": float(title), "body": float(body)} if title and body else {})


def _state() -> IndexState:
    """The row of the index, locked with it."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    state, _new = IndexState.objects.get_or_create(pk=1, defaults={"version": uuid4(), "averages": dict(scoring.USUAL)})
    return state


def _write(numbers: Sequence[int], known: Mapping[str, float]) -> None:
    entries = list(_entries(numbers))
    counts, words = _remove(numbers)
    for one in SearchEntry.objects.bulk_create([entry.row for entry in entries]):
        assert one.pk  # noqa: S101 - PostgreSQL returns the keys
    rows = [(entry.row, term, value) for entry in entries for term, value in entry.document.impacts(known).items()]
    _insert(rows)
    counts.update(Counter(term for _row, term, _value in rows))
    terms_of: dict[str, str] = {}
    for entry in entries:
        words.update(Counter(entry.document.words.keys()))
        terms_of |= entry.document.words
    _count("knowledge_term", "term", [(term,) for term in counts], list(counts.values()))
    # Now and then a word stands for this term here and for that one there: one of them is kept.
    _count("knowledge_word", "word, term", [(word, terms_of.get(word, "")) for word in words], list(words.values()))
    _touch()


def _remove(numbers: Sequence[int]) -> tuple[Counter[str], Counter[str]]:
    """Take the entries away; returns, negative, what occurred in them."""
    old = system_rows(SearchEntry).filter(article__in=numbers)
    counts: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for one in old:
        document = Document("", "")
        for text, _terms, anchor in one.passages:
            document.add("body", text, anchor)
        words.subtract(Counter(document.words.keys()))
    postings = system_rows(Posting).filter(entry__in=[one.pk for one in old])
    counts.subtract(Counter(postings.values_list("term", flat=True)))
    postings._raw_delete(postings.db)
    old._raw_delete(old.db)
    return counts, words


def _insert(rows: Sequence[tuple[SearchEntry, str, float]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO knowledge_posting (entry_id, term, impact, product_id, visibility, live)"
            " SELECT * FROM unnest(%s::bigint[], %s::varchar[], %s::float8[], %s::bigint[], %s::varchar[], %s::bool[])",
            [
                [row.pk for row, _term, _value in rows],
                [term for _row, term, _value in rows],
                [value for _row, _term, value in rows],
                [row.product_id for row, _term, _value in rows],
                [row.visibility for row, _term, _value in rows],
                [row.live for row, _term, _value in rows],
            ],
        )


def _count(table: str, columns: str, keys: Sequence[tuple[str, ...]], changes: Sequence[int]) -> None:
    """Add to the numbers of entries; what occurs nowhere any more goes."""
    names = columns.split(", ")
    more = [(key, change) for key, change in zip(keys, changes, strict=True) if change > 0]
    less = [(key, -change) for key, change in zip(keys, changes, strict=True) if change < 0]
    arrays = ", ".join(["%s::varchar[]"] * len(names))
    with connection.cursor() as cursor:
        if less:
            cursor.execute(
                f"UPDATE {table} w SET entries = greatest(0, w.entries - d.n) FROM unnest(%s::varchar[], %s::int[])"
                f" AS d (key, n) WHERE w.{names[0]} = d.key",
                [[key[0] for key, _n in less], [n for _key, n in less]],
            )
            cursor.execute(
                f"DELETE FROM {table} WHERE entries = 0 AND {names[0]} = ANY(%s)", [[key[0] for key, _n in less]]
            )
        if more:
            cursor.execute(
                f"INSERT INTO {table} AS w ({columns}, entries) SELECT * FROM unnest({arrays}, %s::int[])"
                f" ON CONFLICT ({names[0]}) DO UPDATE SET entries = w.entries + excluded.entries",
                [*([key[place] for key, _n in more] for place in range(len(names))), [n for _key, n in more]],
            )


def _touch() -> None:
    IndexState.objects.filter(pk=1).update(version=uuid4(), entries=system_rows(SearchEntry).count())


def _entries(numbers: Sequence[int]) -> Iterable[Entry]:
    """The entries of the published editions of live articles."""
    editions = (
        system_rows(Edition)
        .filter(article__in=numbers, article__live=True, status=EditionStatus.PUBLISHED)
        .select_related("article__product", "article__area", "version_from", "version_to")
    )
    spoken: dict[int, list[Media]] = {}
    for media in system_rows(Media).filter(article__in=numbers, removed_at__isnull=True):
        spoken.setdefault(media.article_id, []).append(media)
    for edition in editions.order_by("pk"):
        media_of = spoken.get(edition.article_id, [])
        for document in documents(_source(edition, media_of)):
            yield Entry(_row(edition, document, media_of), document)


def _source(edition: Edition, media: Sequence[Media]) -> Source:
    article = edition.article
    is_spoken = (MediaUse.CAPTIONS, MediaUse.CHAPTERS)
    with translation.override(edition.language):
        kind = str(ArticleKind(article.kind).label)
    names = [article.product.name, kind, _CALLED.get(article.kind, "")]
    names += [one.name for one in (article.area, edition.version_from) if one is not None]
    about = edition.version_from if article.kind == ArticleKind.UPDATE else None
    return Source(
        title=edition.title,
        summary=edition.summary,
        sections=sections(edition.body),
        spoken="\n".join(one.text for one in media if one.use in is_spoken and one.language in ("", edition.language)),
        context="\n".join([*names, edition.label]),
        release=about.name if about else "",
        is_manual=article.kind == ArticleKind.MANUAL,
    )


def _row(edition: Edition, document: Document, media: Sequence[Media]) -> SearchEntry:
    article = edition.article
    first, last = edition.version_from, edition.version_to
    return SearchEntry(
        article=article,
        language=edition.language,
        anchor=document.anchor,
        title=document.title[:300],
        article_title=document.article_title[:300],
        kind=article.kind,
        product=article.product,
        area=article.area,
        visibility=article.visibility,
        live=article.live,
        version_from=first.released_on if first else None,
        version_to=last.released_on if last else None,
        version_from_name=first.name if first else "",
        version_to_name=last.name if last else "",
        seconds=next((one.duration for one in media if one.use == MediaUse.VIDEO), None),
        changed_at=edition.published_at or edition.changed_at,
        passages=document.passages,
    )
