"""`manage.py import_docs`: write docs/import.md from the columns of the imports."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from klarfall.transfer.imports.describe import as_markdown


class Command(BaseCommand):
    help = "Writes docs/import.md from the columns of the imports."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the page into the project's docs folder."""
        (settings.BASE_DIR / "docs" / "import.md").write_text(as_markdown(), encoding="utf-8")
