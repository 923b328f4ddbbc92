"""Formatted text (RTF) that Outlook packs into winmail.dat: unpacked, and its words without their formats."""

import re
import struct

from klarfall.incoming.parsing import charsets

#: Bytes that are unpacked; two packed ones may stand for seventeen.
_LONGEST = 4_000_000
#: Bytes that are read; the formats of some texts are a hundred times as long as their words.
_MOST_READ = 2_000_000
_HEAD = struct.Struct("<IIII")
_NOT_PACKED = 0x414C454D
#: The text that every packed one begins with in thought (MS-OXRTFCP, 2.2.1).
_BEGIN = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096
_TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\u(-?\d{1,6}) ?\??|\\([a-zA-Z]{1,32})(?:-?\d{1,10})? ?|\\(.)|([{}])|[\r\n]|([^\\{}\r\n]+)",
    re.S,
)
#: Groups that hold no words of the text.
_SILENT = {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"generator", b"mhtmltag", b"htmltag"}
_SIGNS = {b"par": "\n", b"line": "\n", b"tab": "\t", b"\\": "\\", b"{": "{", b"}": "}"}


def unpacked(data: bytes) -> bytes:
    """RTF out of its packing (MS-OXRTFCP), at most _LONGEST bytes; what is cut off ends where it ends."""
    if len(data) < _HEAD.size:
        return b""
    _packed, size, kind, _checksum = _HEAD.unpack_from(data)
    if kind == _NOT_PACKED:
        return data[_HEAD.size : _HEAD.size + size]
    out = bytearray(_BEGIN)
    limit = len(_BEGIN) + min(size, _LONGEST)
    position = _HEAD.size
    while position + 1 < len(data) and len(out) < limit:
        flags = data[position]
        position += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += data[position : position + 1]
                position += 1
            elif not _repeat(out, data[position : position + 2]):
                limit = min(limit, len(out))
                break
            else:
                position += 2
    return bytes(out[len(_BEGIN) : limit])


def _repeat(out: bytearray, reference: bytes) -> bool:
    """Append what stands there already, as two bytes say; False at the end of the text."""
    if len(reference) < 2:  # noqa: PLR2004 - a pair
        return False
    pair = int.from_bytes(reference, "big")
    back = (len(out) - (pair >> 4)) % _WINDOW
    if back == 0 or back > len(out):
        return False
    for _step in range((pair & 15) + 2):
        out.append(out[-back])
    return True


def words_of(rtf: bytes) -> str:
    """The text without its formats, as far as it stands in the first _MOST_READ bytes."""
    out: list[str] = []
    silent = [False]
    for found in _TOKEN.finditer(rtf[:_MOST_READ]):
        code, unicode_code, word, symbol, brace, plain = found.groups(default=b"")
        if brace == b"{":
            silent.append(silent[-1])
        elif brace:
            silent[-1] = False
            if len(silent) > 1:
                silent.pop()
        elif word in _SILENT or symbol == b"*":
            silent[-1] = True
        elif not silent[-1]:
            out.append(_written(code, unicode_code, plain) or _SIGNS.get(word or symbol, ""))
    return charsets.clean("".join(out)).strip()


def _written(code: bytes, unicode_code: bytes, plain: bytes) -> str:
    if code:
        return charsets.western(bytes.fromhex(code.decode()))
    if unicode_code:
        return chr(int(unicode_code) & 0xFFFF)
    return charsets.western(plain)
