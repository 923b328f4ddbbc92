"""The block of headers: where it ends, what it says, Message-IDs and dates."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from klarfall.incoming.parsing import charsets, words

#: Bytes of a mail within a mail in which its headers are looked for.
LONGEST_BLOCK = 256_000
#: Headers that are told apart; ordinary mails have a tenth of it.
MOST = 1_000
#: Characters of a Message-ID that is kept as it is.
LONGEST_ID = 250
#: Of a long thread the last ones: the nearest relatives.
MOST_IDS = 100

#: A name never begins with a hyphen: such a line is the boundary of a part whose headers have no end.
_FIELD = re.compile(
    rb"((?!-)[!-9;-~]{1,200})[ \t]*:[ \t]*+([^\r\n]*+(?:(?:\r\n|\r|\n)[ \t][^\r\n]*+)*+)(?:\r\n|\r|\n|\Z)"
)
_NEEDED = re.compile(rb"from|to|subject|date|message-id|content-type|content-transfer-encoding", re.I)
_BLANK = re.compile(rb"[ \t]*(?:\r\n|\r|\n)")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
#: After a line that is no header, only these show that the headers go on.
_KNOWN = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|mime-version|content-type|content-transfer-encoding|received|return-path"
    rb"|reply-to|in-reply-to|references|sender|dkim-signature|x-[\w-]+|authentication-results)[ \t]*:",
    re.I,
)
_ENVELOPE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:>?From (?![ \t]*:)[^\r\n]*(?:\r\n|\r|\n))?")
_ID = re.compile(r"<([^<>]{1,2000})>")
_ZONES = {"MEZ": 60, "CET": 60, "MET": 60, "MESZ": 120, "CEST": 120, "BST": 60, "EET": 120, "EEST": 180, "WEST": 60}
_EARLIEST, _LATEST = 1990, 2100

Fields = list[tuple[str, bytes]]


def fields(raw: bytes, start: int, end: int) -> tuple[Fields, int]:
    """The headers from `start` on as (small name, beginning of the raw value), and where the body begins.

    Only the first MOST are told apart; those that a mail cannot be filed without are found behind them, too.
    """
    found: Fields = []
    position = start
    while position < end:
        blank = _BLANK.match(raw, position, end)
        if blank:
            return found, blank.end()
        field = _FIELD.match(raw, position, end)
        if field:
            if len(found) < MOST or _NEEDED.fullmatch(field[1]):
                value = field.start(2)
                found.append((field[1].decode("ascii").lower(), raw[value : min(field.end(2), value + words.LONGEST)]))
            position = field.end()
        elif _goes_on(raw, position, end):
            position = _after_line(raw, position, end)
        else:
            return found, position
    return found, end


def _goes_on(raw: bytes, position: int, limit: int) -> bool:
    """A torn line among headers: the next one is a well-known header."""
    after = _after_line(raw, position, limit)
    return raw[position : position + 2] != b"--" and bool(_KNOWN.match(raw, after, limit))


def _after_line(raw: bytes, position: int, end: int) -> int:
    line = _LINE.match(raw, position, end)
    return line.end() if line and line.end() > position else end


def begin(raw: bytes) -> int:
    """Where the first header stands: behind a byte order mark, empty lines and the `From ` line of a mailbox file."""
    match = _ENVELOPE.match(raw, 0, 4_000)
    return match.end() if match else 0


def first(found: Fields, name: str, hint: str = "") -> str:
    """The first non-empty value of a header, unfolded, not decoded; empty without one."""
    for field, value in found:
        if field == name and value.strip():
            return words.text_of(value, hint).strip()
    return ""


def decoded(found: Fields, hint: str) -> dict[str, Sequence[str]]:
    """All headers, decoded, in their order under each name."""
    values: dict[str, list[str]] = {}
    for name, value in found:
        values.setdefault(name, []).append(words.decode(words.text_of(value, hint)))
    return dict(values)


def message_id_key(text: str) -> str:
    """A Message-ID with brackets as it is stored and compared; one over LONGEST_ID characters as its hash."""
    inner = "".join(charsets.clean_line(text).strip("<> ").split())
    if not inner:
        return ""
    if len(inner) + 2 > LONGEST_ID:
        digest = hashlib.sha256(inner.encode("utf-8", "replace")).hexdigest()
        return f"<{digest}@long.invalid>"
    return f"<{inner}>"


def message_ids(text: str) -> tuple[str, ...]:
    """The Message-IDs of a header, the last MOST_IDS without repetitions; without brackets what looks like one."""
    found = _ID.findall(text)
    if not found:
        found = [word.strip("<>,;\"'") for word in text.split() if "@" in word]
    keys = dict.fromkeys(key for key in map(message_id_key, found[-MOST_IDS:]) if key)
    return tuple(keys)


def message_id(text: str) -> str:
    """The key of a mail's own Message-ID; an odd one counts as a whole."""
    found = _ID.search(text)
    return message_id_key(found[1] if found else text)


def sent_at(text: str) -> datetime | None:
    """The instant of a Date header in UTC; None where there is none or it cannot be true."""
    text = re.sub(r"\([^()]*\)", " ", text[:200])
    try:
        parts = parsedate_tz(text)
        if parts is None:
            return None
        offset = parts[9] or 60 * _ZONES.get(text.split()[-1].upper(), 0)
        zone = timezone(timedelta(seconds=offset)) if abs(offset) <= 14 * 3600 else UTC
        year, month, day, hour, minute, second = parts[:6]
        when = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return when if _EARLIEST <= when.year <= _LATEST else None
