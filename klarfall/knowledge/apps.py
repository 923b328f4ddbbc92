"""The knowledge app: the Helpdesk-Center's articles, their editions and files, known problems, and the search."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "klarfall.knowledge"
    label = "knowledge"

    def ready(self) -> None:
        """Announce the status tables, and how notices of this app are read."""
        from klarfall.knowledge import letters, news_letters, workflow  # noqa: F401
