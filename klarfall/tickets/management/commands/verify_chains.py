"""`manage.py verify_chains`: prove that no history was changed (INV-29); exit code 1 when one was."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from klarfall.core import audit
from klarfall.core.isolation import SYSTEM, system_rows, viewing_as
from klarfall.tickets.anchors import verify_anchors
from klarfall.tickets.events import broken_events
from klarfall.tickets.models import Ticket


class Command(BaseCommand):
    help = "Checks the event chain of every ticket, the nightly anchors and the audit trail."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print every finding; nothing found is one line."""
        with viewing_as(SYSTEM):
            findings = [*self._chains(), *(str(finding) for finding in verify_anchors())]
            findings += [f"audit entry {number} was changed" for number in audit.broken_entries()]
            count = system_rows(Ticket).count()
        for finding in findings:
            self.stderr.write(finding)
        if findings:
            raise CommandError(f"{len(findings)} findings: histories were changed")
        self.stdout.write(f"The histories of {count} tickets, the anchors and the audit trail are intact.")

    def _chains(self) -> list[str]:
        return [
            f"ticket {ticket.number}: changed at event {', '.join(map(str, broken))}"
            for ticket in system_rows(Ticket).iterator()
            if (broken := broken_events(ticket))
        ]
