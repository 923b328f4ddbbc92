"""Encoded words (RFC 2047) as they really arrive: inside quotes, glued together, cut in the middle of a character."""

import binascii
import re

from klarfall.incoming.parsing import charsets, transfer

_BEGIN = re.compile(r"=\?([^?\s\"(),]{1,60})\?([BbQq])\?")
_BLANKS = re.compile(r"[\s]*\Z")
#: Longer than any header means anything to anybody.
LONGEST = 32_000


def text_of(raw: bytes, hint: str = "") -> str:
    """The characters of a header's value that may hold bytes it should not; unfolded. `hint`: charset of the body."""
    if raw.isascii():
        text = raw.decode("ascii")
    else:
        text, _clean = charsets.decode(raw, hint if charsets.codec(hint) != "ascii" else "")
    return text.replace("\r", "").replace("\n", "") if "\n" in text or "\r" in text else text


def decode(text: str) -> str:
    """Without encoded words; what cannot be decoded stays as it is. No control characters."""
    text = text[:LONGEST]
    if "=?" not in text:
        return charsets.clean_line(text)
    out: list[str] = []
    pending: tuple[str, bytes] | None = None
    position = 0
    for start, end, charset, data in _encoded(text):
        between = text[position:start]
        if pending and (between.strip() or charsets.codec(pending[0]) != charsets.codec(charset)):
            out.append(charsets.decode(pending[1], pending[0])[0])
            pending = None
        if between.strip() or not (out or pending):
            out.append(between)
        # adjacent words are one text: a character may begin in one and end in the next
        pending = (charset, pending[1] + data) if pending else (charset, data)
        position = end
    if pending:
        out.append(charsets.decode(pending[1], pending[0])[0])
    out.append(text[position:])
    return charsets.clean_line("".join(out))


def _encoded(text: str) -> list[tuple[int, int, str, bytes]]:
    """Where encoded words are: start, end, charset, bytes."""
    found = []
    position = 0
    while begin := _BEGIN.search(text, position):
        end = text.find("?=", begin.end())
        if end < 0:
            break
        position = end + 2
        content = text[begin.end() : end]
        if begin[2] in "Qq" and content.endswith("=") and text.startswith("=", position):
            pass  # `=?…?Q?a=3D?==` is not written by anybody; the word simply ends here
        data = _bytes_of(content, begin[2])
        if data is not None:
            found.append((begin.start(), position, begin[1], data))
    return found


def _bytes_of(content: str, encoding: str) -> bytes | None:
    raw = content.encode("utf-8", "replace")
    if encoding in "Bb":
        return transfer.from_base64(b"".join(raw.split()))[0]
    try:
        return binascii.a2b_qp(raw.replace(b"\n", b""), header=True)
    except ValueError:
        return None
