"""The knowledge app: the Helpdesk-Center's articles, their editions and files, known problems, and the search."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "klarfall.knowledge"
    label = "knowledge"

    def ready(self) -> None:
        """Announce the status tables."""
        from klarfall.knowledge import workflow  # noqa: F401
