"""The knowledge app: the Helpdesk-Center's articles, their editions and files, known problems, and the search."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "klarfall.knowledge"
    label = "knowledge"

    def ready(self) -> None:
        """Announce status tables, how notices of this app are read, where files of articles lie, and synonyms."""
        from klarfall.core.search import thesaurus
        from klarfall.knowledge import letters, news_letters, workflow  # noqa: F401
        from klarfall.knowledge.models import Media
        from klarfall.knowledge.search.answers import known_synonyms
        from klarfall.tickets import files

        files.keep_for(Media)
        thesaurus.hand_over(known_synonyms)
