"""`manage.py backup`: one archive of database and files; exit code 1 when it is not complete."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from klarfall.operations.backup import make_backup
from klarfall.operations.programs import OperationFailed

_SHOWN = 5


class Command(BaseCommand):
    help = "Writes the database and all stored files into one archive."

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds --to and --keep."""
        parser.add_argument("--to", type=Path, help="folder of the archive; default: DATA_DIR/backups")
        parser.add_argument("--keep", type=int, help="afterwards remove all but the newest so many archives there")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make the archive and say where it is."""
        if options["keep"] is not None and options["keep"] < 1:
            raise CommandError("--keep is at least 1: the archive that is made now stays")
        try:
            made = make_backup(options["to"] or settings.DATA_DIR / "backups", keep=options["keep"])
        except OperationFailed as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{made.path}: {made.size / 1_000_000:.1f} MB, {made.files} files")
        for name in made.removed:
            self.stdout.write(f"Removed {name}")
        if made.missing:
            raise CommandError(
                f"{len(made.missing)} files are named by the database but were not there "
                f"({', '.join(made.missing[:_SHOWN])}); everything else is in the archive. Older archives were kept: "
                "look for the files in them, then run `manage.py self_audit`."
            )
