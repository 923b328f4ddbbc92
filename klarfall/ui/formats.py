"""Pure functions that turn values into the words people read; each is a Jinja filter of the same name.

They know the active language and time zone, but never read the clock: whoever needs "today" passes `now`.
Amounts, units and numbers carry non-breaking spaces so that they never fall apart at the end of a line.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_currency, format_decimal
from django.utils import dateformat, timezone
from django.utils.translation import get_language, gettext, pgettext
from markupsafe import Markup, escape

NBSP = "\u00a0"
MINUS = "\u2212"
_LINK = re.compile(r"https?://[^\s<>\"']+")
_NO_LINK_END = ".,;:!?)]}'\"»“”"
_FULL_HOUR = 60
_QUARTER = 15
_KILO = 1000


def _locale() -> str:
    """Returns the active language in Babel's spelling; German where none is active."""
    return (get_language() or "de").split("-")[0]


def money(amount: Decimal | int | None, currency: str = "EUR") -> str:
    """Returns an amount with two decimals, `1.234,56 €` in German; empty for None."""
    if amount is None:
        return ""
    return format_currency(amount, currency, locale=_locale()).replace(" ", NBSP)


def money_text(amount: Decimal | int | None, currency: str = "EUR") -> str:
    """Returns an amount for plain-text mails: `1.234,56 EUR`."""
    if amount is None:
        return ""
    return f"{format_decimal(amount, format='#,##0.00', locale=_locale())}{NBSP}{currency}"


def quantity(value: Decimal | int | float) -> str:
    """Returns a plain number in the reader's notation: `1.258`, `37,5`."""
    return str(format_decimal(value, locale=_locale()))


def percent(value: Decimal | int | float) -> str:
    """Returns a share given in percent points: `96,4 %`."""
    return f"{quantity(value)}{NBSP}%"


def duration(minutes: int | None) -> str:
    """Returns minutes as people say them: `15 Min.`, `1,5 Std.`, `1 Std. 20 Min.`; empty for None."""
    if minutes is None:
        return ""
    hour, minute = pgettext("unit", "h"), pgettext("unit", "min")
    if abs(minutes) < _FULL_HOUR:
        return f"{quantity(minutes)}{NBSP}{minute}"
    if minutes % _QUARTER == 0:
        return f"{quantity(Decimal(minutes) / _FULL_HOUR)}{NBSP}{hour}"
    whole, rest = divmod(abs(minutes), _FULL_HOUR)
    sign = MINUS if minutes < 0 else ""
    return f"{sign}{quantity(whole)}{NBSP}{hour} {rest}{NBSP}{minute}"


def hours_minutes(minutes: int) -> str:
    """Returns minutes as a clock figure for columns: `1:47`; overdue ones as `−0:12`."""
    whole, rest = divmod(abs(minutes), _FULL_HOUR)
    return f"{MINUS if minutes < 0 else ''}{whole}:{rest:02d}"


def _local(value: datetime | date) -> datetime | date:
    """Returns an aware instant in the active time zone; days and naive times stay as they are."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def _as_day(value: datetime | date) -> date:
    """Returns the local calendar day of a day or an instant."""
    value = _local(value)
    return value.date() if isinstance(value, datetime) else value


def day(value: date | datetime | None, now: date | datetime | None = None, *, year: bool = True) -> str:
    """Returns a day: `heute`, `gestern`, `morgen` seen from `now`, else `Do, 26.11.2026`; empty for None."""
    if value is None:
        return ""
    return _written(_as_day(value), None if now is None else _as_day(now), year, get_language())


@lru_cache(maxsize=2048)
def _written(that: date, today: date | None, year: bool, _language: str | None) -> str:
    """Returns a day in words of the active language; lists write the same few days again and again."""
    if today is not None:
        words = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}
        distance = (that - today) // timedelta(days=1)
        if distance in words:
            return words[distance]
        year = year or that.year != today.year
    # Translators: Django date format, German "D, d.m.Y"
    with_year = pgettext("date format", "D, j M Y")
    # Translators: Django date format without the year, German "D, d.m."
    without_year = pgettext("date format", "D, j M")
    return dateformat.format(that, with_year if year else without_year)


def month_name(value: date) -> str:
    """Returns a month with its year: `November 2026`."""
    # Translators: Django date format, German "F Y"
    return dateformat.format(value, pgettext("date format", "F Y"))


def clock(value: datetime | None) -> str:
    """Returns the time of day with its word: `09:58 Uhr`; empty for None."""
    if value is None:
        return ""
    return pgettext("time of day", "%(time)s") % {"time": time_of_day(value)}


def time_of_day(value: datetime | None) -> str:
    """Returns the bare time of day: `09:58`; empty for None."""
    if value is None:
        return ""
    return f"{_local(value):%H:%M}"


def moment(value: datetime | None, now: datetime | None = None, *, short: bool = False) -> str:
    """Returns day and time: `heute, 09:58 Uhr`, `Do, 26.11.2026, 09:58 Uhr`.

    `short` leaves out the word after the time and the current year, for lists and timelines.
    """
    if value is None:
        return ""
    at = time_of_day(value) if short else clock(value)
    return f"{day(value, now, year=not short)}, {at}"


def filesize(size: int | None) -> str:
    """Returns a size in bytes as `214 KB` or `1,2 MB` (decimal units); empty for None."""
    if size is None:
        return ""
    if size < _KILO:
        return f"{size}{NBSP}B"
    if size < _KILO**2:
        return f"{round(size / _KILO)}{NBSP}KB"
    unit, factor = ("MB", _KILO**2) if size < _KILO**3 else ("GB", _KILO**3)
    return f"{quantity(round(Decimal(size) / factor, 1))}{NBSP}{unit}"


def initials(name: str) -> str:
    """Returns at most two initials of a person's name: `Petra Sommer` → `PS`."""
    words = [word for word in re.split(r"[\s\-]+", name.strip()) if word[:1].isalpha()]
    if not words:
        return "?"
    ends = [words[0]] if len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0].upper() for word in ends)


def ident(value: int | str, prefix: str = "") -> Markup:
    """Returns an identifier that never wraps: `1837|ident("KF")` → KF-1837 in the figures of `.id`."""
    text = f"{prefix}-{value}" if prefix else str(value)
    return Markup('<span class="id">{}</span>').format(text)


def _with_links(line: str) -> Markup:
    """Returns one escaped line in which web addresses are links that pass on nothing."""
    parts: list[str | Markup] = []
    end = 0
    for found in _LINK.finditer(line):
        address = found.group().rstrip(_NO_LINK_END)
        parts.append(escape(line[end : found.start()]))
        parts.append(Markup('<a href="{0}" rel="nofollow noopener noreferrer">{0}</a>').format(address))
        end = found.start() + len(address)
    parts.append(escape(line[end:]))
    return Markup("").join(parts)


def paragraphs(text: str | None) -> Markup:
    """Returns plain text as escaped paragraphs: a blank line starts a new one, a line break stays one."""
    blocks = re.split(r"\n[ \t]*\n+", (text or "").replace("\r\n", "\n").strip())
    return Markup("\n").join(
        Markup("<p>{}</p>").format(Markup("<br>\n").join(_with_links(line) for line in block.split("\n")))
        for block in blocks
        if block
    )


def highlight(text: str, words: Iterable[str]) -> Markup:
    """Returns escaped text with every occurrence of the words in `<mark>`, upper and lower case alike."""
    wanted = [re.escape(word) for word in sorted(words, key=len, reverse=True) if word]
    if not wanted:
        return escape(text)
    pieces = re.split(f"({'|'.join(wanted)})", text, flags=re.IGNORECASE)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if index % 2 else escape(piece) for index, piece in enumerate(pieces)
    )


FILTERS = {
    function.__name__: function
    for function in (
        money, money_text, quantity, percent, duration, hours_minutes, day, clock, time_of_day, moment,
        filesize, initials, ident, paragraphs, highlight,
    )
}  # fmt: skip
