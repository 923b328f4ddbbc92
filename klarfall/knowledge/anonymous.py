"""Take personal data out of a text: people, companies, addresses and numbers become marks. Pure.

It takes out too much rather than too little; an editor reads what remains before anybody else does.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from klarfall.customers.phone_numbers import e164

#: What stands in place of what was taken out.
MARK = "[entfernt]"
_PLACE = "\ue000"
_LONGEST_SIGNATURE = 25
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~])")
#: What would begin a heading or a callout; lists may stay lists.
_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s)|=+\s*$|-{2,}\s*$|:::)", re.MULTILINE)

_MAIL = re.compile(r"[\w.+%-]{1,64}@[\w.-]{1,200}\w")
_WEB = re.compile(r"(?:https?://|www\.)[^\s<>\"']{1,2000}", re.IGNORECASE)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_PHONE = re.compile(r"(?<![\w.,/-])(?:\+|00|\(?0)\d[\d ()/.\-]{4,24}\d(?![\w/])")
_LABELLED_PHONE = re.compile(
    r"(?i)\b((?:tel(?:efon)?|fon|mobil|handy|fax|durchwahl|dw)\b\.?\s*:?\s*)([+(\d][\d ()/.\-]{3,24}\d)"
)
_DAY = re.compile(r"\(?\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})?\b")
_WORD = r"[A-ZÄÖÜ][\wäöüß'’-]{1,40}"
_STREET = re.compile(
    r"\b(?:(?:Am|An|Auf|Im|In|Zum|Zur|Unter|Alte[rs]?|Neue[rs]?|Große[rs]?|Kleine[rs]?)\s(?:(?:der|dem|den)\s)?)?"
    rf"(?:{_WORD}[ -]){{0,3}}[\wäöüßÄÖÜ-]{{0,40}}(?:[Ss]tra(?:ß|ss)e|[Ss]tr\.|[Ww]eg|[Pp]latz|[Aa]llee|[Gg]asse"
    r"|[Rr]ing|[Dd]amm|[Uu]fer|[Cc]haussee|[Mm]arkt|[Ss]teig|[Pp]fad|[Hh]of|[Gg]raben)\s?\d{1,4}\s?[a-z]?\b(?:\s?[-–]\s?\d{1,4}\s?[a-z]?\b)?"
)
_PLACE_NAME = re.compile(rf"\b(?:D-)?\d{{5}}\s{_WORD}(?:[ -](?:am|an der|im|in|bei|ob der)?\s?{_WORD}){{0,2}}")
_LABELS = (
    r"Vertrag|Objekt|Kunde|Mieter|Rechnung|Konto|Liegenschaft|Einheit|Person(?:en|al)|Debitor|Kreditor|Vorgang|Ticket"
    r"|Mandant|Steuer|Lizenz|Verwaltungs?|Wohnung|Gebäude|Mietvertrag|Zähler|Bestell|Auftrag|Beleg|Buchung|Akten|USt"
)
_LABELLED = re.compile(
    rf"\b((?:{_LABELS})(?:en|s|n|er)?[- ]?"
    r"(?:[Nn]ummern?|[Nn]r\b\.?|[Ii][Dd](?:ent)?(?:[Nn]r\.?)?|[Kk]ennung|[Zz]eichen)?\s?:?\s?#?)"
    r"((?:[A-Z]{1,4}[- ]?)?\d[\w/.-]{0,30})"
)
_TITLES = re.compile(
    r"\b(Herrn?|Frau|Hr\.|Fr\.|Familie|Fam\.|Eheleuten?|Mieter(?:in)?|Eigentümer(?:in)?|Kolleg(?:e|in)|Hausmeister(?:in)?"
    rf"|Kund(?:e|in)|Beir[aä]t(?:in)?)(\s(?:Dr\.\s|Prof\.\s|von\s|van\s|de\s|zu\s){{0,3}}{_WORD}(?:\s{_WORD})?)"
)
_GREETING = re.compile(
    r"(?i)^\s*(?:guten (?:tag|morgen|abend)|hallo|hi|hey|moin|servus|grüß gott|sehr geehrte|liebe[rs]?|dear|hello)"
    r"\b.{0,100}$"
)
_CLOSING = re.compile(
    r"(?i)^\s*(?:mit (?:freundlichen|besten|herzlichen) gr(?:ü|ue)(?:ß|ss)en"
    r"|(?:viele|beste|freundliche|herzliche|liebe|schöne) gr(?:ü|ue)(?:ß|ss)e|gr(?:u|ü)(?:ß|ss)e?\b"
    r"|mfg\b|vg\b|lg\b|(?:best|kind|warm) regards|regards\b|i\. ?a\.|i\. ?v\.|-- ?$)"
)
_LEGAL = re.compile(
    r"(?i)\s*(?:\bgmbh\b|\bmbh\b|\bco\.?\b|\bkg\b|\bag\b|\beg\b|\bse\b|\bug\b|\bgbr\b|\bohg\b|\be\. ?[vk]\.|&|\+|,)\s*"
)
#: Words of company names that say what they do, not who they are.
_GENERIC = frozenset(
    (
        *(
            "hausverwaltung",
            "verwaltung",
            "immobilien",
            "immobilienverwaltung",
            "wohnungsbau",
            "wohnungsbaugesellschaft",
        ),
        *("genossenschaft", "baugenossenschaft", "wohnungsgenossenschaft", "gesellschaft", "gruppe", "management"),
        *("service", "services", "holding", "vermietung", "grundstücks", "haus", "wohnen", "software", "deutschland"),
        *("beratung", "steuerberatung", "stadt", "gemeinde", "stiftung", "verein", "partner", "property", "estate"),
    )
)
_LEAST_NAME = 3


@dataclass(frozen=True, slots=True)
class Known:
    """Who and what is known to stand in a text: people's names, names of companies, numbers of theirs."""

    people: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass
class Cleaned:
    """The text with marks, and how often what kind of thing was taken out."""

    text: str
    removed: Counter[str] = field(default_factory=Counter)


def cleaned(text: str, known: Known) -> Cleaned:
    """A text without personal data, as far as rules can tell; MARK stands where something was taken out."""
    found = Cleaned(text.replace(_PLACE, "").replace("\r\n", "\n").replace("\r", "\n"))
    _letter_parts(found)
    _take(found, "mail", _MAIL)
    _take(found, "web", _WEB)
    _take(found, "iban", _IBAN)
    _take(found, "phone", _LABELLED_PHONE, lambda one: f"{one[1]}{_PLACE}")
    _take(found, "phone", _PHONE, _phone)
    _take(found, "number", _words(known.numbers, plural=False))
    _take(found, "company", _words(_company_names(known.companies), plural=True))
    _take(found, "name", _words(_person_names(known.people), plural=True))
    _take(found, "name", _TITLES, lambda one: f"{one[1]} {_PLACE}")
    _take(found, "street", _STREET)
    _take(found, "place", _PLACE_NAME)
    _take(found, "number", _LABELLED, lambda one: f"{one[1]}{_PLACE}")
    found.text = re.sub(rf"{_PLACE}(?:[ \t]*{_PLACE})+", _PLACE, found.text).replace(_PLACE, MARK).strip()
    return found


def _take(
    found: Cleaned,
    kind: str,
    pattern: re.Pattern[str] | None,
    instead: Callable[[re.Match[str]], str] = lambda _one: _PLACE,
) -> None:
    if pattern is None:
        return
    before = found.text.count(_PLACE)
    found.text = pattern.sub(instead, found.text)
    found.removed[kind] += max(0, found.text.count(_PLACE) - before)


def _phone(found: re.Match[str]) -> str:
    """A number that can be called goes; days, amounts and codes stay."""
    words = found[0]
    called = not _DAY.match(words) and (words.startswith(("+", "00")) or e164(words))
    return _PLACE if called else words


def _letter_parts(found: Cleaned) -> None:
    """Greetings go, and everything from the closing on where it is short enough for a signature."""
    lines = found.text.split("\n")
    for place, line in enumerate(lines):
        if place and _CLOSING.match(line) and sum(bool(one.strip()) for one in lines[place:]) <= _LONGEST_SIGNATURE:
            del lines[place:]
            lines.append(_PLACE)
            found.removed["signature"] += 1
            break
    for place, line in enumerate(lines[:5]):
        if _GREETING.match(line):
            lines[place] = _PLACE
            found.removed["greeting"] += 1
    found.text = "\n".join(lines)


def _words(words: Iterable[str], *, plural: bool) -> re.Pattern[str] | None:
    """Any of the words as whole words, longest first; names also in the genitive."""
    longest = sorted({word for word in words if len(word) >= _LEAST_NAME}, key=len, reverse=True)
    if not longest:
        return None
    ending = "(?:s|'s|’s|’|')?" if plural else ""
    spelled = "|".join(re.escape(one).replace(r"\ ", r"\s+") for one in longest)
    return re.compile(rf"(?<!\w)(?:{spelled}){ending}(?!\w)", re.IGNORECASE)


def _person_names(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        yield name
        yield from (part for part in re.split(r"[\s,.]+", name) if len(part) >= _LEAST_NAME)


def _company_names(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        short = " ".join(_LEGAL.sub(" ", name).split())
        yield from (name, short)
        parts = re.split(r"[\s/&-]+", short)
        yield from (part for part in parts if len(part) > _LEAST_NAME and part.lower() not in _GENERIC)


def as_markdown(text: str) -> str:
    """Plain text as Markdown that says the same: nothing in it becomes a link, picture or heading."""
    escaped = MARK.join(_MARKDOWN.sub(r"\\\1", part) for part in text.split(MARK))
    return _LINE_START.sub(r"\1\\\2", escaped).replace(f"{MARK}(", f"{MARK}\\(")
