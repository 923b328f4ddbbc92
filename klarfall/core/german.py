"""Inflects German noun phrases: articles, adjectives and the noun, for a noun of any gender.

A phrase is what stands before a noun and depends on it: `zur neuen Anfrage`, `des Kostenhinweises`, `Ihr Nachweis`.
It is taken apart under the noun that it was written with and put together again under another one. Everything here is
pure; the tables are those of any grammar.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from klarfall.core.words import Noun

Case = Literal["N", "A", "D", "G"]
CASES: tuple[Case, ...] = ("N", "A", "D", "G")


class Slot(NamedTuple):
    """Where a phrase stands in its sentence: its case, and whether it is plural."""

    case: Case
    plural: bool

    def __str__(self) -> str:
        return self.case + ("P" if self.plural else "")


def _table(text: str) -> dict[str, dict[str, str]]:
    """Columns m, f, n, plural ("p") of the four cases; `-` is no ending."""
    rows = [["" if cell == "-" else cell for cell in row.split()] for row in text.split(",")]
    return {case: dict(zip("mfnp", row, strict=True)) for case, row in zip(CASES, rows, strict=True)}


_DEFINITE = _table("der die das die, den die das die, dem der dem den, des der des der")
_PRONOUN = _table("er sie es sie, ihn sie es sie, ihm ihr ihm ihnen, seiner ihrer seiner ihrer")
_LIKE_DIESER = _table("er e es e, en e es e, em er em en, es er es er")
_LIKE_EIN = _table("- e - e, en e - e, em er em en, es er es er")
_WEAK = _table("e e e en, en e e en, en en en en, en en en en")
_MIXED = _table("er e es en, en e es en, en en en en, en en en en")
_STRONG = _table("er e es e, en e es e, em er em en, en er en er")

_DIESER = ("dies", "jed", "jen", "welch", "all", "manch")
_EIN = ("ein", "kein", "mein", "sein", "ihr", "unser")
_CONTRACTED = {
    "im": ("in", "dem"),
    "zum": ("zu", "dem"),
    "zur": ("zu", "der"),
    "vom": ("von", "dem"),
    "beim": ("bei", "dem"),
    "am": ("an", "dem"),
    "ins": ("in", "das"),
    "ans": ("an", "das"),
}
_CONTRACT = {pair: short for short, pair in _CONTRACTED.items()}
_PREPOSITIONS = {preposition for preposition, _article in _CONTRACTED.values()}
_FIXED = {"und", "oder", "noch", "schon"}


@dataclass(frozen=True)
class Phrase:
    """A phrase without endings: what it takes to say it of another noun."""

    slot: Slot
    preposition: str
    #: "der" for the article, the stem of *dieser* or *ein*, "er" for the pronoun, or nothing.
    determiner: str
    #: Stems of adjectives; words that never change are marked with `=` in front.
    adjectives: tuple[str, ...]
    has_noun: bool
    capital: bool

    def of(self, noun: Noun) -> str:
        """The phrase said of a noun."""
        column = "p" if self.slot.plural else noun.gender
        kind = _kind(self.determiner)
        parts = [self.preposition, _determiner(self, column)] if kind else [self.preposition]
        if kind == "der" and (short := _CONTRACT.get((self.preposition, parts[1]))):
            parts = [short]
        ending = _adjective_endings(kind)[self.slot.case][column]
        parts += [word[1:] if word[0] == "=" else _with_ending(word, ending) for word in self.adjectives]
        text = " ".join(filter(None, [*parts, form(noun, self.slot) if self.has_noun else ""]))
        return text[:1].upper() + text[1:] if self.capital else text


def form(noun: Noun, slot: Slot) -> str:
    """The form of a noun. Weak masculine ones (*des Klienten*) have their genitive in all cases but the first."""
    if slot.plural:
        return noun.to_many if slot.case == "D" else noun.many
    if slot.case == "G":
        return noun.of_one
    weak = noun.gender == "m" and noun.of_one.endswith("n") and noun.of_one != noun.one
    return noun.of_one if weak and slot.case != "N" else noun.one


def readings(text: str, noun: Noun, surface: str) -> Iterator[Phrase]:
    """All ways to read a phrase that ends with `surface`, a form of `noun`; an empty surface: the noun is left out.

    Nothing is found where articles, endings and the noun's form do not go together.
    """
    words = text[: len(text) - len(surface)].split()
    for slot in (Slot(case, plural) for plural in (False, True) for case in CASES):
        if surface and form(noun, slot) != surface:
            continue
        if (not words and slot == Slot("G", False)) or (slot.plural and words and _is_one(words[0])):
            continue  # nobody says a genitive without an article, or *ein* of many
        for phrase in _taken_apart(words, slot, "p" if slot.plural else noun.gender, bool(surface), text):
            if phrase.of(noun) == text:
                yield phrase


def _taken_apart(words: list[str], slot: Slot, column: str, has_noun: bool, text: str) -> Iterator[Phrase]:
    """Phrases whose first words are a preposition and a determiner and whose rest are adjectives."""
    preposition, rest = "", list(words)
    first = rest[0].lower() if rest else ""
    if first in _CONTRACTED:
        preposition, article = _CONTRACTED[first]
        rest[0] = article
    elif first in _PREPOSITIONS:
        preposition = rest.pop(0).lower()
    if preposition and slot.case not in ("AD" if preposition in ("in", "an") else "D"):
        return
    noun_first = not rest and not preposition
    capital = text[:1].isupper() and not noun_first
    for determiner, others in _determiners(rest, has_noun):
        endings = _adjective_endings(_kind(determiner))
        stems = tuple(_stem(word, endings[slot.case][column]) for word in others)
        if all(stems):
            yield Phrase(slot, preposition, determiner, stems, has_noun, capital)


def _determiners(words: list[str], has_noun: bool) -> Iterator[tuple[str, list[str]]]:
    """What the first word may be, with the words after it."""
    first = words[0].lower() if words else ""
    found = []
    if not has_noun and len(words) == 1 and any(first in row.values() for row in _PRONOUN.values()):
        found.append(("er", words[1:]))
    if any(first in row.values() for row in _DEFINITE.values()):
        found.append(("der", words[1:]))
    for stem in (*_DIESER, *_EIN):
        if first.startswith(stem) and first[len(stem) :] in ("", "e", "er", "es", "en", "em"):
            found.append((words[0][: len(stem)], words[1:]))
    yield from found or [("", words)]


def _is_one(word: str) -> bool:
    return word.lower() in ("ein", "eine", "einer", "eines", "einen", "einem")


def _kind(determiner: str) -> str:
    lower = determiner.lower()
    return "dieser" if lower in _DIESER else "ein" if lower in _EIN else lower


def _determiner(phrase: Phrase, column: str) -> str:
    """The article, pronoun or the like in the right form."""
    case, kind = phrase.slot.case, _kind(phrase.determiner)
    if kind in ("der", "er"):
        return (_DEFINITE if kind == "der" else _PRONOUN)[case][column]
    alone = not phrase.has_noun and not phrase.adjectives  # "keiner ist offen"
    endings = _LIKE_EIN if kind == "ein" and not alone else _LIKE_DIESER
    return phrase.determiner + endings[case][column]


def _adjective_endings(kind: str) -> dict[str, dict[str, str]]:
    return {"": _STRONG, "ein": _MIXED}.get(kind, _WEAK)


def _with_ending(word: str, ending: str) -> str:
    """An adjective with its ending, before its comma."""
    return f"{word[:-1]}{ending}," if word.endswith(",") else word + ending


def _stem(word: str, ending: str) -> str:
    """An adjective without this ending; empty if it has another one."""
    bare = word.rstrip(",")
    if bare.lower() in _FIXED or bare[0] in "%0123456789":
        return "=" + word
    if not bare.endswith(ending) or len(bare) < len(ending) + 2:
        return ""
    return bare[: len(bare) - len(ending)] + ("," if word != bare else "")
