"""Bytes into text, whatever the declaration says or leaves out; and text without what no text needs."""

import codecs
import re
from functools import lru_cache

#: Names that mails use and Python does not know, or knows as something narrower than what is meant.
_MEANT = {
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "utf-8-mac": "utf-8",
    "ks-c-5601-1987": "cp949",
    "ks-c-5601": "cp949",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso-2022-jp-ext",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "cp-1252": "cp1252",
    "ansi": "cp1252",
    "us-ascii": "ascii",
    "ansi-x3.4-1968": "ascii",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "cp-850": "cp850",
    "dos": "cp850",
}
#: Only these write text; others of Python's codecs pack, escape or take quadratic time.
_TEXT_CODEC = re.compile(
    r"utf-(7|8|16|32)(-(le|be))?|utf-8-sig|ascii|(iso8859|iso2022|cp|mac|koi8|euc|big5|gb|hz|johab|shift|tis|ptcp|kz|viscii)"
)
_SEVERAL_BYTES = re.compile(r"utf|iso2022|cp9(32|36|49|50)|euc|big5|gb|hz|johab|shift")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: A well-formed character of UTF-8 beyond ASCII.
_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
#: What a text in Western Europe has beyond ASCII: umlauts, accents, quotation marks, dashes, €, §, ° and the like.
_WESTERN = frozenset("äöüÄÖÜßéèêëáàâçñóòôúùûíìîïåæøÅÆØÉÈÀÇÑ€§°„“”‚‘’–—…«»·•´©®±²³µ½¼\xa0\xad™")
#: Words in Cyrillic letters; so many of them prove a charset.
_CYRILLIC = re.compile("[А-Яа-яЁёЄєІіЇїҐґЎў]+")
_SHORTEST_CYRILLIC, _LAST_CYRILLIC = 12, frozenset("ыьэюяієї")
_LONGEST_NAME = 40
_GERMAN = frozenset("äöüÄÖÜßé°§–")
#: Characters that a guess looks at; more of them make it no better, only slower.
_SAMPLE = 4_000
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
#: They make a name look like another one.
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


@lru_cache(maxsize=256)
def codec(declared: str) -> str:
    """The codec for a charset as a mail declares it; empty where none is declared or it is unknown."""
    name = declared.strip().strip("\"'").lower().partition("*")[0].replace("_", "-").strip()
    name = _MEANT.get(name, name).replace("windows-", "cp")
    if not name or len(name) > _LONGEST_NAME:
        return ""
    try:
        found = codecs.lookup(name).name.replace("_", "-")
    except (LookupError, ValueError, UnicodeError):
        return ""
    return found if _TEXT_CODEC.match(found.replace("-", "") if not found.startswith("utf") else found) else ""


def decode(data: bytes, declared: str = "", *, with_statistics: bool = False) -> tuple[str, bool]:
    """The text, and whether nothing had to be replaced. The declaration counts as long as it can be true.

    `with_statistics`: where nothing fits, other alphabets are guessed; that takes milliseconds, so not for each name.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], name) or (data[len(mark) :].decode(name, "replace"), False)
    name = codec(declared)
    if data.isascii() and (not name or not _SEVERAL_BYTES.match(name.replace("-", "")) or name == "utf-8"):
        wide = _wide(data, name) if b"\0" in data else ""
        return (data.decode(wide, "replace"), True) if wide else (data.decode("ascii"), True)
    wide = _wide(data, name)
    if wide:
        return data.decode(wide, "replace"), True
    return _declared(data, name) or _guessed(data, with_statistics=with_statistics)


def _declared(data: bytes, name: str) -> tuple[str, bool] | None:
    """As declared; single bytes are never wrong, so what is well-formed UTF-8 is UTF-8."""
    if not name or name in ("ascii", "cp1252") or not _SEVERAL_BYTES.match(name.replace("-", "")):
        as_utf8 = _strictly(data, "utf-8")
        if as_utf8:
            return as_utf8
    if not name or name == "ascii":
        return None
    if name == "cp1252":
        return western(data), True
    found = _strictly(data, name)
    if found or name != "utf-8":
        return found
    wrong = len(_UTF8_CHARACTER.sub(b"", data).translate(None, bytes(range(128))))
    well_formed = len(_UTF8_CHARACTER.findall(data[: 1 << 20]))
    return (data.decode("utf-8", "replace"), False) if well_formed > wrong else None


def _strictly(data: bytes, name: str) -> tuple[str, bool] | None:
    try:
        return data.decode(name), True
    except (UnicodeError, LookupError, ValueError):
        return None


def western(data: bytes) -> str:
    """Windows-1252; its five empty places become what Latin-1 has there."""
    try:
        return data.decode("cp1252")
    except UnicodeError:
        return data.decode("cp1252", "replace")


def _wide(data: bytes, name: str) -> str:
    """UTF-16 without a mark: every second byte is empty in texts of our alphabet."""
    if name.startswith("utf-16") and name != "utf-16":
        return name
    declared = name == "utf-16"
    if not declared and data.count(0, 0, _SAMPLE) * 10 < min(len(data), _SAMPLE) * 4:
        return ""
    even, odd = data[0:_SAMPLE:2].count(0), data[1:_SAMPLE:2].count(0)
    if not declared and min(even, odd) * 4 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _guessed(data: bytes, *, with_statistics: bool) -> tuple[str, bool]:
    """Nothing declared that fits: UTF-8, a text in Western Europe, else what statistics say."""
    found = _strictly(data, "utf-8")
    if found:
        return found
    text = western(data)
    beyond = [c for c in text[: _SAMPLE * 4] if not c.isascii()]
    plain = sum(c.isascii() and c.isalpha() for c in text[: _SAMPLE * 4])
    # whole words of accents are no language: those are letters of another alphabet
    is_western = sum(c in _WESTERN for c in beyond) * 10 >= len(beyond) * 8 and len(beyond) <= max(plain, 3)
    if is_western and "\ufffd" not in text:
        return text, True
    found = _old_western(data) or (None if is_western else _cyrillic(data))
    return found or (_statistically(data) if with_statistics and not is_western else None) or (text, False)


def _old_western(data: bytes) -> tuple[str, bool] | None:
    """German as DOS and old Macs write it; only where every character fits."""
    for name in ("cp850", "mac-roman"):
        text = data.decode(name, "replace")
        if all(c.isascii() or c in _GERMAN for c in text):
            return text, True
    return None


def _cyrillic(data: bytes) -> tuple[str, bool] | None:
    """Russian and its like: in the right charset words are small letters, with a large one in front at most."""
    for name in ("koi8-u", "cp1251", "iso8859-5", "cp866"):
        letters = data[:_SAMPLE].decode(name, "replace")
        words = _CYRILLIC.findall(letters)
        within = sum(map(len, words))
        whole = sum(len(word) for word in words if word[1:].islower())
        is_all = within >= _SHORTEST_CYRILLIC and within == sum(not c.isascii() for c in letters)
        # its last letters are in every sentence, and no other alphabet of single bytes has any in their place
        if is_all and whole * 10 >= within * 9 and not _LAST_CYRILLIC.isdisjoint("".join(words)):
            return _strictly(data, name)
    return None


def _statistically(data: bytes) -> tuple[str, bool] | None:
    from charset_normalizer import from_bytes

    sample = b" ".join(line for line in data.splitlines() if not line.isascii())[:_SAMPLE]
    try:
        best = from_bytes(sample, enable_fallback=False).best()
    except Exception:  # the guess is an extra; whatever goes wrong with it, the text is shown
        return None
    name = codec(best.encoding) if best is not None else ""
    return _strictly(data, name) if name else None


def clean(text: str) -> str:
    """Lines end with \\n; no control characters but \\n and \\t, nothing that cannot be stored."""
    if "\r" in text or not text.isascii():
        text = _LINE_ENDS.sub("\n", text)
    return text if text.isprintable() else _CONTROLS.sub("", text)


def clean_line(text: str) -> str:
    """One line for a header or a name: blanks instead of breaks, nothing that turns the direction of reading."""
    return " ".join(_DIRECTIONS.sub("", clean(text)).split())
