"""Jobs of the Helpdesk-Center."""

from django.utils import timezone

from klarfall.accounts.models import User
from klarfall.core.jobs import every, job
from klarfall.knowledge import announcing, forgetting, keeping, telling
from klarfall.knowledge.actions import packages
from klarfall.knowledge.importing import carrying
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


@job(announcing.ANNOUNCE, own_transactions=True)
def announce(*, edition: int) -> None:
    """Tell subscribers of a new article; goes on where a worker that died stopped."""
    announcing.announce(edition, now=timezone.now())


@job(announcing.ANNOUNCE_WIDER, own_transactions=True)
def announce_wider(*, article: int, visibility: str, product: int) -> None:
    """Tell subscribers who may read an article only now; goes on where a worker that died stopped."""
    announcing.announce_wider(article, visibility, product, now=timezone.now())


@job(packages.CHECK, own_transactions=True)
def check_package(*, run_id: int, language: str) -> None:
    """Find out what importing a package would do; begun anew when a worker died over it."""
    carrying.check(run_id, language, now=timezone.now())


@job(packages.WRITE, own_transactions=True)
def import_package(*, run_id: int, actor_id: int, language: str) -> None:
    """Import a confirmed package, an article per transaction; goes on where a dead worker ended."""
    carrying.write(run_id, actor_id, language, now=timezone.now())


@every("40 2 * * *")
@job("knowledge.discard_packages")
def discard_packages() -> None:
    """Let go of packages about which nobody decides."""
    packages.discard_old(actor=User.objects.system(), now=timezone.now())


@every("0,30 * * * *")
@job("knowledge.send_digests", own_transactions=True)
def send_digests() -> None:
    """Send collected news whose hour has come by the clock of the vendor."""
    announcing.send_digests(timezone.now())


@every("* * * * *")
@job("knowledge.publish_due", own_transactions=True)
def publish_due() -> None:
    """Bring out the editions whose time has come."""
    keeping.publish_due(timezone.now())


@every("10 * * * *")
@job("knowledge.keep", own_transactions=True)
def keep() -> None:
    """Take away what has expired, as soon as the vendor's day begins; tell owners what wants a look."""
    now = timezone.now()
    keeping.expire_due(now)
    keeping.ask_owners(now)


@job(keeping.TELL_OWNER, queue="mail", retries=7)
def tell_owner(*, owner: int, articles: list[int]) -> None:
    """Mail a colleague which articles want a look."""
    keeping.tell_owner(owner, articles)


@job(forgetting.FORGET)
def forget(*, person_id: int) -> None:
    """Forget what an erased person did in the Helpdesk-Center."""
    forgetting.forget(person_id)
