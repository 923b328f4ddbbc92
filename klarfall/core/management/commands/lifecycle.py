"""`manage.py lifecycle`: write docs/ticket-lifecycle.md from the status tables."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from klarfall.core.lifecycle import as_markdown


class Command(BaseCommand):
    help = "Writes docs/ticket-lifecycle.md from the status tables."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the page into the project's docs folder."""
        (settings.BASE_DIR / "docs" / "ticket-lifecycle.md").write_text(as_markdown(), encoding="utf-8")
