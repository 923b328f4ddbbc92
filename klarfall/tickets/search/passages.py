"""The part of a text in which the sought words stand, with the words marked. Pure."""

import re
from collections.abc import Iterable, Sequence

#: A part of a passage, and whether it was sought.
Part = tuple[str, bool]

_AROUND = 90
_UMLAUTS = {"ae": "(?:ae|[aä])", "oe": "(?:oe|[oö])", "ue": "(?:ue|[uü])", "ss": "(?:ss|ß)", "a": "[aä]", "o": "[oö]"}
_LETTERS = re.compile("ae|oe|ue|ss|[aou]")
#: Shorter stems are marked at the beginning of words only.
_SHORT = 4


def needles(terms: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern for the terms as they may be written, with or without umlauts; None for no term."""
    found = sorted({term for term in terms if term}, key=len, reverse=True)
    if not found:
        return None
    return re.compile("|".join(_spelled(term) for term in found), re.IGNORECASE)


def passage(texts: Sequence[str], sought: re.Pattern[str] | None) -> list[Part]:
    """Around the first place that was sought; else the beginning of the first text."""
    for text in texts:
        if sought and (hit := sought.search(text)):
            start = max(hit.start() - _AROUND, 0)
            start = text.find(" ", start, hit.start()) + 1 if start else 0
            return marked(_cut(text, start), sought)
    return marked(_cut(texts[0], 0), None) if texts else []


def marked(text: str, sought: re.Pattern[str] | None) -> list[Part]:
    """The text in parts, those that were sought marked."""
    parts: list[Part] = []
    at = 0
    for hit in sought.finditer(text) if sought else ():
        if hit.start() > at:
            parts.append((text[at : hit.start()], False))
        if hit.end() > hit.start():
            parts.append((hit[0], True))
        at = hit.end()
    return [*parts, (text[at:], False)] if at < len(text) else parts


def _spelled(term: str) -> str:
    body = "".join(_letter(piece) for piece in re.split("(ae|oe|ue|ss|[aou])", term))
    # An ending belongs to the word: what is left of it after the stem is marked too, unless another word is joined.
    return (rf"\b{body}" if len(term) <= _SHORT else body) + r"(?:\w{1,3}\b)?"


def _letter(piece: str) -> str:
    if _LETTERS.fullmatch(piece):
        return _UMLAUTS.get(piece, "[uü]")
    return re.escape(piece)


def _cut(text: str, start: int) -> str:
    words = " ".join(text[start : start + 3 * _AROUND].split())
    short = len(text) <= start + 3 * _AROUND
    before = "… " if start else ""
    return before + (words if short else words.rsplit(" ", 1)[0] + " …")
