"""winmail.dat (TNEF, MS-OXTNEF): attachments and text that Outlook has packed up.

Read here and not by a library: the lengths and counts in it are a stranger's, and each is held against what is there.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from klarfall.incoming.parsing import charsets, formatted
from klarfall.incoming.parsing.parsed import MailFile

#: Bytes before the first object: signature and key.
_START = 6
_SIGNATURE = 0x223E9F78
_HEAD = struct.Struct("<BHHI")
_CODEPAGE, _BEGIN_FILE, _TITLE, _DATA, _FILE_PROPERTIES = 0x9007, 0x9002, 0x8010, 0x800F, 0x9005
_PROPERTIES, _BODY = 0x9003, 0x800C
_STRING, _UNICODE = 0x1E, 0x1F
_FIXED = {1: 0, 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = (0x0, 0xD, _STRING, _UNICODE, 0x102)
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _TYPE, _CID, _OBJECT = 0x3707, 0x3704, 0x3001, 0x370E, 0x3712, 0x3701
_TEXT, _HTML, _RTF, _INTERNET_CODEPAGE = 0x1000, 0x1013, 0x1009, 0x3FDE
_NAMED = 0x8000
_MULTIPLE = 0x1000
_UTF8 = 65001


@dataclass
class Unpacked:
    """What was in it."""

    text: str = ""
    html: str = ""
    files: list[MailFile] = field(default_factory=list)


@dataclass
class _File:
    title: bytes = b""
    content: bytes = b""
    properties: dict[int, tuple[int, bytes]] = field(default_factory=dict)


def unpacked(data: bytes) -> Unpacked | None:
    """Text and files; None where it is no TNEF, is cut off or holds nothing."""
    try:
        if len(data) < _START or struct.unpack_from("<I", data)[0] != _SIGNATURE:
            return None
        return _read(data)
    except (struct.error, ValueError, IndexError):
        return None


def _read(data: bytes) -> Unpacked | None:
    codepage = "cp1252"
    body = b""
    properties: dict[int, tuple[int, bytes]] = {}
    files: list[_File] = []
    for name, value in _objects(data):
        if name == _CODEPAGE:
            codepage = _codec(struct.unpack_from("<I", value)[0]) or codepage
        elif name == _BEGIN_FILE:
            files.append(_File())
        elif name == _BODY:
            body = value
        elif name == _PROPERTIES:
            properties = _properties(value)
        elif files and name == _TITLE:
            files[-1].title = value
        elif files and name == _DATA:
            files[-1].content = value
        elif files and name == _FILE_PROPERTIES:
            files[-1].properties = _properties(value)
    if any(not (one.title or one.content or one.properties) for one in files):
        return None  # announced, and then the data ends
    found = _text(properties, body, codepage)
    found.files.extend(_file(one, codepage) for one in files)
    _add_rtf(found, properties)
    return found if found.text or found.html or found.files else None


def _objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Name and value of each object, up to the end; ValueError where the last one is cut off."""
    position = _START
    while position + _HEAD.size < len(data):
        _level, name, _type, length = _HEAD.unpack_from(data, position)
        position += _HEAD.size
        if position + length > len(data):
            raise ValueError("cut off")
        yield name, data[position : position + length]
        position += length + 2
    if data[position:].strip(b"\0"):
        raise ValueError("cut off")


def _properties(data: bytes) -> dict[int, tuple[int, bytes]]:
    """MAPI properties without those that are named by a text; reading stops where one makes no sense."""
    found: dict[int, tuple[int, bytes]] = {}
    position = 4
    while position + 4 <= len(data):
        kind, name = struct.unpack_from("<HH", data, position)
        position += 4
        try:
            if name >= _NAMED:
                position = _behind_name(data, position)
            value, position = _value(data, position, kind)
        except (struct.error, ValueError):
            break
        if name < _NAMED:
            found.setdefault(name, (kind, value))
    return found


def _behind_name(data: bytes, position: int) -> int:
    (is_text,) = struct.unpack_from("<I", data, position + 16)
    position += 20
    if not is_text:
        return position + 4
    (length,) = struct.unpack_from("<I", data, position)
    return int(position + 4 + length + -length % 4)


def _value(data: bytes, position: int, kind: int) -> tuple[bytes, int]:
    """The first value of a property and where the next property begins."""
    base = kind & ~_MULTIPLE
    count = 1
    if kind & _MULTIPLE or base in _VARIABLE:
        (count,) = struct.unpack_from("<I", data, position)
        position += 4
    if base in _FIXED:
        size = _FIXED[base]
        if count * size > len(data):
            raise ValueError("more than there is")
        return data[position : position + size], position + count * size
    if base not in _VARIABLE:
        raise ValueError("unknown kind")
    first = b""
    for index in range(count):  # ends at the latest with the data
        (length,) = struct.unpack_from("<I", data, position)
        position += 4
        if position + length > len(data):
            raise ValueError("cut off")
        if index == 0:
            first = data[position : position + length]
        position += length + -length % 4
    return first, position


def _codec(number: int) -> str:
    return "utf-8" if number == _UTF8 else charsets.codec(f"cp{number}") or charsets.codec(f"windows-{number}")


def _string(value: tuple[int, bytes] | None, codepage: str) -> str:
    if value is None:
        return ""
    kind, data = value
    text = data.decode("utf-16-le", "replace") if kind & ~_MULTIPLE == _UNICODE else charsets.decode(data, codepage)[0]
    return charsets.clean(text.split("\0", 1)[0])


def _text(properties: dict[int, tuple[int, bytes]], body: bytes, codepage: str) -> Unpacked:
    internet = codepage
    if _INTERNET_CODEPAGE in properties and len(properties[_INTERNET_CODEPAGE][1]) == 4:  # noqa: PLR2004 - a long
        internet = _codec(struct.unpack("<I", properties[_INTERNET_CODEPAGE][1])[0]) or codepage
    text = _string(properties.get(_TEXT), codepage) or _string((_STRING, body), codepage)
    return Unpacked(text.strip("\n"), _string(properties.get(_HTML), internet))


def _file(one: _File, codepage: str) -> MailFile:
    names = (_string(one.properties.get(name), codepage) for name in (_LONG_NAME, _SHORT_NAME))
    title = _string((_STRING, one.title), codepage)
    display = _string(one.properties.get(_DISPLAY_NAME), codepage)
    name = next((name for name in (*names, title, display) if name.strip()), "part.bin")
    content_type = charsets.clean_line(_string(one.properties.get(_TYPE), "ascii")).lower()[:100]
    cid = charsets.clean_line(_string(one.properties.get(_CID), "ascii")).strip("<>")[:250]
    content = one.content or one.properties.get(_OBJECT, (0, b""))[1][16:]
    return MailFile(name, content_type or "application/octet-stream", content, cid)


def _add_rtf(found: Unpacked, properties: dict[int, tuple[int, bytes]]) -> None:
    """Formatted text that is the only text: kept as a file, and read as far as it is plain."""
    if found.text or found.html or _RTF not in properties:
        return
    rtf = formatted.unpacked(properties[_RTF][1])
    if rtf:
        found.text = formatted.words_of(rtf)
        found.files.append(MailFile("message.rtf", "application/rtf", rtf))
