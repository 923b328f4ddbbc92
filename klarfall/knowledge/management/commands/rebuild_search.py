"""`manage.py rebuild_search`: make the search index of help anew, say after an update that reads texts differently."""

from typing import Any

from django.core.management.base import BaseCommand

from klarfall.knowledge.search import indexing


class Command(BaseCommand):
    help = "Makes the search index of the Helpdesk-Center anew. Searching goes on meanwhile."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Say how many articles were indexed."""
        self.stdout.write(f"{indexing.rebuild()} articles indexed")
