"""Texts with interface terms in them: German ones mark where a term stands, English ones are searched for it.

German markers hold the phrase as it reads with the default words, and what is needed to say it with other ones:

    [[die Anfrage|A]]          phrase and case (N, A, D, G; with P in the plural); the case only where it is in doubt
    [[einen neuen@offer]]      a phrase without its noun, or a pronoun, with the term it means
    [[ihre@request|owner]]     *ihr* or *sein*: something of the request
    [[Beratungs~termin]]       a compound; with another word it becomes *Projektteam-Termin*
    [[=Beratung]]              a word that only looks like a term
    [[@request]]               nothing: only the English text says the term

What stands here is pure: `renamed_texts` puts it into the translations of a process.
"""

import re
from collections.abc import Mapping
from functools import lru_cache, partial

from klarfall.core import german
from klarfall.core.noun_forms import propose_plural
from klarfall.core.words import TERMS, Noun, Term

Nouns = Mapping[str, Noun]

_MARKER = re.compile(r"\[\[(.+?)\]\]")
_PLACEHOLDER = re.compile(r"(%\(\w+\)[sd])")
_OWNER = re.compile(r"(?i)(ihr|sein)(e|er|en|em|es|)$")
#: Words of two or more words that hold a term's default, in any form and any compound.
_SUSPICIOUS = re.compile(
    r"\b\w*(?:portal|helpdesk|produkthilfe|support|beratung|anfrage|katalog|kostenhinweis|leistungsnachweis"
    r"|kostenfreigabe)\w*",
    re.IGNORECASE,
)
#: What is marked right after a preposition that wants the dative.
_AFTER_DATIVE = re.compile(r"(?i:\b(?:mit|von|zu|bei|aus|nach|seit)) \[\[(\w+)\]\]")
#: English words before which a vowel is spoken as a consonant, or the other way round.
_SPOKEN_CONSONANT = re.compile(r"(?i)(uni([^mn]|$)|use|util|u[rs]u|eu|one\b|once)")
_SPOKEN_VOWEL = re.compile(r"(?i)(hour|honest|honou?r|heir)")
#: Any genders and forms: two readings of a phrase that differ for none of these mean the same.
_SAMPLES = (
    Noun("Vorgang", "Vorgänge", "m", "Vorgangs", "Vorgängen"),
    Noun("Mappe", "Mappen", "f"),
    Noun("Blatt", "Blätter", "n", "Blatts", "Blättern"),
)


class BadMarker(ValueError):
    """A marker that cannot be understood; the message says why."""


def plain(text: str) -> str:
    """The German with the default words."""
    return _MARKER.sub(lambda found: _shown(found[1]), text)


def in_german(text: str, nouns: Nouns) -> str:
    """The German with other nouns for some terms; BadMarker if a marker cannot be understood."""
    return _MARKER.sub(lambda found: _replaced(found[1], nouns), text)


def terms_in(text: str) -> frozenset[str]:
    """The terms that a German text is marked with."""
    bodies = [body for body in _MARKER.findall(text) if not body.startswith("=")]
    return frozenset(_term_of(body).key for body in bodies)


def in_english(text: str, nouns: Nouns) -> str:
    """The English with other nouns, with plural, capital letters and *a* or *an* kept right; placeholders stay."""
    parts = _PLACEHOLDER.split(text)
    for key, noun in nouns.items():
        say = partial(_said, key=key, noun=noun)
        parts[::2] = [_english_pattern(key).sub(say, part) for part in parts[::2]]
    return "".join(parts)


def problems(text: str) -> list[str]:
    """What is wrong with the markers of a German text: words of terms outside, doubtful or unreadable phrases."""
    outside = _PLACEHOLDER.sub("", _MARKER.sub("", text))
    found = [
        f"{word!r} is an interface term, or looks like one: mark it as in docs/architecture.md (Words)"
        for word in _SUSPICIOUS.findall(outside)
        if word[0].isupper()
    ]
    many = {term.de.many for term in TERMS.values() if term.de.many != term.de.one}
    bare = [body for body in _AFTER_DATIVE.findall(text) if body in many]
    found += [f"[[{body}]]: say that it is dative: [[{body}|DP]]" for body in bare]
    for body in _MARKER.findall(text):
        try:
            if not body.startswith("=") and _again(body) != _shown(body):
                found.append(f"[[{body}]] reads {_again(body)!r} with the default words")
        except BadMarker as error:
            found.append(str(error))
    return found


def _shown(body: str) -> str:
    """A marker's text with the default words."""
    if body.startswith("="):
        return body[1:]
    return body.partition("|")[0].partition("@")[0].replace("~", "")


def _again(body: str) -> str:
    """A marker's text, taken apart and put together with the very noun that it was written with."""
    if "~" in body:
        return _shown(body) if _term_of(body) else ""
    reading, noun, _term = _read(body)
    return _shown(body) if reading is None else reading.of(noun)


def _replaced(body: str, nouns: Nouns) -> str:
    if body.startswith("="):
        return body[1:]
    noun = nouns.get(_term_of(body).key)
    if noun is None:
        return _shown(body)
    if "~" in body and noun == _term_of(body).de:
        return _shown(body)
    if "~" in body:
        head = body.partition("~")[2]
        return f"{noun.one.replace(' ', '-')}-{head[:1].upper()}{head[1:]}"
    reading, _source, _term = _read(body)
    return _owned(_shown(body), noun) if reading is None else reading.of(noun)


def _owned(word: str, noun: Noun) -> str:
    """*ihre* or *seine*, as the owner's gender wants it; the ending belongs to what is owned."""
    ending = _OWNER.fullmatch(word)
    stem = "ihr" if noun.gender == "f" else "sein"
    changed = stem + (ending[2] if ending else "")
    return changed.capitalize() if word[0].isupper() else changed


@lru_cache(maxsize=4096)
def _read(body: str) -> tuple[german.Phrase | None, Noun, Term]:
    """The one reading of a marker, the noun it was written with and its term; None for *ihr* and *sein* of it."""
    phrase, _bar, slot = body.partition("|")
    text = phrase.partition("@")[0]
    term = _term_of(body)
    if slot == "owner":
        if not _OWNER.fullmatch(text):
            raise BadMarker(f"[[{body}]]: only forms of ihr and sein have an owner")
        return None, term.de, term
    surface, noun = _surface(text, term)
    found = list(german.readings(text, noun, surface))
    slot = slot or ("NP" if text == noun.many != noun.one else "")  # by far the most; `problems` finds the others
    matching = [reading for reading in found if slot in ("", str(reading.slot))]
    meanings = {tuple(reading.of(sample) for sample in _SAMPLES): reading for reading in matching}
    if not matching:
        raise BadMarker(f"[[{body}]]: article, adjective, noun and case do not go together")
    if len(meanings) > 1:
        choices = ", ".join(sorted({str(reading.slot) for reading in meanings.values()}))
        raise BadMarker(f"[[{body}]]: say the case, one of {choices}: [[{body}|{choices.split(', ')[0]}]]")
    return matching[0], noun, term


def _term_of(body: str) -> Term:
    """The term of a marker: named after @, else found by its noun."""
    phrase = body.partition("|")[0]
    text, at, key = phrase.partition("@")
    if at:
        if key not in TERMS:
            raise BadMarker(f"[[{body}]]: there is no term {key!r}")
        return TERMS[key]
    for term in TERMS.values():
        if "~" in text and any(text.partition("~")[0].startswith(name) for name in (term.de.one, *term.short)):
            return term
        if "~" not in text and _surface(text, term)[0]:
            return term
    raise BadMarker(f"[[{body}]]: no interface term stands here")


def _surface(text: str, term: Term) -> tuple[str, Noun]:
    """The noun at the end of a phrase as it is written there, and its default forms; empty where it is left out."""
    for noun in (term.de, *(Noun(name, propose_plural(name, term.de.gender), term.de.gender) for name in term.short)):
        for form in sorted({noun.one, noun.many, noun.of_one, noun.to_many}, key=len, reverse=True):
            if text == form or text.endswith(" " + form):
                return form, noun
    return "", term.de


@lru_cache(maxsize=64)
def _english_names(key: str) -> dict[str, str]:
    """How English texts name a term, longest name first, with what becomes of it."""
    term = TERMS[key]
    names = {term.en.many: "{many}", term.en.one: "{one}", **dict(term.aliases)}
    return {name: names[name] for name in sorted(names, key=len, reverse=True)}


@lru_cache(maxsize=64)
def _english_pattern(key: str) -> re.Pattern[str]:
    """Finds a term in English, with the article before it."""
    return re.compile(rf"\b(?:(an?) )?({'|'.join(map(re.escape, _english_names(key)))})\b", re.IGNORECASE)


def _said(found: re.Match[str], key: str, noun: Noun) -> str:
    """What stands instead of a default word that was found."""
    article, old, names = found[1], found[2], _english_names(key)
    if article and found[0].lower() in names:
        article, old = "", found[0]
    new = names[old.lower()].format(one=noun.one, many=noun.many)
    if old[:1].isupper():
        new = new[:1].upper() + new[1:]
    if not article:
        return new
    right = "an" if _sounds_like_vowel(new) else "a"
    return f"{right.capitalize() if article[0].isupper() else right} {new}"


def _sounds_like_vowel(word: str) -> bool:
    if _SPOKEN_VOWEL.match(word):
        return True
    return word[:1].lower() in "aeiou" and not _SPOKEN_CONSONANT.match(word)
