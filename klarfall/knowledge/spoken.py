"""Captions and chapters of videos (WebVTT): read strictly, written anew without anything but times and words. Pure."""

import re
from dataclasses import dataclass
from io import StringIO

from django.utils.translation import gettext as _
from webvtt import WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError

from klarfall.core.action import Refused

MOST_BYTES = 1_000_000
MOST_CUES = 5_000
_LONGEST_CUE = 1_000
_LONGEST_LINE = 2_000
_TAG = re.compile(r"<[^<>]{0,200}>")
#: What a player understands inside of a cue: italics, bold, who speaks.
_KEPT = re.compile(r"</?(?:i|b|v(?: [\w .,äöüÄÖÜß-]{1,80})?)>")


class SpokenRefused(Refused):
    """A file that no player would read as captions or chapters; says why."""

    code = "spoken_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message, field="file")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words with the times (seconds) between which they are shown."""

    start: float
    end: float
    words: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A track as it is stored: the file anew, and what is said without times."""

    file: bytes
    text: str
    cues: tuple[Cue, ...]


def read(content: bytes) -> Spoken:
    """Read a WebVTT file of at most MOST_BYTES in UTF-8. Raises SpokenRefused."""
    if len(content) > MOST_BYTES:
        raise SpokenRefused(_("Captions have at most %(most)s MB.") % {"most": MOST_BYTES // 1_000_000})
    try:
        text = content.decode("utf-8-sig").replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise SpokenRefused(_("Please save the captions as UTF-8.")) from None
    if not text.startswith("WEBVTT"):
        raise SpokenRefused(_("This is no WebVTT file: its first line is WEBVTT."))
    if any(len(line) > _LONGEST_LINE for line in text.split("\n")) or text.count("-->") > MOST_CUES:
        raise SpokenRefused(_("These captions have more than %(most)s lines, or very long ones.") % {"most": MOST_CUES})
    cues = _cues(text)
    return Spoken(_written(cues), "\n".join(_plain(cue.words) for cue in cues), cues)


def _cues(text: str) -> tuple[Cue, ...]:
    try:
        captions = WebVTT.from_buffer(StringIO(text), format="vtt", strict=True).captions
        cues = tuple(Cue(_seconds(one.start), _seconds(one.end), _harmless(one.raw_text)) for one in captions)
    except (MalformedFileError, MalformedCaptionError, ValueError) as error:
        words = _("These captions cannot be read: %(reason)s")
        raise SpokenRefused(words % {"reason": str(error)[:200]}) from None
    if not cues:
        raise SpokenRefused(_("There are no captions in this file."))
    for cue in cues:
        if cue.end < cue.start or len(cue.words) > _LONGEST_CUE:
            words = _("The caption at %(time)s ends before it begins, or is too long.")
            raise SpokenRefused(words % {"time": _clock(cue.start)})
    return cues


def _seconds(clock: str) -> float:
    """Seconds of a time as WebVTT writes it: hours may be left out."""
    seconds = 0.0
    for part in clock.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _harmless(words: str) -> str:
    """Words with the tags that players know, without arrows and empty lines, which would begin another cue."""
    kept = _TAG.sub(lambda tag: tag[0] if _KEPT.fullmatch(tag[0]) else "", words).replace("-->", "→")
    return "\n".join(line for line in kept.split("\n") if line.strip())


def _plain(words: str) -> str:
    return " ".join(_TAG.sub("", words).split())


def _written(cues: tuple[Cue, ...]) -> bytes:
    parts = ["WEBVTT\n"]
    parts += (f"\n{_clock(cue.start)} --> {_clock(cue.end)}\n{cue.words}\n" for cue in cues)
    return "".join(parts).encode()


def _clock(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{thousandths:03}"
