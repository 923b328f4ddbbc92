"""Make a file's name harmless and keep it recognisable. Pure."""

import re
import unicodedata
from pathlib import PurePosixPath

#: Characters of a stored name, extension included; long enough for any name people give.
LONGEST = 120
_LONGEST_EXTENSION = 10
_FORBIDDEN = re.compile(r'[<>:"|?*/\\]')
#: Windows opens devices under these names, whatever the extension.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def clean(name: str) -> str:
    """The last part of a path without control and direction characters, at most LONGEST characters.

    What remains may be shown, stored and saved on any system; nothing remains: "file".
    """
    last = re.split(r"[/\\]", name[-2_000:])[-1]
    visible = "".join(
        " " if unicodedata.category(c).startswith("Z") else c
        for c in unicodedata.normalize("NFC", last)
        if not unicodedata.category(c).startswith("C")
    )
    text = " ".join(_FORBIDDEN.sub("_", visible).split()).strip(". ")
    stem, dot, suffix = text.rpartition(".")
    if not dot or not stem or len(suffix) > _LONGEST_EXTENSION:
        stem, suffix = text, ""
    stem = stem.strip(". ") or "file"
    if stem.split(".")[0].lower() in _DEVICES:
        stem = f"_{stem}"
    room = LONGEST - (len(suffix) + 1 if suffix else 0)
    return f"{stem[:room].rstrip('. ')}.{suffix}" if suffix else stem[:room].rstrip(". ")


def extension(name: str) -> str:
    """The extension of a cleaned name in small letters, without the dot; empty without one."""
    return PurePosixPath(name).suffix.removeprefix(".").lower()
