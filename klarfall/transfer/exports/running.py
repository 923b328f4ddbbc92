"""Writes a full export that was asked for: the archive into the private store, and how far it is for the page."""

import hashlib
import secrets
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from django.utils.translation import override

from klarfall.accounts.models import User
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.progress import Reporter
from klarfall.transfer.actions import exports as actions
from klarfall.transfer.exports.archive import Written, write_archive
from klarfall.transfer.models import HouseExport

FOLDER = "exports"
_PIECE = 1 << 20


def progress_key(export: HouseExport) -> str:
    """Under which the worker reports how far the export is."""
    return f"export-{export.pk}"


def write(export_id: int, *, now: datetime) -> None:
    """Write the archive of an export that has none; begun anew when a worker died over it."""
    with viewing_as(SYSTEM, fresh=True):
        rows = HouseExport.objects.select_related("started_by")
        export = rows.filter(pk=export_id, finished_at__isnull=True).first()
        system = User.objects.system()
    if export is None:
        return
    with TemporaryFile(dir=settings.DATA_DIR) as target, Reporter(progress_key(export), 0) as reporter:

        def tell(done: int, total: int) -> None:
            reporter.total = total
            reporter.report(done)

        found = write_archive(target, now=now, tell=tell)
        key, sha256, size = _stored(target)
    with override(export.started_by.language):
        problem = _problem(found)
    actions.finish_export(export, key=key, sha256=sha256, size=size, problem=problem, actor=system, now=now)


def _problem(found: Written) -> str:
    if not found.faults:
        return ""
    words = _("%(number)s files are missing or are not what was stored; README.txt in the archive names them.")
    return words % {"number": len(found.faults)}


def _stored(archive: IO[bytes]) -> tuple[str, str, int]:
    """Put the archive into the store; returns key, SHA-256 and bytes."""
    archive.seek(0)
    digest = hashlib.sha256()
    while piece := archive.read(_PIECE):
        digest.update(piece)
    size = archive.tell()
    archive.seek(0)
    return default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}.zip", File(archive)), digest.hexdigest(), size
