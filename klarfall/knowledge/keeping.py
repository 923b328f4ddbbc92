"""What the clock does with articles: bring out what is scheduled, take away what has expired, ask for a look."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from klarfall.accounts.models import Kind, User
from klarfall.channels import addresses
from klarfall.contracts.queries import local_day
from klarfall.core import mail, vendor
from klarfall.core.action import each_by_itself
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.jobs import enqueue
from klarfall.knowledge.actions.publishing import publish_edition
from klarfall.knowledge.actions.shelf import expire_article
from klarfall.knowledge.models import Article, Edition
from klarfall.knowledge.status import EditionStatus

TELL_OWNER = "knowledge.tell_owner"
#: How long before its last day an owner is told.
WARN_BEFORE = timedelta(days=14)
_MOST_NAMED = 30


def publish_due(now: datetime) -> int:
    """Bring out the editions whose time has come; returns how many. One that fails does not hold up the others."""
    with viewing_as(SYSTEM, fresh=True):
        due = Edition.objects.filter(status=EditionStatus.SCHEDULED, publish_at__lte=now).order_by("publish_at", "pk")
        rows, system = list(due), User.objects.system()

    def publish(edition: Edition) -> None:
        publish_edition(edition, actor=system, now=now)

    return each_by_itself(rows, publish)


def expire_due(now: datetime) -> int:
    """Take away the articles whose day of expiry has come; returns how many."""
    with viewing_as(SYSTEM, fresh=True):
        rows = list(Article.objects.filter(live=True, expires_on__lte=local_day(now)).order_by("pk"))
        system = User.objects.system()

    def expire(article: Article) -> None:
        expire_article(article, actor=system, now=now)

    return each_by_itself(rows, expire)


def ask_owners(now: datetime) -> int:
    """Have everybody told once whose articles are due for review or about to expire; returns how many people."""
    today = local_day(now)
    with viewing_as(SYSTEM, fresh=True):
        rows = due_articles(today).filter(owner__isnull=False).select_for_update(of=("self",), no_key=True)
        owners: dict[int, list[int]] = {}
        for pk, owner in rows.values_list("pk", "owner_id"):
            owners.setdefault(owner, []).append(pk)
        Article.objects.filter(pk__in=[pk for pks in owners.values() for pk in pks]).update(owner_told_on=today)
        for owner, pks in owners.items():
            enqueue(TELL_OWNER, owner=owner, articles=pks)
    return len(owners)


def due_articles(today: date) -> QuerySet[Article]:
    """Readable articles whose review is due or whose last days have begun, and whose owner was not told yet."""
    review = Q(review_on__lte=today) & _untold(F("review_on"))
    expiry = Q(expires_on__lte=today + WARN_BEFORE) & _untold(F("expires_on") - WARN_BEFORE)
    rows: QuerySet[Article] = Article.objects.filter(live=True).filter(review | expiry).order_by("pk")
    return rows


def _untold(since: object) -> Q:
    return Q(owner_told_on__isnull=True) | Q(owner_told_on__lt=since)


def tell_owner(owner: int, articles: list[int]) -> None:
    """Mail a colleague which articles want a look; nothing to who has left."""
    user = User.objects.filter(pk=owner, kind=Kind.STAFF, is_active=True).first()
    rows = list(Article.objects.filter(pk__in=articles, owner=owner, live=True).select_related("product"))
    if user is None or not rows:
        return
    with translation.override(user.language), timezone.override(vendor.current().time_zone):
        written = mail.compose(
            "knowledge/mails/due.txt",
            greeting=_("Hello %(name)s,") % {"name": user.name},
            count=len(rows),
            items=list(_items(rows[:_MOST_NAMED])),
            articles_url=addresses.page("desk:articles"),
        )
    mail.send(written, mail.Envelope(user.email, user.name, mail.new_message_id()))


def _items(rows: list[Article]) -> Iterator[tuple[str, str]]:
    """Title and what is due, per article."""
    titles: dict[int, str] = {}
    editions = Edition.objects.filter(article__in=rows, status=EditionStatus.PUBLISHED).order_by("-language")
    titles.update(editions.values_list("article_id", "title"))
    for row in rows:
        due = []
        if row.review_on:
            due.append(_("review on %(day)s") % {"day": date_format(row.review_on)})
        if row.expires_on:
            due.append(_("readable until the day before %(day)s") % {"day": date_format(row.expires_on)})
        yield titles.get(row.pk, ""), f"{row.product.name} · {', '.join(due)}"
