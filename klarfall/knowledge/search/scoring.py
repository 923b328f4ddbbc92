"""What a term says about an entry: BM25 over fields, without the part that depends on the query. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How much an occurrence in a field weighs, and how far a long field counts less (0: not at all, 1: fully)."""

    weight: float
    evened: float


#: A title says most. `context` is what an entry belongs to: product, version, kind, the manual around a chapter;
#: `release` is the version that an update description is about.
FIELDS: Mapping[str, FieldRule] = {
    "title": FieldRule(5.0, 0.3),
    "summary": FieldRule(2.0, 0.3),
    "heading": FieldRule(2.5, 0.3),
    "context": FieldRule(1.5, 0.0),
    "release": FieldRule(4.0, 0.0),
    "body": FieldRule(1.0, 0.6),
}
#: A word by itself, the last part of a compound (what it is), its other parts (what kind of it).
WHOLE, HEAD, MODIFIER = 1.0, 0.65, 0.5
#: Where the tenth occurrence of a word stops to say more than the fifth.
SATURATION = 1.2
#: Words by field of an ordinary article, until an index knows its own.
USUAL: Mapping[str, float] = {"title": 6, "summary": 15, "heading": 12, "context": 6, "release": 1, "body": 200}


def impact(counts: Mapping[str, float], lengths: Mapping[str, int], averages: Mapping[str, float]) -> float:
    """The weight of a term in an entry, 0 to 1: weighted occurrences by field, `lengths` in words.

    BM25F (Robertson, Zaragoza: The Probabilistic Relevance Framework), times the rarity of the term at the query.
    """
    total = 0.0
    for field, count in counts.items():
        rule = FIELDS[field]
        relative = lengths[field] / max(1.0, averages.get(field, USUAL[field]))
        total += rule.weight * count / (1 - rule.evened + rule.evened * relative)
    return total / (SATURATION + total)


def rarity(entries: int, having: int) -> float:
    """How much it says that a term occurs at all (inverse document frequency), always above 0."""
    having = min(having, entries)
    return math.log(1 + (entries - having + 0.5) / (having + 0.5))
