"""The lines above a text that say what it is: `key: value` between two lines `---`; no more of YAML. Pure."""

import re
from dataclasses import dataclass

_LINE = re.compile(r"([A-Za-zÄÖÜäöü_-]{1,40})\s*:\s*(.*)\Z")
_MOST_LINES = 100
#: What the keys are called -> what they mean.
KEYS = {
    "id": "id", "source_id": "id",
    "kind": "kind", "art": "kind", "type": "kind",
    "product": "product", "produkt": "product",
    "area": "area", "bereich": "area",
    "version": "version_from", "version_from": "version_from", "ab_version": "version_from",
    "version_to": "version_to", "bis_version": "version_to",
    "visibility": "visibility", "sichtbarkeit": "visibility",
    "title": "title", "titel": "title",
    "summary": "summary", "zusammenfassung": "summary", "description": "summary",
    "language": "language", "sprache": "language", "lang": "language",
    "label": "label", "auflage": "label",
    "note": "note", "notiz": "note",
    "body": "body", "text": "body", "inhalt": "body",
}  # fmt: skip
KINDS = {
    "knowledge": "knowledge", "article": "knowledge", "wissensartikel": "knowledge", "artikel": "knowledge",
    "update": "update", "updatebeschreibung": "update", "release": "update", "release note": "update",
    "manual": "manual", "handbuch": "manual",
    "quick_start": "quick_start", "quickstart": "quick_start", "schnelleinstieg": "quick_start",
    "video": "video", "film": "video",
}  # fmt: skip
CIRCLES = {
    "public": "public", "öffentlich": "public", "alle": "public",
    "signed_in": "signed_in", "angemeldet": "signed_in", "angemeldete": "signed_in",
    "customers": "customers", "customer": "customers", "kunden": "customers", "kund:innen": "customers",
    "internal": "internal", "intern": "internal",
}  # fmt: skip
LANGUAGES = {"de": "de", "deutsch": "de", "german": "de", "en": "en", "englisch": "en", "english": "en"}


@dataclass(frozen=True, slots=True)
class Said:
    """A value and the line on which it stands."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Parted:
    """What a file says of itself, the text below, the line on which that begins, and lines that say nothing."""

    said: dict[str, Said]
    body: str
    first_line: int
    unknown: tuple[Said, ...]


def parted(text: str) -> Parted:
    """Part a file into what it says of itself and its text; a file without such lines is all text."""
    lines = text.split("\n")
    if lines[0].strip() != "---":
        return Parted({}, text, 1, ())
    end = next((place for place, line in enumerate(lines[1:_MOST_LINES], 1) if line.strip() in ("---", "...")), None)
    if end is None:
        return Parted({}, text, 1, ())
    said: dict[str, Said] = {}
    unknown: list[Said] = []
    for number, line in enumerate(lines[1:end], start=2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.match(line.strip())
        key = KEYS.get(found[1].lower().replace("-", "_")) if found else None
        if found is None or key is None:
            unknown.append(Said(line.strip()[:80], number))
        else:
            said[key] = Said(_unquoted(found[2]), number)
    return Parted(said, "\n".join(lines[end + 1 :]), end + 2, tuple(unknown))


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1].replace('\\"', '"')
    return value
