"""Tell subscribers of new help: once per article and subscriber, at once or collected, whatever breaks meanwhile.

What is to be told stands in SubscriptionNews. Its `told_at` and the notice are written in one transaction, and both
have unique keys: a worker may die anywhere, and a job may run as often as it likes. Who reads an article is asked
with the sight of each contact: here, and again when the mail is written.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from klarfall.channels import notices
from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from klarfall.knowledge.models import Article, Edition, Pace, Subscription, SubscriptionNews
from klarfall.knowledge.reach import Visibility
from klarfall.knowledge.status import EditionStatus
from klarfall.knowledge.subscribers import seat_of

ANNOUNCE = "knowledge.announce"
#: Subscribers in one transaction.
_AT_ONCE = 50
#: When collected news go out, by the clock of the vendor; weekly ones on Mondays.
DIGEST_AT = time(7)
_MONDAY = 0
#: What nobody could read for so long is news no more.
_STALE = timedelta(days=30)
#: Articles named in one digest.
MOST_NAMED = 50


def announce(edition_id: int, *, now: datetime) -> None:
    """Tell everybody who subscribed to the kind and product of a new article and may read it.

    Called outside of any scope, in parts. A second edition or a translation of something told is not told again.
    """
    reached: int | None = 0
    while reached is not None:
        with viewing_as(SYSTEM, fresh=True):
            reached = _announce_some(edition_id, reached, now)


def _announce_some(edition_id: int, after: int, now: datetime) -> int | None:
    """One part; returns the last subscription looked at, None at the end."""
    edition = Edition.objects.select_related("article").get(pk=edition_id)
    article = edition.article
    if not _is_news(edition):
        return None
    rows = Subscription.objects.filter(product=article.product_id, kinds__contains=[article.kind], pk__gt=after)
    # A new edition of something that was there before is no news to whoever subscribed meanwhile.
    began = {"created_at__lte": article.published_at or now}
    rows = rows.filter(contact__is_active=True, contact__user__is_active=True, **began)
    # Locked: of two jobs at once the second one finds what the first has told.
    some = list(
        rows.select_related("contact__user").select_for_update(of=("self",), no_key=True).order_by("pk")[:_AT_ONCE]
    )
    told = set(SubscriptionNews.objects.filter(subscription__in=some, article=article).values_list("subscription_id"))
    for subscription in some:
        if (subscription.pk,) not in told and reads(subscription.contact, [article.pk]):
            _note(subscription, article, now)
    return some[-1].pk if len(some) == _AT_ONCE else None


def _is_news(edition: Edition) -> bool:
    is_out = edition.status == EditionStatus.PUBLISHED and edition.announced
    return is_out and edition.article.live and edition.article.visibility != Visibility.INTERNAL


def reads(contact: Contact, articles: Iterable[int]) -> set[int]:
    """Which of these articles the contact reads, by the company of this row."""
    with viewing_as(seat_of(contact)):
        return set(Article.objects.filter(pk__in=list(articles)).values_list("pk", flat=True))


def _note(subscription: Subscription, article: Article, now: datetime) -> None:
    """Keep the news for the next digest, or tell it in the same transaction."""
    at_once = subscription.pace == Pace.EACH
    SubscriptionNews.objects.create(
        customer_id=subscription.customer_id,
        subscription=subscription,
        article=article,
        created_at=now,
        told_at=now if at_once else None,
    )
    if at_once:
        notices.tell(
            subscription.contact.user,
            kind="help_news",
            key=f"help-news:{article.pk}:{subscription.contact_id}",
            customer_id=subscription.customer_id,
            data={"articles": [article.pk], "subscriptions": [subscription.pk]},
            now=now,
        )


def due_since(pace: str, now: datetime) -> datetime:
    """The latest moment, up to now, at which digests of this pace went out or should have; for no digest: now."""
    if pace == Pace.EACH:
        return now
    local = now.astimezone(vendor.zone())
    at = local.replace(hour=DIGEST_AT.hour, minute=DIGEST_AT.minute, second=0, microsecond=0)
    if at > local:
        at -= timedelta(days=1)
    if pace == Pace.WEEKLY:
        at -= timedelta(days=(at.weekday() - _MONDAY) % 7)
    return at


def send_digests(now: datetime) -> None:
    """Send what was collected for everybody whose turn it is; called outside of any scope, one transaction each."""
    for pace in Pace:  # who wants each at once now may have something left from before
        since = due_since(pace, now)
        with viewing_as(SYSTEM, fresh=True):
            contacts = list(_due(pace, since).values_list("contact_id", flat=True).distinct().order_by("contact_id"))
        for contact_id in contacts:
            with viewing_as(SYSTEM, fresh=True):
                _send_digest(contact_id, pace, since, now)


def _due(pace: str, since: datetime) -> QuerySet[Subscription]:
    waiting = SubscriptionNews.objects.filter(subscription=OuterRef("pk"), told_at__isnull=True, created_at__lt=since)
    rows: QuerySet[Subscription] = Subscription.objects.filter(Exists(waiting), pace=pace, told_until__lt=since)
    return rows


def _send_digest(contact_id: int, pace: str, since: datetime, now: datetime) -> None:
    """One mail with everything that waits for a contact and that they may read now; none if there is nothing."""
    mine = list(_due(pace, since).filter(contact=contact_id).select_for_update(of=("self",), no_key=True))
    if not mine:
        return  # another worker was faster
    contact = Contact.objects.select_related("user").get(pk=contact_id)
    waiting = SubscriptionNews.objects.filter(subscription__in=mine, told_at__isnull=True)
    waiting.filter(created_at__lt=now - _STALE).update(told_at=now)
    fresh = list(waiting.filter(created_at__lt=since).order_by("created_at", "pk"))
    readable = reads(contact, {one.article_id for one in fresh}) if contact.is_active else set()
    # What was withdrawn for a while waits; it is told when it is back.
    news = [one for one in fresh if one.article_id in readable]
    if news:
        _tell_all(contact, news, since, now)
    Subscription.objects.filter(pk__in=[one.pk for one in mine]).update(told_until=since)


def _tell_all(contact: Contact, news: list[SubscriptionNews], since: datetime, now: datetime) -> None:
    SubscriptionNews.objects.filter(pk__in=[one.pk for one in news]).update(told_at=now)
    notices.tell(
        contact.user,
        kind="help_digest",
        key=f"help-digest:{contact.pk}:{since:%Y%m%d%H%M}:{min(one.pk for one in news)}",
        customer_id=contact.customer_id,
        data={
            "articles": [one.article_id for one in news],
            "subscriptions": sorted({one.subscription_id for one in news}),
        },
        now=now,
    )
