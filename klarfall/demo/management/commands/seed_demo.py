"""`manage.py seed_demo`: write the demo into an empty embedded database."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from klarfall.demo import seed as demo
from klarfall.demo.emptying import is_wanted, mark


class Command(BaseCommand):
    help = "Writes the demo (vendor, customers, ten weeks of requests) into an empty embedded database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds --if-empty and --now."""
        parser.add_argument("--if-empty", action="store_true", help="do nothing if there is data already")
        parser.add_argument("--now", help="instant at which the ten weeks end (ISO 8601); default: now")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Seeds, or says why not."""
        try:
            demo.refuse_elsewhere()
            if options["if_empty"] and not is_wanted():
                return
            if options["if_empty"] and not demo.is_empty():
                self.stdout.write("The database holds data already; no demo data was written.")
                return
            with _quiet():
                done = demo.seed(_instant(options["now"]))
            mark().unlink(missing_ok=True)
        except demo.NoDemoHere as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"Wrote the demo: {done.customers} customers, {done.tickets} requests.")


@contextmanager
def _quiet() -> Iterator[None]:
    """Ten weeks of nightly work need no lines in the log of the one who starts the demo."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _instant(text: str | None) -> datetime:
    """The instant of --now; without a zone it is local time."""
    if not text:
        return timezone.now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError as problem:
        raise CommandError(f"--now is {text!r}, expected ISO 8601, for example 2026-11-24T10:42+01:00") from problem
    return at if at.tzinfo else timezone.make_aware(at)
