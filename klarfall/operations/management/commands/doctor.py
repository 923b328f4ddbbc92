"""`manage.py doctor`: is everything well, and what to do if not; exit code 1 for warnings, 2 for faults."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import override

from klarfall import __version__
from klarfall.operations.checks.finding import State
from klarfall.operations.doctor import Examined, examine

_CODES = {State.OK: 0, State.WARNING: 1, State.FAULT: 2}
_WORDS = {State.OK: "ok     ", State.WARNING: "WARNING", State.FAULT: "FAULT  "}


class Command(BaseCommand):
    help = "Looks at database, roles, queue, mail, disk, clock and settings, and says what to do."
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds --json."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print every finding; the exit code is the worst of them."""
        with override("en"):
            examined = examine(timezone.now())
            self._print_json(examined) if options["json"] else self._print(examined)
        if code := max(_CODES[one.state] for one in examined):
            sys.exit(code)

    def _print(self, examined: list[Examined]) -> None:
        for one in examined:
            for finding in one.findings:
                self.stdout.write(f"{_WORDS[finding.state]} {one.title}: {finding.seen}")
                if finding.advice:
                    self.stdout.write(f"        -> {finding.advice}")

    def _print_json(self, examined: list[Examined]) -> None:
        checks = [
            {
                "check": one.name,
                "state": one.state.value,
                "findings": [
                    {"state": finding.state.value, "seen": finding.seen, "advice": finding.advice}
                    for finding in one.findings
                ],
            }
            for one in examined
        ]
        self.stdout.write(json.dumps({"version": __version__, "checks": checks}, ensure_ascii=False, indent=1))
