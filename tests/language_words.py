"""What tells German from English on a page: its texts, without data, against the catalogue and small words."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from babel.messages.pofile import read_po
from django.apps import apps
from django.db import models

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.marked_texts import plain
from klarfall.service_levels.holidays_de import STATES, holidays_of

ROOT = Path(__file__).resolve().parent.parent
#: Words that no text of some length can do without, and that are no words of the other language.
SMALL = {
    "en": "the|and|of|not|your|with|this|that|you|please|has|been|are|were|from|which|who|what|when|where|these|those"
    "|there|their|they|until|before|after|while|only|other|could|would|should|must|because|than|but|its|it",
    "de": "und|der|das|nicht|ist|eine|einen|einem|einer|eines|für|mit|von|dem|den|des|Sie|wird|werden|wurde|noch|kein"
    "|keine|bitte|Ihre|Ihr|Ihnen|auf|zur|zum|bei|sich|auch|oder|wenn|wie|sind|nur|nach|aus|über|dieser|diese|dieses"
    "|haben|hat|sobald|weil|dass|bis|uns|wir",
}
YEARS = range(2026, 2030)
_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "data-loading", "data-copied")
_SILENT = ("script", "style", "template")
_VOID = ("input", "br", "img", "meta", "link", "hr", "source", "wbr", "use", "path", "rect", "circle", "line")


class Texts(HTMLParser):
    """Every text that a person reads or hears on a page, except what says that it is in another language."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self._open: list[bool] = []  # for each open element: is it to be read?
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        read = all(self._open[-1:]) and tag not in _SILENT
        if given.get("lang", self._language) != self._language and tag != "html":
            read = False
        if read:
            self.found += [value for name in _ATTRIBUTES if (value := given.get(name))]
            if tag == "input" and given.get("type") in ("submit", "button") and given.get("value"):
                self.found.append(str(given["value"]))
        if tag not in _VOID:
            self._open.append(read)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if all(self._open[-1:]) and data.strip():
            self.found.append(" ".join(data.split()))


def language_of(html: str) -> str:
    """The language that a page says it is in."""
    found = re.search(r'<html[^>]*\blang="(\w\w)', html)
    return found[1] if found else ""


def texts_of(html: str, language: str) -> set[str]:
    """The texts of a page in this language."""
    parser = Texts(language)
    parser.feed(html)
    return set(parser.found)


@cache
def _catalogue() -> tuple[frozenset[str], frozenset[str]]:
    """The English texts and the German ones, in the shape in which pages show them."""
    with (ROOT / "locale/de/LC_MESSAGES/django.po").open("rb") as stream:
        messages = [one for one in read_po(stream, locale="de") if one.id]
    english = {text for one in messages for text in _forms(one.id)}
    german = {plain(text) for one in messages for text in _forms(one.string) if text}
    return frozenset(map(_shown, english)), frozenset(map(_shown, german))


def _forms(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple | list) else (value,)


def _shown(text: str) -> str:
    return " ".join(text.replace("%%", "%").split())


def data_values() -> list[str]:
    """Everything that people wrote into the database, longest first: it is in whatever language they speak.

    Names are in their own language, too: of German holidays, and of places in the list of time zones.
    """
    found = {name.replace("_", " ") for name in available_timezones()}
    found |= {name for year in YEARS for state in STATES for name in holidays_of(state, (), year).values()}
    with viewing_as(SYSTEM):
        for model in apps.get_models():
            if model.__module__.startswith("klarfall.") and model._meta.managed:
                names = [one.name for one in model._meta.concrete_fields if _is_free(one)]
                rows = model._base_manager.values_list(*names) if names else ()
                found.update(text for row in rows for value in row for text in _strings(value))
    return sorted((" ".join(text.split()) for text in found if len(text) > 2), key=len, reverse=True)


def _is_free(column: Any) -> bool:
    return isinstance(column, models.CharField | models.TextField | models.JSONField) and not column.choices


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield from value.splitlines()
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from (text for text in _strings(one) if " " in text or len(text) > 20)


def wrong(texts: Iterable[str], language: str, data: list[str]) -> list[str]:
    """The texts that are not in this language."""
    other = "en" if language == "de" else "de"
    english, german = _catalogue()
    foreign = english - german if language == "de" else german - english
    small = re.compile(rf"(?<![\w%-])(?:{SMALL[other]})(?![\w-])", re.IGNORECASE if other == "en" else 0)
    known = frozenset(data)

    def is_wrong(text: str) -> bool:
        return (text in foreign and text not in known) or bool(small.search(text) and small.search(without(text, data)))

    return sorted(filter(is_wrong, texts))


def without(text: str, data: list[str]) -> str:
    """The text without what people wrote; what was cut short is known by its beginning."""
    if text.endswith(("...", "…")) and any(value.startswith(text.rstrip(".… ")) for value in data):
        return ""
    for value in data:
        if value in text:
            text = text.replace(value, " ")
    return text
