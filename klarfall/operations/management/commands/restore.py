"""`manage.py restore PATH`: bring the house back from an archive."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from klarfall.operations.programs import OperationFailed
from klarfall.operations.restore import restore

_STEP = 500_000_000  # bytes between two lines about the progress


class Command(BaseCommand):
    help = "Restores an archive of `manage.py backup` into an empty database and an empty file store."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the archive and --replace."""
        parser.add_argument("path", type=Path, help="the archive")
        parser.add_argument("--replace", action="store_true", help="lose the database and the files that are there")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Restore and say what to look at."""
        self._told = 0
        try:
            done = restore(options["path"], replace=options["replace"], tell=self._tell)
        except OperationFailed as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(
            f"Restored: {done.rows} rows, {done.files} files, as of {done.made_at} (Klarfall {done.made_by}).\n"
            "Now verify: manage.py verify_chains, manage.py self_audit, manage.py doctor.\n"
            "Waiting jobs came back, too: as soon as the worker runs, mails that waited then are sent."
        )
        if done.missing:
            self.stdout.write(f"{len(done.missing)} files were missing already when the backup was made.")

    def _tell(self, done: int, total: int) -> None:
        if done - self._told >= _STEP:
            self._told = done
            self.stdout.write(f"Checking the archive: {done * 100 // total} %")
