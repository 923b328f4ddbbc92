"""Jobs of the Helpdesk-Center."""

from django.utils import timezone

from klarfall.core.jobs import every, job
from klarfall.knowledge import telling
from klarfall.knowledge.search import indexing


@job("knowledge.index", own_transactions=True)
def index(*, article: int) -> None:
    """Bring the search in line with what is published of an article."""
    indexing.index([article])


@job(telling.TELL, own_transactions=True)
def tell_problem(*, step: int) -> None:
    """Tell everybody whom a workaround or a fix concerns; goes on where a worker that died stopped."""
    telling.tell(step, now=timezone.now())


@every("25 2 * * *")
@job("knowledge.forget_to_check")
def forget_to_check() -> None:
    """Requests that were finished after a fix need no look any more."""
    telling.forget_to_check()
