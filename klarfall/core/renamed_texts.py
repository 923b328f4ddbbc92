"""Puts the vendor's own words into the translations of this process, and again when the vendor changes them.

A translation is a look-up in the dictionaries that Django read from the `.mo` files. Here one of them is exchanged for
a copy that holds the renamed texts, so that no look-up ever takes longer, and default words cost nothing at all.
Requests and jobs call `refresh` when they read the stamp of master data: a comparison of two strings, unless something
changed. All threads of a process share the translations; a page that is being made while words change may show both.
"""

import json
import logging
from contextlib import suppress
from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import trans_real

from klarfall.core import marked_texts
from klarfall.core.words import Language, renamed

log = logging.getLogger(__name__)
_lock = Lock()
_state: dict[str, Any] = {"stamp": None, "words": {}, "edition": 0}
#: Django's own dictionaries of a language, as they were read.
_originals: dict[str, list[dict[Any, str]]] = {}


def edition() -> int:
    """Changes with the words: whoever remembers translated texts remembers them under this number."""
    number: int = _state["edition"]
    return number


def refresh(stamp: str, read_words: Any) -> None:
    """Take over the vendor's words if the stamp is another one; `read_words()` is asked only then."""
    if stamp == _state["stamp"]:
        return
    use(read_words() or {})
    _state["stamp"] = stamp


def forget() -> None:
    """Read the words with the next stamp, whatever it is."""
    _state["stamp"] = None


def use(words: dict[str, Any]) -> None:
    """Say all texts with these words (the table of the profile) from now on; an empty one: with the default words."""
    with _lock:
        if words == _state["words"]:
            return
        languages: tuple[Language, ...] = ("de", "en")
        for language in languages:
            _install(language, texts_with(words, language))
        _state["words"] = words
        _state["edition"] += 1


def texts_with(words: dict[str, Any], language: Language) -> dict[Any, str]:
    """The texts that read differently with these words, by their key in a gettext catalogue. Changes nothing."""
    nouns = renamed(words, language)
    changed: dict[Any, str] = {}
    for entry in _marked() if nouns else ():
        if not nouns.keys().isdisjoint(entry["terms"]):
            own = {key: noun for key, noun in nouns.items() if key in entry["terms"]}
            say = marked_texts.in_german if language == "de" else marked_texts.in_english
            with suppress(marked_texts.BadMarker):  # bin/messages finds it; until then the default word is shown
                changed |= {key: say(text, own) for key, text in entry[language].items()}
    return changed


def say(text: str, words: dict[str, Any], language: Language) -> str:
    """A text of the catalogue (by its English, in the singular) with these words, whatever this process says now."""
    nouns = renamed(words, language)
    for entry in _marked():
        for key, form in entry[language].items():
            if key in (text, (text, 0)):
                own = {term: noun for term, noun in nouns.items() if term in entry["terms"]}
                return (marked_texts.in_german if language == "de" else marked_texts.in_english)(form, own)
    with translation.override(language):
        return translation.gettext(text)


@cache
def _marked() -> list[dict[str, Any]]:
    """Every text with a term: its terms, and the keys of its forms with what `in_german` and `in_english` take."""
    file = settings.LOCALE_PATHS[0] / "de" / "LC_MESSAGES" / "words.json"
    if not file.exists():
        log.error("The marked texts are missing, all terms keep their default words: bin/messages --compile")
        return []
    return [_entry(one) for one in json.loads(file.read_text())]


def _entry(one: dict[str, Any]) -> dict[str, Any]:
    before = f"{one['context']}\x04" if one["context"] else ""
    german = one["german"]
    terms: frozenset[str] = frozenset().union(
        *map(marked_texts.terms_in, german if isinstance(german, list) else [german])
    )
    if isinstance(german, str):
        return {"terms": terms, "de": {before + one["id"]: german}, "en": {before + one["id"]: one["id"]}}
    keys = [(before + one["id"][0], form) for form in (0, 1)]
    return {
        "terms": terms,
        "de": dict(zip(keys, german, strict=True)),
        "en": dict(zip(keys, one["id"], strict=True)),
    }


def _install(language: str, changed: dict[Any, str]) -> None:
    """Exchange the first dictionary that would answer for one with the changed texts: one assignment."""
    translation: Any = trans_real.translation(language)
    catalogue = translation._catalog
    originals = _originals.setdefault(language, list(catalogue._catalogs))
    place = next((at for at, one in enumerate(originals) if not changed.keys().isdisjoint(one)), 0)
    for at, one in enumerate(originals):
        catalogue._catalogs[at] = {**one, **changed} if changed and at == place else one
