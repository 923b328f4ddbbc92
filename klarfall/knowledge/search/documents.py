"""What the index keeps of an edition: entries with passages, weighted terms and words. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from klarfall.core.search import terms
from klarfall.knowledge.content import Section
from klarfall.knowledge.search import scoring

#: Words of a passage that is shown with a hit, and how many passages an entry keeps.
_PASSAGE_WORDS, _MOST_PASSAGES = 60, 300
_LONGEST_PASSAGE = 700
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+")
_LONGEST_TERM = 60


@dataclass(frozen=True, slots=True)
class Source:
    """The texts of one edition, with what it belongs to."""

    title: str
    summary: str
    sections: tuple[Section, ...]
    #: Captions and chapters of its videos.
    spoken: str = ""
    #: Names of product, version, area, kind.
    context: str = ""
    #: The version that it is about, not only valid for.
    release: str = ""
    is_manual: bool = False


@dataclass(slots=True)
class Document:
    """One entry to be."""

    anchor: str
    title: str
    article_title: str = ""
    #: [text, terms of its words, anchor]: every word is `whole|part|part|`, a stop word `.`, in order. First the title,
    #: then, without a text, what the entry belongs to.
    passages: list[list[str]] = field(default_factory=list)
    #: Field -> weighted occurrences of each term.
    counts: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))
    lengths: Counter[str] = field(default_factory=Counter)
    #: Word as written -> its term.
    words: dict[str, str] = field(default_factory=dict)

    def begin(self, title: str, context: str, release: str, anchor: str = "") -> None:
        """Count title and context, which every entry has first."""
        self.add("title", title, anchor)
        places = self._count("context", context, kept=False) + self._count("release", release, kept=False)
        self.lengths["context"] += len(places)
        self.lengths["release"] += 1
        self.passages.append(["", " ".join(places), ""])

    def add(self, name: str, text: str, anchor: str = "") -> None:
        """Count a text in a field; it becomes a passage as long as there are not too many."""
        if not text:
            return
        kept = len(self.passages) < _MOST_PASSAGES
        places = self._count(name, text, kept)
        self.lengths[name] += len(places)
        if kept:
            self.passages.append([text, " ".join(places), anchor])

    def _count(self, name: str, text: str, kept: bool) -> list[str]:
        places, counts = [], self.counts[name]
        for token in terms.analyse(text):
            found = token.terms
            places.append("|".join((*found, "")) if found else ".")
            for term, weight in weighted(found):
                counts[term] += weight
            if kept and found and len(word := text[token.start : token.end]) <= _LONGEST_TERM:
                self.words.setdefault(word, found[0])
        return places

    def impacts(self, averages: Mapping[str, float]) -> dict[str, float]:
        """Term -> its weight in this entry."""
        by_term: dict[str, dict[str, float]] = defaultdict(dict)
        for name, counts in self.counts.items():
            for term, count in counts.items():
                by_term[term][name] = count
        return {term: scoring.impact(counts, self.lengths, averages) for term, counts in by_term.items()}


def weighted(found: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    """The terms of one word with their weights: the whole, the last part, the others."""
    for place, term in enumerate(found):
        last = place == len(found) - 1
        yield term, scoring.WHOLE if place == 0 else scoring.HEAD if last else scoring.MODIFIER


def documents(source: Source) -> list[Document]:
    """The entry of the whole text, and one for each chapter of a manual."""
    whole = Document("", source.title)
    whole.begin(source.title, source.context, source.release)
    whole.add("summary", source.summary)
    _add_sections(whole, source.sections)
    for text in cut(source.spoken):
        whole.add("body", text)
    return [whole, *(_chapters(source) if source.is_manual else ())]


def _chapters(source: Source) -> Iterator[Document]:
    groups: list[list[Section]] = []
    top = min((one.level for one in source.sections if one.anchor), default=0)
    for one in source.sections:
        if one.anchor and one.level == top:
            groups.append([one])
        elif groups:
            groups[-1].append(one)
    if len(groups) < 2:  # noqa: PLR2004 - a single chapter is the whole
        return
    for head, *rest in groups:
        chapter = Document(head.anchor, head.heading, article_title=source.title)
        chapter.begin(head.heading, f"{source.title}\n{source.context}", source.release, head.anchor)
        _add_sections(chapter, [Section(head.anchor, "", head.level, head.text), *rest])
        yield chapter


def _add_sections(document: Document, found: Iterable[Section]) -> None:
    for one in found:
        document.add("heading", one.heading, one.anchor)
        for text in cut(one.text):
            document.add("body", text, one.anchor)


def cut(text: str) -> Iterator[str]:
    """Passages of about sixty words, cut between lines and sentences."""
    waiting: list[str] = []
    words = size = 0
    for piece in _pieces(text):
        count = piece.count(" ") + 1
        if waiting and (words + count > _PASSAGE_WORDS or size + len(piece) > _LONGEST_PASSAGE):
            yield " ".join(waiting)
            waiting, words, size = [], 0, 0
        waiting.append(piece)
        words += count
        size += len(piece) + 1
    if waiting:
        yield " ".join(waiting)


def _pieces(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for sentence in _SENTENCE.split(line.strip()) if len(line) > _LONGEST_PASSAGE // 2 else [line.strip()]:
            start = 0
            while len(sentence) - start > _LONGEST_PASSAGE:
                end = sentence.rfind(" ", start, start + _LONGEST_PASSAGE) + 1 or start + _LONGEST_PASSAGE
                yield sentence[start:end].strip()
                start = end
            if piece := sentence[start:].strip():
                yield piece
