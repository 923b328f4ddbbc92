"""Which files are accepted: the extension says what a file claims to be, its content must agree.

Browsers and senders lie about types, so nothing they say is used. Nothing that a browser would
run is accepted (HTML, SVG, scripts, programs), whatever its name. Reads the first bytes, and the
table of contents of archives.
"""

import codecs
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

#: How much of a file is read to know what it is (bytes).
HEAD = 8_192
#: Archives with more entries are not opened: their table of contents alone would cost seconds.
_MOST_ENTRIES = 10_000
_END_OF_ARCHIVE = 22 + 65_535

_MARKUP = re.compile(
    r"<\s*(!doctype\s+html|html|head|body|script|svg|iframe|object|embed|img|\w+:svg)\b", re.IGNORECASE
)
_ACTIVE_NAMESPACE = re.compile(r"www\.w3\.org/(1999/xhtml|2000/svg|1999/xsl)", re.IGNORECASE)
_MAIL_HEADER = re.compile(
    r"^(from|to|subject|date|received|return-path|message-id|mime-version|delivered-to):", re.I | re.M
)
_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
#: Control characters: no text has them, apart from line ends, tabs and the colours of a log.
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r\f\x1b")) + b"\x7f"


@dataclass(frozen=True)
class FileType:
    """A kind of file: what it is served as, and the test of its content."""

    content_type: str
    agrees: Callable[[bytes, IO[bytes]], bool]


def type_of(extension: str, file: IO[bytes]) -> FileType | None:
    """The accepted type that extension and content agree on; None when they do not."""
    kind = TYPES.get(extension)
    file.seek(0)
    head = file.read(HEAD)
    return kind if kind is not None and kind.agrees(head, file) else None


def _begins(*signatures: bytes) -> Callable[[bytes, IO[bytes]], bool]:
    return lambda head, _file: head.startswith(signatures)


def _webp(head: bytes, _file: IO[bytes]) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _pdf(head: bytes, _file: IO[bytes]) -> bool:
    return b"%PDF-" in head[:1_024] and not _looks_like_markup(head[: head.find(b"%PDF-")])


def decoded(head: bytes) -> str | None:
    """The beginning of a text file; None when it is no text. Windows-1252 counts as text."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return head.decode(encoding, "ignore").lstrip("\ufeff")
    if head.translate(None, _CONTROLS) != head:
        return None
    try:
        # A character may be cut in two at the end of what was read.
        return codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head.decode("cp1252", "replace")


def _looks_like_markup(head: bytes) -> bool:
    return _MARKUP.search(decoded(head) or "") is not None


def _text(head: bytes, _file: IO[bytes]) -> bool:
    text = decoded(head)
    return text is not None and not text.lstrip().startswith(("#!", "<?php")) and not _MARKUP.match(text.lstrip())


def _xml(head: bytes, _file: IO[bytes]) -> bool:
    text = decoded(head)
    plain = text is not None and text.lstrip().startswith("<")
    return plain and not _MARKUP.search(text or "") and not _ACTIVE_NAMESPACE.search(text or "")


def _json(head: bytes, _file: IO[bytes]) -> bool:
    text = decoded(head)
    return text is not None and re.match(r'\s*([\[{"\-0-9]|true\b|false\b|null\b)', text) is not None


def _mail(head: bytes, _file: IO[bytes]) -> bool:
    text = decoded(head)
    return text is not None and len(_MAIL_HEADER.findall(text)) > 1 and not _MARKUP.match(text.lstrip())


def _is_archive(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _entries(file: IO[bytes]) -> list[str] | None:
    """The names in an archive; None when it is damaged or its table of contents is absurd."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_OF_ARCHIVE))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or int.from_bytes(tail[end + 10 : end + 12], "little") > _MOST_ENTRIES:
        return None
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
        return None
    return names if len(names) <= _MOST_ENTRIES else None


def _archive(head: bytes, file: IO[bytes]) -> bool:
    return _is_archive(head) and _entries(file) is not None


def _office(folder: str) -> Callable[[bytes, IO[bytes]], bool]:
    """Office Open XML without macros: the archive has the part by which each program knows its files."""

    def agrees(head: bytes, file: IO[bytes]) -> bool:
        names = _entries(file) if _is_archive(head) else None
        return (
            names is not None
            and "[Content_Types].xml" in names
            and any(name.startswith(f"{folder}/") for name in names)
            and not any(name.lower().endswith("vbaproject.bin") for name in names)
        )

    return agrees


def _open_document(kind: bytes) -> Callable[[bytes, IO[bytes]], bool]:
    """OpenDocument: the first entry says in plain letters what it is."""
    wanted = b"mimetypeapplication/vnd.oasis.opendocument." + kind
    return lambda head, file: _is_archive(head) and head[30 : 30 + len(wanted)] == wanted and _entries(file) is not None


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
TYPES: dict[str, FileType] = {
    "pdf": FileType("application/pdf", _pdf),
    "png": FileType("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "jpg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    "jpeg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    "gif": FileType("image/gif", _begins(b"GIF87a", b"GIF89a")),
    "webp": FileType("image/webp", _webp),
    "tif": FileType("image/tiff", _begins(b"II*\0", b"MM\0*")),
    "tiff": FileType("image/tiff", _begins(b"II*\0", b"MM\0*")),
    "txt": FileType("text/plain", _text),
    "log": FileType("text/plain", _text),
    "csv": FileType("text/csv", _text),
    "xml": FileType("application/xml", _xml),
    "json": FileType("application/json", _json),
    "docx": FileType(_OPEN_XML + "wordprocessingml.document", _office("word")),
    "xlsx": FileType(_OPEN_XML + "spreadsheetml.sheet", _office("xl")),
    "pptx": FileType(_OPEN_XML + "presentationml.presentation", _office("ppt")),
    "odt": FileType("application/vnd.oasis.opendocument.text", _open_document(b"text")),
    "ods": FileType("application/vnd.oasis.opendocument.spreadsheet", _open_document(b"spreadsheet")),
    "zip": FileType("application/zip", _archive),
    "eml": FileType("message/rfc822", _mail),
    "msg": FileType("application/vnd.ms-outlook", _begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
}
