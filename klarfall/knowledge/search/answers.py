"""From a query to ordered entries: candidates, corrected words, weights, the order of hits."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.core.cache import cache
from django.utils import timezone, translation

from klarfall.core.search import synonyms
from klarfall.core.search.folding import fold
from klarfall.core.search.query import Alternative, Query, QueryWord
from klarfall.core.search.stems import stem
from klarfall.knowledge.models import ArticleKind, SynonymGroup
from klarfall.knowledge.search import candidates, passages, ranking
from klarfall.knowledge.search.candidates import Candidate, Filters
from klarfall.knowledge.search.lexicon import lexicon
from klarfall.knowledge.search.ranking import Facts
from klarfall.knowledge.search.reader import Version
from klarfall.knowledge.search.scoring import rarity
from klarfall.knowledge.search.wanted import Answer, Scorer, Wanted, terms_of, weigh, weights

Versions = dict[int, Version]
#: What other words for a corrected one are worth beside it.
_BESIDE_IT = 0.65
#: Words of who asks what is new in a version, and how a version is numbered.
_NEWS = frozenset(map(stem, fold("neu neuerung änderung update release korrektur new news changes").split()))
_NUMBER = re.compile(r"\d+(\.\d+)+")
#: Articles whose passages are read to order them; the rest keep the order of their words.
LOOKED_AT = 14
#: Entries whose impacts are completed.
_COMPLETED = 32
#: What covers less of the query than this share of the best hit is no hit.
_BESIDE = 0.12
#: Further chapters of a manual are named if they answer nearly as well.
_BESIDE_CHAPTER, _MOST_CHAPTERS = 0.6, 4


@dataclass(slots=True)
class Found:
    """An article that answers, with the best of its entries and the others (chapters)."""

    candidate: Candidate
    answer: Answer
    others: list[Candidate]
    entry: candidates.Read | None = None
    facts: Facts | None = None
    place: passages.Place = field(default_factory=passages.Place)


@dataclass(frozen=True)
class Answers:
    """Everything about one search: articles in order, the words as they were weighed, and whether one may trust it."""

    found: list[Found]
    wanted: list[Wanted]
    unsure: bool
    #: Words that were corrected.
    corrected: tuple[QueryWord, ...] = ()


def known_synonyms() -> synonyms.Synonyms:
    """The general list with the editors' groups; kept until an editor changes one."""
    found: synonyms.Synonyms = cache.get_or_set("klarfall.synonyms", _read_synonyms)  # type: ignore[assignment]
    return found


def _read_synonyms() -> synonyms.Synonyms:
    groups, narrower = synonyms.general()
    own = [tuple(group.words) for group in SynonymGroup.objects.filter(active=True)]
    return synonyms.Synonyms([*groups, *own], narrower)


def search(
    query: Query, filters: Filters, *, correct: bool = True, versions: Versions | None = None, by: str = "passages"
) -> Answers:
    """The articles that answer, as the viewer in force may read them; in at most six statements.

    Ordered `by` what "passages" or only "titles" say, or by the "words" as they occur, which is enough to count.
    """
    terms = terms_of(query)
    known = candidates.frequencies(terms)
    having = dict(known.having)
    excluded = [word.term for word in query.excluded]
    wanted = weigh(query, known.entries, having)
    best = candidates.best(weights(wanted, known.entries, having), filters, excluded)
    wanted = weigh(query, known.entries, having, best.occurs)
    corrected: tuple[QueryWord, ...] = ()
    if correct and known.entries and any(one.word.term not in best.occurs and not one.word.must for one in wanted):
        query, corrected = _corrected(query, wanted, known.version, best.occurs)
        if corrected:
            having |= candidates.frequencies(terms_of(query)).having
            wanted = weigh(query, known.entries, having, best.occurs)
            best = candidates.best(weights(wanted, known.entries, having), filters, excluded)
            wanted = weigh(query, known.entries, having, best.occurs)
    # What occurs only where the viewer may not read counts as if it were nowhere.
    having = {term: count for term, count in having.items() if term in best.occurs}
    wanted = weigh(query, known.entries, having, best.occurs)
    found = _articles(best.entries, wanted, known.entries, having)
    if query.phrases or by == "passages":
        found = _ordered(query, found, wanted, versions or {})
    elif by == "titles":
        found = _by_titles(found, wanted, versions or {})
    return Answers(found, wanted, _unsure(found, wanted), corrected)


def _corrected(
    query: Query, wanted: Sequence[Wanted], version: str, occurs: frozenset[str]
) -> tuple[Query, tuple[QueryWord, ...]]:
    """The query with near words for unknown ones; those known by their parts only may lack dots (Zahlerstand)."""
    words, changed = [], []
    for one in wanted:
        near: tuple[Alternative, ...] = ()
        if not one.word.must and one.word.term not in occurs:
            near = lexicon(version).dotted(one.word.text) if one.known else _near(one.word.text, version)
        words.append(one.word.also(near) if near else one.word)
        if near:
            changed.append(words[-1])
    return replace(query, words=tuple(words)), tuple(changed)


def _near(word: str, version: str) -> tuple[Alternative, ...]:
    """Near words that occur, and other words for them and for near words of the lists that occur nowhere."""
    known = known_synonyms()
    found = lexicon(version).near(word)
    others = {one.terms[0]: one.weight * _BESIDE_IT for one in found if len(one.terms) == 1} or known.near(word)
    return (*found, *_instead(known, others))


def _instead(known: synonyms.Synonyms, corrected: dict[str, float]) -> Iterable[Alternative]:
    for term, weight in corrected.items():
        for one in known.of([term]):
            yield Alternative(one.terms, "instead", weight * one.weight)


def _articles(entries: Sequence[Candidate], wanted: list[Wanted], size: int, having: dict[str, int]) -> list[Found]:
    """One for each article, in the order of the words alone; what covers too little beside the best is left out."""
    upper = weights(wanted, size, having)
    sought = {one.word.term: {term for two in one.alternatives for term in two.terms} for one in wanted}
    candidates.complete(entries[:_COMPLETED], sought, candidates.truncated(upper, having))
    rare = {term: rarity(size, having.get(term, 0)) for one in wanted for two in one.alternatives for term in two.terms}
    scorer = Scorer(wanted, rare)
    by_article: dict[int, list[tuple[Answer, Candidate]]] = {}
    for one in entries:
        answered = scorer.answer(one.impacts)
        if _has_musts(answered, wanted):
            by_article.setdefault(one.article, []).append((answered, one))
    language = _language()
    found = [_of_article(rows, language) for rows in by_article.values()]
    most = max((one.answer.coverage for one in found), default=0.0)
    found = [one for one in found if one.answer.coverage >= _BESIDE * most and one.answer.score > 0]
    return sorted(found, key=lambda one: (-_plain(one.answer), one.candidate.article))


def _plain(answered: Answer) -> float:
    return answered.score * (0.35 + 0.65 * answered.coverage)


def _has_musts(answered: Answer, wanted: Sequence[Wanted]) -> bool:
    return all(met >= 1 for met, one in zip(answered.met, wanted, strict=True) if one.word.must)


def _language() -> str:
    return (translation.get_language() or "de")[:2]


def _of_article(rows: list[tuple[Answer, Candidate]], language: str) -> Found:
    """The best entry: in the reader's language if it answers; a chapter before the whole if it answers as well."""
    if len(rows) == 1:
        return Found(rows[0][1], rows[0][0], [])
    own = [row for row in rows if row[1].language == language]
    most = max(_plain(answered) for answered, _one in rows)
    if own and max(_plain(answered) for answered, _one in own) >= 0.4 * most:
        rows = own

    def order(row: tuple[Answer, Candidate]) -> tuple[float, int]:
        answered, one = row
        return (-_plain(answered) * (1.0 if one.anchor else 0.95), one.entry)

    (answered, one), *rest = sorted(rows, key=order)
    more = [other for also, other in rest if other.anchor and _plain(also) >= _BESIDE_CHAPTER * _plain(answered)]
    return Found(one, answered, more[:_MOST_CHAPTERS])


def _ordered(query: Query, found: list[Found], wanted: list[Wanted], versions: Versions) -> list[Found]:
    """The first ones in the order of everything that is known of them; phrases are looked up in their words."""
    looked_at = found[: LOOKED_AT * 2 if query.phrases else LOOKED_AT]
    rows = candidates.loaded(one.candidate.entry for one in looked_at)
    matcher, best = passages.Matcher(wanted), sum(one.telling for one in wanted) or 1.0
    is_news = asks_news(query)
    kept = []
    for one in looked_at:
        one.entry = rows.get(one.candidate.entry)
        if one.entry is None or not all(passages.follows(one.entry.passages, phrase) for phrase in query.phrases):
            continue
        one.place = matcher.best_place(one.entry.passages)
        title, context = one.entry.passages[0][1], passages.context(one.entry.passages)
        facts = _facts(one, matcher, best, versions, title=title, context=context)
        one.facts = replace(
            facts,
            helped=one.entry.helped,
            not_helped=one.entry.not_helped,
            in_passage=one.place.covered,
            is_asked_news=is_news and one.candidate.kind == ArticleKind.UPDATE,
            together=max(one.place.together, facts.together),
        )
        kept.append(one)
    kept.sort(key=_order)
    return kept if query.phrases else kept + found[LOOKED_AT:]


def asks_news(query: Query) -> bool:
    """Whether it is asked what a version brought: "Neu in 8.4", "Update 8.4.1"."""
    terms = {word.term for word in query.words}
    return not terms.isdisjoint(_NEWS) and any(_NUMBER.fullmatch(term) for term in terms)


def _by_titles(found: list[Found], wanted: list[Wanted], versions: Versions) -> list[Found]:
    """The same without passages, for suggestions."""
    matcher, best = passages.Matcher(wanted), sum(one.telling for one in wanted) or 1.0
    for one in found[:LOOKED_AT]:
        one.facts = _facts(one, matcher, best, versions, title=passages.terms_in(one.candidate.title))
    return sorted(found[:LOOKED_AT], key=_order)


def _order(one: Found) -> tuple[float, int]:
    return -ranking.worth(one.facts) if one.facts else 0.0, one.candidate.article


def _facts(
    one: Found, matcher: passages.Matcher, best: float, versions: Versions, *, title: str, context: str = ""
) -> Facts:
    candidate = one.candidate
    return Facts(
        score=one.answer.score / best,
        coverage=one.answer.coverage,
        in_title=matcher.share(matcher.held(title), matcher.held(context)),
        of_title=matcher.share_of(title),
        together=matcher.together(title),
        kind=candidate.kind,
        fits=fits(candidate, versions),
        years=(timezone.now() - candidate.changed_at).days / 365,
        is_translation_missing=candidate.language != _language(),
    )


def fits(one: Candidate, versions: Versions) -> bool | None:
    """Whether it holds for the version that the reader has of its product; None: it holds for any, or nobody knows."""
    own = versions.get(one.product)
    if own is None or (one.version_from is None and one.version_to is None):
        return None
    begun = one.version_from is None or one.version_from <= own.released_on
    # Whoever has an update has all that came before it.
    return begun and (one.kind == ArticleKind.UPDATE or one.version_to is None or one.version_to >= own.released_on)


def _unsure(found: Sequence[Found], wanted: Sequence[Wanted]) -> bool:
    if not found or found[0].facts is None:
        return True
    facts = found[0].facts
    return ranking.is_unsure(facts.coverage, facts.in_title, facts.in_passage, len(wanted))
