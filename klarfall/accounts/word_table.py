"""What the terms of the interface may be called: words as they were typed, checked, with proposals for their forms."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.utils.translation import gettext as _

from klarfall.core.action import Refused
from klarfall.core.noun_forms import propose_dative, propose_english_plural, propose_genitive, propose_plural
from klarfall.core.words import TERMS, Language, Noun, noun

MOST = 40
_GENDERS = ("m", "f", "n")
#: Words stand in sentences, headers of mails and file names: letters, digits, and what joins them.
_WORD = re.compile(r"[^\W\d_](?:[^\W_]|[ .’'&/-](?=[^\W_]))*\.?")

#: By term and language the nouns as they were typed; forms that are left empty are proposed.
Words = Mapping[str, Mapping[Language, Noun]]


class WordsRefused(Refused):
    """A word that cannot stand in a sentence; `field` is `<term>_<language>_<form>`."""

    code = "words_refused"


def table_with(table: dict[str, Any] | None, words: Words) -> dict[str, Any]:
    """The vendor's table with these words in it, as it would be stored: checked, and without defaults.

    Raises WordsRefused.
    """
    own = {key: dict(languages) for key, languages in (table or {}).items()}
    for key, languages in words.items():
        for language, typed in languages.items():
            found = completed(key, language, typed)
            default = getattr(TERMS[key], language)
            own.setdefault(key, {}).pop(language, None)
            if found != completed(key, language, default):
                own[key][language] = {name: value for name, value in asdict(found).items() if value}
    own = {key: languages for key, languages in own.items() if languages}
    _check_different(own)
    return own


def completed(key: str, language: Language, typed: Noun) -> Noun:
    """A noun as it was typed, with proposals for the forms left empty. Raises WordsRefused."""
    values = {form: _clean(value) for form, value in asdict(typed).items()}
    one = values["one"] = _begun(values["one"], language)
    if not one:
        raise WordsRefused(_("Please say what it is called."), field=f"{key}_{language}_one")
    if language == "de":
        gender = values["gender"] or getattr(TERMS[key], language).gender
        if gender not in _GENDERS:
            raise WordsRefused(_("Please choose the article."), field=f"{key}_de_gender")
        values["gender"] = gender
        values["many"] = _begun(values["many"], language) or propose_plural(one, gender)
        values["genitive"] = _begun(values["genitive"], language) or propose_genitive(one, gender)
        values["many_dative"] = _begun(values["many_dative"], language) or propose_dative(values["many"])
    else:
        values = {"one": one, "many": values["many"] or propose_english_plural(one)}
    for form, value in values.items():
        if form != "gender":
            _check(value, f"{key}_{language}_{form}")
    return replace(Noun("", ""), **values)


def _clean(value: str) -> str:
    return " ".join(unicodedata.normalize("NFC", str(value)).split())


def _begun(value: str, language: Language) -> str:
    """German nouns begin with a capital letter."""
    return value[:1].upper() + value[1:] if language == "de" else value


def _check(value: str, field: str) -> None:
    if len(value) > MOST:
        raise WordsRefused(_("At most %(most)s characters, please.") % {"most": MOST}, field=field)
    if not _WORD.fullmatch(value):
        raise WordsRefused(_("Letters, digits, spaces and hyphens only, beginning with a letter."), field=field)


def _check_different(table: dict[str, Any]) -> None:
    """Two terms of one name could not be told apart."""
    for language in ("de", "en"):
        taken: dict[str, str] = {}
        for key in TERMS:
            word = noun(key, table, language).one.casefold()
            if word in taken:
                field = key if (table.get(key) or {}).get(language) else taken[word]
                raise WordsRefused(_("Another term is called so already."), field=f"{field}_{language}_one")
            taken[word] = key
