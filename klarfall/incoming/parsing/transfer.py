"""Transfer encodings undone: base64, quoted-printable and uuencode, broken as they come."""

import binascii
import re
from collections.abc import Callable, Iterable

_BASE64_LINES = re.compile(rb"[A-Za-z0-9+/=\r\n\0>]*")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_BASE64_LINE = re.compile(rb"[>\s\0]*([A-Za-z0-9+/]+={0,2})\s*\Z")
_BLANKS_AFTER_EQUALS = re.compile(rb"=[ \t]+(?=\r?\n|\Z)")
_BROKEN_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n|\Z)")
_LINE = re.compile(rb"[^\r\n]+")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\r\n]*\r?\n", re.M)
#: Characters between blanks in base64 that has been folded.
_SHORTEST_PIECE = 20
_QUARTET = 4


def decode(data: bytes, encoding: str) -> tuple[bytes, bool]:
    """The bytes, and whether they are whole. `encoding` as the header has it; unknown = as it stands."""
    name = encoding.lower()
    way: Callable[[bytes], tuple[bytes, bool]] | None = None
    if "base64" in name or "base-64" in name:
        way = from_base64
    elif "quoted" in name:
        way = from_quoted_printable
    elif "uu" in name:
        way = from_uuencode
    return way(data) if way else (data, "yenc" not in name)


def from_base64(data: bytes) -> tuple[bytes, bool]:
    """Lenient: blanks, missing padding, several pieces in a row, garbage behind; what is no base64 stays out."""
    whole = _BASE64_LINES.match(data)
    end = whole.end() if whole else 0
    padding = data.find(b"=")
    if end == len(data) and (padding < 0 or not data[padding:].strip(b"=\r\n\t \0>")):
        try:
            return binascii.a2b_base64(data), True
        except binascii.Error:
            pass  # padding is missing, or a character
    clean = end == len(data)
    if not clean:
        among, clean = _base64_among(data, end)
        if len(among) * 2 < len(data):
            return data, False  # prose that only says it was encoded
        data = among
    letters = data.translate(None, _NOT_BASE64)
    padding = letters.find(b"=")
    if 0 <= padding < len(letters) - 2:
        return _pieces(letters), clean
    letters = letters.rstrip(b"=")
    odd = len(letters) % _QUARTET
    if odd == 1:
        return _from_quartets(letters[:-1]), False
    return _from_quartets(letters + b"=" * (-odd % _QUARTET)), clean


def _base64_among(data: bytes, bad: int) -> tuple[bytes, bool]:
    """Only lines of base64, and whether the others all stand behind them, as what mail servers append."""
    start = max(data.rfind(b"\n", 0, bad), data.rfind(b"\r", 0, bad)) + 1
    kept = bytearray(data[:start])
    clean = start > 0
    is_behind = False
    for each in _LINE.finditer(data, start):
        line = each[0]
        found = _BASE64_LINE.match(line)
        if found:
            kept += found[1]
            clean = clean and not is_behind
        elif _is_prose(line):
            is_behind = True
        else:
            kept += line  # stray characters in a line of base64: translated away
            clean = clean and not line.strip()
    return bytes(kept), clean


def _is_prose(line: bytes) -> bool:
    """Words with blanks between them; base64 in one line has long pieces."""
    pieces = line.split()
    return len(pieces) > 1 and min(map(len, pieces[:-1])) < _SHORTEST_PIECE


def _pieces(letters: bytes) -> bytes:
    """Several texts of base64 one behind the other, each with its own padding."""
    out = bytearray()  # a list of them would take a hundred times their size where each is one letter
    for found in re.finditer(rb"[^=]+", letters):
        piece = found[0]
        odd = len(piece) % _QUARTET
        out += _from_quartets(piece[:-1] if odd == 1 else piece + b"=" * (-odd % _QUARTET))
    return bytes(out)


def _from_quartets(letters: bytes) -> bytes:
    try:
        return binascii.a2b_base64(letters)
    except binascii.Error:
        return b""


def from_quoted_printable(data: bytes) -> tuple[bytes, bool]:
    """Lenient: blanks behind a soft line break; an escape that is none stays as it stands."""
    if b"= " in data or b"=\t" in data:
        data = _BLANKS_AFTER_EQUALS.sub(b"=", data)
    whole = _BROKEN_ESCAPE.search(data) is None
    try:
        return binascii.a2b_qp(data), whole
    except ValueError:
        return data, False


def from_uuencode(data: bytes) -> tuple[bytes, bool]:
    """What stands between `begin` and `end`; without `begin` nothing is encoded."""
    begin = _UU_BEGIN.search(data)
    if not begin:
        return data, False
    return uu_lines(line[0] for line in _LINE.finditer(data, begin.end()))


def uu_lines(lines: Iterable[bytes]) -> tuple[bytes, bool]:
    """Decoded lines up to `end`; a line that is none of uuencode is left out."""
    out = bytearray()
    whole = True
    for line in lines:
        if line.strip() == b"end":
            return bytes(out), whole
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            # some encoders write too many characters: what the first one announces is enough
            length = ((line[0] - 32) & 63) * 4 + 5 if line else 0
            try:
                out += binascii.a2b_uu(line[: length // 3])
            except binascii.Error:
                whole = False
    return bytes(out), False
