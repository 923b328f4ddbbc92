"""What a cell means: texts, days, amounts, yes and no, one or several of some words. All are plain functions."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from klarfall.core.money import parse_amount

#: In a cell: what stands there is to be emptied.
EMPTY_IT = "-"
_DAY = re.compile(r"(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})\.(\d{1,2})\.(\d{4}))(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_YES = {"ja", "j", "yes", "y", "true", "wahr", "1", "x"}
_NO = {"nein", "n", "no", "false", "falsch", "0"}
_ERRORS = {"#N/A", "#NV", "#REF!", "#BEZUG!", "#VALUE!", "#WERT!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#ZAHL!"}
#: What our own tables put before a text that a spreadsheet could take for a formula.
_SHIELDED = re.compile(r"'(?=\s*[=+\-@＝＋－＠])")
#: Signs that nobody sees and that copied texts bring along.
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_FIRST_YEAR, _LAST_YEAR = 1900, 2200

Meaning = Callable[[str], Any]


class Wrong(Exception):
    """A cell or line that cannot be meant so: the reason for people, and the column it stands in ("" = the line)."""

    def __init__(self, reason: Any, column: str = "") -> None:
        super().__init__(reason)
        self.reason, self.column = str(reason), column


def plain(text: str) -> str:
    """The text of a cell: one line, single spaces, no signs that control anything; formulas are texts like others."""
    if text.upper() in _ERRORS:
        raise Wrong(_("The spreadsheet program shows an error here."))
    text = " ".join(_SHIELDED.sub("", text, count=1).translate(_UNSEEN).split())
    if not text.isprintable():
        raise Wrong(_("There are signs in it that cannot be printed."))
    return text


def day(text: str) -> date:
    """A day: `24.11.2026` or `2026-11-24`."""
    found = _DAY.fullmatch(text)
    if found:
        parts = [int(part) for part in found.groups() if part]
        year, month, of_month = parts if found[1] else reversed(parts)
        try:
            if _FIRST_YEAR <= year <= _LAST_YEAR:
                return date(year, month, of_month)
        except ValueError:
            pass
    raise Wrong(_("This is no day. Please write it like 24.11.2026 or 2026-11-24."))


def amount(text: str) -> Decimal:
    """A net amount: `1.234,50`, `500`."""
    try:
        return parse_amount(text)
    except ValueError:
        raise Wrong(_("Please write an amount like 50 or 49.90.")) from None


def yes_or_no(text: str) -> bool:
    """Yes or no, in German, English or as the spreadsheet program says it."""
    word = text.casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise Wrong(_("Please write yes or no."))


def one_of(words: Mapping[str, str]) -> Meaning:
    """One of these words (in any case) or codes; returns the code."""
    known = _known(words)

    def read(text: str) -> str:
        code = known.get(text.casefold())
        if code is None:
            raise Wrong(_("Possible are: %(words)s.") % {"words": ", ".join(dict.fromkeys(words))})
        return code

    return read


def some_of(words: Mapping[str, str]) -> Meaning:
    """Several of these words, with commas or semicolons in between; returns the codes, each once."""
    read_one = one_of(words)

    def read(text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(read_one(one) for one in parts(text)))

    return read


def parts(text: str) -> tuple[str, ...]:
    """The parts of a list in one cell, with commas, semicolons or bars in between."""
    return tuple(one.strip() for one in re.split(r"[,;|]", text) if one.strip())


def _known(words: Mapping[str, str]) -> dict[str, str]:
    return {code.casefold(): code for code in words.values()} | {word.casefold(): code for word, code in words.items()}
