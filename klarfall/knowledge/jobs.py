"""Jobs of the Helpdesk-Center."""

from klarfall.core.jobs import job
from klarfall.knowledge.search import indexing


@job("knowledge.index", own_transactions=True)
def index(*, article: int) -> None:
    """Bring the search in line with what is published of an article."""
    indexing.index([article])
