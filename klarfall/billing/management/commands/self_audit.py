"""`manage.py self_audit`: prove now what the nightly job proves; exit code 1 when something is wrong."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from klarfall.billing.self_audit import audit
from klarfall.billing.self_audit.tally import in_words


class Command(BaseCommand):
    help = "Proves on the live data that nothing was billed wrongly, twice or never, and that nothing was changed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print each invariant with how many were looked at, and every finding; in English like every command."""
        done = audit.run()
        with override("en"):
            for check in done.checks:
                self.stdout.write(f"{check['invariant']}: {check['checked']} looked at, {check['found']} wrong")
                for finding in check["findings"]:
                    self.stderr.write(f"  {in_words(finding)}")
        if not done.is_clean:
            raise CommandError(f"{sum(check['found'] for check in done.checks)} findings (self-audit {done.pk})")
