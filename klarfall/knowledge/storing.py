"""Check and store the files of articles: in the same private store as those of requests, large ones streamed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from klarfall.core.action import Refused
from klarfall.knowledge import pictures, spoken, video_header
from klarfall.knowledge.models import MediaUse
from klarfall.tickets import file_names, file_types
from klarfall.tickets.files import FileRefused, accepted_extensions, put

_HEAD = 4_096
#: Bytes of other files: a manual as PDF with its pictures.
MOST_FILE_BYTES = 100 * 1024 * 1024
_SUFFIXES = {
    "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif",
    "video/mp4": "mp4", "video/webm": "webm", "text/vtt": "vtt",
}  # fmt: skip


class MediaRefused(Refused):
    """A file that cannot be part of an article; says why."""

    code = "media_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message, field="file")


@dataclass(frozen=True)
class Checked:
    """What is stored of a file, under which name and type, and what was learned about it."""

    file: File
    name: str
    content_type: str
    facts: dict[str, Any]


def checked(file: UploadedFile | File, use: str) -> Checked:
    """The content as it will be stored. Raises MediaRefused, PictureRefused, SpokenRefused, FileRefused."""
    name = file_names.clean(file.name or "")
    size = file.seek(0, 2)
    file.seek(0)
    if size == 0:
        raise MediaRefused(_("“%(name)s” is empty.") % {"name": name})
    match use:
        case MediaUse.PICTURE | MediaUse.POSTER:
            content, kind, width, height = pictures.rewritten(file)
            return Checked(File(content), _named(name, kind), kind, {"width": width, "height": height})
        case MediaUse.VIDEO:
            return _video(file, name, size)
        case MediaUse.CAPTIONS | MediaUse.CHAPTERS:
            found = spoken.read(file.read(spoken.MOST_BYTES + 1))
            return Checked(ContentFile(found.file), _named(name, "text/vtt"), "text/vtt", {"text": found.text})
        case MediaUse.FILE:
            return _other(file, name, size)
    raise MediaRefused(_("Please say what this file is for."))


@contextmanager
def stored(one: Checked, now: datetime) -> Iterator[dict[str, Any]]:
    """Store a checked file and give the fields of its row; an error in the block deletes it again."""
    content = put(one.file, one.name, one.content_type, now)
    try:
        yield {
            "name": one.name,
            "content_type": one.content_type,
            "size": content.size,
            "sha256": content.sha256,
            "key": content.key,
            **one.facts,
        }
    except BaseException:
        default_storage.delete(content.key)
        raise


def _video(file: UploadedFile | File, name: str, size: int) -> Checked:
    most = settings.VIDEO_MAX_BYTES
    if size > most:
        words = _("“%(name)s” is too large: at most %(limit)s MB.")
        raise MediaRefused(words % {"name": name, "limit": most // 1_000_000})
    kind = video_header.content_type(file.read(_HEAD))
    if kind is None:
        raise MediaRefused(_("This is no video that pages can play: please use MP4 or WebM."))
    found = video_header.header(file, kind)
    file.seek(0)
    facts = {"duration": found.duration, "width": found.width, "height": found.height}
    return Checked(file, _named(name, kind), kind, facts)


def _other(file: UploadedFile | File, name: str, size: int) -> Checked:
    """A file to save: the same types as with requests."""
    if size > MOST_FILE_BYTES:
        words = _("“%(name)s” is too large: at most %(limit)s MB.")
        raise FileRefused(words % {"name": name, "limit": MOST_FILE_BYTES >> 20})
    extension = file_names.extension(name)
    kind = file_types.type_of(extension, file)
    if kind is None:
        words = _("Files of this type cannot be added: “%(name)s”. Possible are %(types)s.")
        raise FileRefused(words % {"name": name, "types": accepted_extensions()})
    file.seek(0)
    return Checked(file, name, kind.content_type, {})


def _named(name: str, kind: str) -> str:
    """The name with the ending of what the file truly is."""
    ending = _SUFFIXES[kind]
    known = file_names.extension(name)
    return name if known == ending or (known, ending) == ("jpeg", "jpg") else f"{PurePosixPath(name).stem}.{ending}"
