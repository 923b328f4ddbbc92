"""`manage.py export_house PATH`: the whole house as files, in one archive; `--docs` writes docs/export.md."""

import os
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from klarfall.transfer.exports.archive import write_archive
from klarfall.transfer.exports.describe import as_markdown


class Command(BaseCommand):
    help = "Writes everything the house holds into one archive: tables as CSV, attachments and documents."

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds PATH and --docs."""
        parser.add_argument("path", type=Path, nargs="?", help="the archive to be made; must not be there yet")
        parser.add_argument("--docs", action="store_true", help="write docs/export.md instead")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the archive, readable for this user only, and say what came into it."""
        if options["docs"]:
            (settings.BASE_DIR / "docs" / "export.md").write_text(as_markdown(), encoding="utf-8")
            return
        if options["path"] is None:
            raise CommandError("Where to? Please give the path of the archive.")
        try:
            with open(options["path"], "xb", opener=_private) as target:
                self._write(target, options["path"])
        except FileExistsError:
            raise CommandError(f"{options['path']} is there already: nothing is overwritten") from None
        except OSError as problem:
            raise CommandError(f"{options['path']}: {problem.strerror}") from None

    def _write(self, target: IO[bytes], path: Path) -> None:
        found = write_archive(target, now=timezone.now(), tell=lambda _done, _total: None)
        rows = sum(found.rows.values())
        self.stdout.write(f"{path}: {len(found.rows)} tables, {rows} rows, {found.files} files")
        if found.faults:
            raise CommandError(f"{len(found.faults)} files are missing or changed: README.txt in it names them")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
