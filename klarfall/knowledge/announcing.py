"""Tell subscribers of new help: each edition once per subscriber, at once or collected, whatever breaks meanwhile.

What is to be told stands in SubscriptionNews. Its `told_at` and the notice are written in one transaction, and both
have unique keys: a worker may die anywhere, and a job may run as often as it likes. Who reads an article is asked
with the sight of each contact: here, and again when the mail is written.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from klarfall.channels import notices
from klarfall.contracts.models import Product
from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from klarfall.knowledge.models import Article, Edition, Pace, Subscription, SubscriptionNews
from klarfall.knowledge.reach import Visibility, contracted
from klarfall.knowledge.status import READABLE, EditionStatus
from klarfall.knowledge.subscribers import seat_of

ANNOUNCE, ANNOUNCE_WIDER = "knowledge.announce", "knowledge.announce_wider"
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
    """Tell everybody who subscribed to the kind and product of a new article, or of a renewed one, and may read it.

    Called outside of any scope, in parts. A translation of something told is not told again, nor is a second edition
    that does not say what is different.
    """
    reached: int | None = 0
    while reached is not None:
        with viewing_as(SYSTEM, fresh=True):
            reached = _announce_some(edition_id, reached, now)


def _announce_some(edition_id: int, after: int, now: datetime) -> int | None:
    """One part; returns the last subscription looked at, None at the end."""
    edition = Edition.objects.select_related("article").get(pk=edition_id)
    article = edition.article
    if not (_is_out(article) and edition.status == EditionStatus.PUBLISHED and edition.announced):
        return None
    renewed = _is_renewed(edition)
    # What was there before is no news to whoever subscribed meanwhile; a renewed edition is.
    since = edition.published_at if renewed else article.published_at
    some = _subscribers(article, since or now, after)
    told, languages = _told(some, article), _languages(article)
    for subscription in some:
        known = told.get(subscription.pk, set())
        person = subscription.contact.user
        # Of two languages that are renewed one after the other, everybody hears of their own.
        is_theirs = edition.language == person.language or person.language not in languages
        is_new = edition.pk not in known and is_theirs if renewed else not known
        if is_new and reads(subscription.contact, [article.pk]):
            _note(subscription, edition, now)
    return some[-1].pk if len(some) == _AT_ONCE else None


def announce_wider(article_id: int, visibility: str, product_id: int, *, now: datetime) -> None:
    """Tell subscribers who may read an article now and could not while it had that visibility and product.

    Called outside of any scope, in parts. Nobody who was told of the article is told again, and nothing is told that
    no editor ever wanted to be.
    """
    reached: int | None = 0
    while reached is not None:
        with viewing_as(SYSTEM, fresh=True):
            reached = _widen_some(article_id, (visibility, product_id), reached, now)


def _widen_some(article_id: int, before: tuple[str, int], after: int, now: datetime) -> int | None:
    article = Article.objects.get(pk=article_id)
    editions = list(article.editions.filter(status__in=READABLE).order_by("pk").defer("body"))
    current = {one.language: one for one in editions if one.status == EditionStatus.PUBLISHED}
    if not (_is_out(article) and current and any(one.announced for one in editions)):
        return None
    some = _subscribers(article, now, after)
    told = _told(some, article)
    for subscription in some:
        contact = subscription.contact
        if subscription.pk in told or could_read(contact, *before) or not reads(contact, [article.pk]):
            continue
        theirs = current.get(contact.user.language) or current.get("de") or next(iter(current.values()))
        _note(subscription, theirs, now)
    return some[-1].pk if len(some) == _AT_ONCE else None


def _subscribers(article: Article, since: datetime, after: int) -> list[Subscription]:
    """The next subscribers to its kind and product who were there by then.

    Locked: of two jobs at once the second one finds what the first has told.
    """
    rows = Subscription.objects.filter(product=article.product_id, kinds__contains=[article.kind], pk__gt=after)
    rows = rows.filter(contact__is_active=True, contact__user__is_active=True, created_at__lte=since)
    locked = rows.select_related("contact__user").select_for_update(of=("self",), no_key=True)
    return list(locked.order_by("pk")[:_AT_ONCE])


def _told(some: list[Subscription], article: Article) -> dict[int, set[int | None]]:
    """Which editions of the article subscriptions were told of; None: before editions were noted."""
    rows = SubscriptionNews.objects.filter(subscription__in=some, article=article)
    found: dict[int, set[int | None]] = {}
    for subscription, edition in rows.values_list("subscription_id", "edition_id"):
        found.setdefault(subscription, set()).add(edition)
    return found


def _is_out(article: Article) -> bool:
    return article.live and article.visibility != Visibility.INTERNAL


def _is_renewed(edition: Edition) -> bool:
    """A later edition of its language that says what is different: news to everybody who reads it."""
    earlier = edition.article.editions.filter(language=edition.language, number__lt=edition.number)
    return bool(edition.note.strip()) and earlier.filter(published_at__isnull=False).exists()


def _languages(article: Article) -> set[str]:
    rows = article.editions.filter(status=EditionStatus.PUBLISHED)
    return set(rows.values_list("language", flat=True))


def reads(contact: Contact, articles: Iterable[int]) -> set[int]:
    """Which of these articles the contact reads, by the company of this row."""
    with viewing_as(seat_of(contact)):
        return set(Article.objects.filter(pk__in=list(articles)).values_list("pk", flat=True))


def could_read(contact: Contact, visibility: str, product_id: int) -> bool:
    """Whether the contact reads published articles of this visibility and product."""
    if visibility != Visibility.CUSTOMERS:
        return visibility != Visibility.INTERNAL
    viewer = seat_of(contact)
    with viewing_as(viewer):
        return Product.objects.filter(contracted(viewer), pk=product_id).exists()


def _note(subscription: Subscription, edition: Edition, now: datetime) -> None:
    """Keep the news for the next digest, or tell it in the same transaction."""
    article, at_once = edition.article, subscription.pace == Pace.EACH
    SubscriptionNews.objects.create(
        customer_id=subscription.customer_id,
        subscription=subscription,
        article=article,
        edition=edition,
        created_at=now,
        told_at=now if at_once else None,
    )
    if at_once:
        notices.tell(
            subscription.contact.user,
            kind="help_news",
            key=f"help-news:{article.pk}:{edition.pk}:{subscription.contact_id}",
            customer_id=subscription.customer_id,
            data={"articles": [article.pk], "editions": [edition.pk], "subscriptions": [subscription.pk]},
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
            "articles": list(dict.fromkeys(one.article_id for one in news)),
            "editions": [one.edition_id for one in news if one.edition_id],
            "subscriptions": sorted({one.subscription_id for one in news}),
        },
        now=now,
    )
