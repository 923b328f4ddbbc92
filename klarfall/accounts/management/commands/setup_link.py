"""`manage.py setup_link`: print the address on which the first specialist founds the house."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from klarfall.accounts import founding


class Command(BaseCommand):
    help = "Prints the address at which an empty house is founded. It counts for a day, and once."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Prints the address, or says why there is none."""
        if founding.is_founded():
            raise CommandError("This house has people already: there is nothing to found. Sign in as administrator.")
        self.stdout.write(founding.link(settings.BASE_URL))
