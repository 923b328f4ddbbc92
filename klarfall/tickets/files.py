"""Files of tickets: check and store what people send, hand it out so that no browser runs it.

Contents lie in the private default storage under random keys; no public address leads there. A
file is written before its row is committed, so a rolled-back request leaves a file that no row
names, never a row without its file; `sweep` deletes such leftovers.
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from klarfall.core.action import Refused
from klarfall.core.isolation import system_rows
from klarfall.tickets import file_names, file_types
from klarfall.tickets.models import Attachment, Upload
from klarfall.tickets.models.attachment import StoredFile

MAX_BYTES = 25 * 1024 * 1024
MAX_FILES = 10
#: Types a browser may show in the page; everything else is only saved.
_SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp")
#: Models of higher apps whose rows name files here, besides attachments and uploads.
_NAMING: list[type[models.Model]] = []


class FileRefused(Refused):
    """A file that is not accepted; the message names it and says why."""

    code = "file_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message, field="files")


class FileMissing(Refused):
    """The content of a file is not there (any more)."""

    code = "file_missing"


@dataclass(frozen=True)
class Content:
    """A stored content: the fields that attachments and uploads have in common."""

    name: str
    content_type: str
    size: int
    sha256: str
    key: str


class MailedFile(ContentFile):
    """A file that came by mail: nobody can be asked for another one, so none is refused for its type or number.

    Who files the mail bounds both and leaves empty ones out. What is not of a known type is handed out for saving only.
    """


@contextmanager
def stored(files: Sequence[UploadedFile | MailedFile], *, already: int = 0, now: datetime) -> Iterator[list[Content]]:
    """Check all files, then store them; an error in the block deletes them again.

    `already` counts the files that the message or draft has. Raises FileRefused.
    """
    if already + sum(not isinstance(file, MailedFile) for file in files) > MAX_FILES:
        raise FileRefused(_("At most %(count)s files can be added.") % {"count": MAX_FILES})
    checked = [(file, *_checked(file)) for file in files]
    contents: list[Content] = []
    try:
        for file, name, content_type in checked:
            contents.append(put(file, name, content_type, now))
        yield contents
    except BaseException:
        for content in contents:
            default_storage.delete(content.key)
        raise


def _checked(file: UploadedFile | MailedFile) -> tuple[str, str]:
    """The clean name and the true type of an acceptable file. Raises FileRefused."""
    name = file_names.clean(file.name or "")
    if isinstance(file, MailedFile):
        return name, _type_of(file, name)
    size = file.seek(0, 2)
    if size == 0:
        raise FileRefused(_("“%(name)s” is empty.") % {"name": name})
    if size > MAX_BYTES:
        limit = MAX_BYTES // 1024 // 1024
        raise FileRefused(_("“%(name)s” is too large: at most %(limit)s MB.") % {"name": name, "limit": limit})
    extension = file_names.extension(name)
    if extension not in file_types.TYPES:
        raise FileRefused(
            _("Files of this type cannot be added: “%(name)s”. Possible are %(types)s.")
            % {"name": name, "types": accepted_extensions()}
        )
    kind = file_types.type_of(extension, file)
    if kind is None:
        raise FileRefused(
            _("The content of “%(name)s” is not what its name says (%(extension)s). Please check the file.")
            % {"name": name, "extension": extension.upper()}
        )
    return name, kind.content_type


def _type_of(file: MailedFile, name: str) -> str:
    """The true type; that of unknown bytes where the name promises something else or nothing that we know."""
    extension = file_names.extension(name)
    kind = file_types.type_of(extension, file) if extension in file_types.TYPES else None
    return kind.content_type if kind else "application/octet-stream"


def accepted_extensions() -> str:
    """The extensions of `file_types.TYPES` for messages and the hint under the upload field."""
    return ", ".join(extension.upper() for extension in file_types.TYPES)


def put(file: File, name: str, content_type: str, now: datetime) -> Content:
    """Write the content under a random key in the folder of the day; the name of the file stays outside."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
        size += len(chunk)
    file.seek(0)
    key = default_storage.save(f"{now:%Y-%m-%d}/{secrets.token_hex(16)}", file)
    return Content(name, content_type, size, digest.hexdigest(), key)


def fields_of(content: Content | StoredFile) -> dict[str, Any]:
    """The common fields as keyword arguments for a row."""
    return {name: getattr(content, name) for name in ("name", "content_type", "size", "sha256", "key")}


def forget(key: str) -> None:
    """Delete a content once the surrounding transaction is committed; a rollback keeps it."""
    transaction.on_commit(lambda: default_storage.delete(key))


def open_file(file: StoredFile | Content) -> IO[bytes]:
    """The content of an attachment or upload the viewer has fetched. Raises FileMissing."""
    try:
        return default_storage.open(file.key, "rb")
    except FileNotFoundError:
        raise FileMissing(_("This file is no longer available.")) from None


def headers(file: Content | StoredFile, *, inline: bool = False) -> dict[str, str]:
    """The headers under which a file is handed out; `inline` shows images in the page, nothing else.

    The type was found by looking at the content. The sandbox and `nosniff` keep a browser from
    running anything even where we erred; the name is written as RFC 5987 wants it.
    """
    shown = inline and file.content_type in _SHOWN
    disposition = content_disposition_header(not shown, file.name) or "attachment"
    return {
        "Content-Type": file.content_type if shown else "application/octet-stream",
        "Content-Length": str(file.size),
        "Content-Disposition": disposition,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def keep_for(model: type[models.Model]) -> None:
    """Let the rows of a higher app's model (by their `key`) keep files in this store."""
    if model not in _NAMING:
        _NAMING.append(model)


def sweep(now: datetime, *, days: int = 30) -> int:
    """Delete contents of the last `days` that no row names; returns how many. Runs as SYSTEM.

    Contents younger than a day stay: their row may not be committed yet.
    """
    removed = 0
    for age in range(2, days + 1):
        folder = f"{now - timedelta(days=age):%Y-%m-%d}"
        try:
            keys = {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}
        except FileNotFoundError:
            continue
        # Uploads before attachments: one may become the other meanwhile.
        naming: list[type[models.Model]] = [*_NAMING, Upload, Attachment]
        for model in naming:
            keys -= set(system_rows(model).filter(key__in=keys).values_list("key", flat=True))
        for key in keys:
            default_storage.delete(key)
        removed += len(keys)
    return removed
