"""The feed of a subscription (Atom): what its contact reads now, and nothing but what stands above each text.

Feed readers do not sign in: the secret in the address is the proof. It ends with the subscription, with the contact,
and with a new address; what the contact may not read any more leaves the feed at once.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.http import http_date
from django.utils.translation import gettext as _

from klarfall.accounts.access import client_address
from klarfall.accounts.limits import Limit, allows, neighbourhood
from klarfall.channels import addresses
from klarfall.core import vendor
from klarfall.core.isolation import NOBODY, SYSTEM, viewing_as
from klarfall.knowledge.models import Article, Subscription
from klarfall.knowledge.shelf import Card, cards
from klarfall.knowledge.subscribers import seat_of, token_hash

#: Entries of a feed.
MOST = 50
_LONGEST_TOKEN = 100
_LONGEST_SUMMARY = 2_000
#: A reader that asks every five minutes is let in; so are many of them behind one address.
_PER_FEED = Limit("help-feed", 30, timedelta(hours=1))
_PER_CLIENT = Limit("help-feed-client", 600, timedelta(hours=1))
RETRY_AFTER = 3600  # seconds
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_KEPT_FOR = 900  # seconds in which readers need not ask again


@dataclass(frozen=True)
class News:
    """One entry: the card of an article with the days on which it came out and was changed."""

    card: Card
    published_at: datetime
    changed_at: datetime


def may_ask(request: HttpRequest, token: str, *, now: datetime) -> bool:
    """Count one look at a feed, by its address and by the network from which it comes."""
    client = neighbourhood(client_address(request))
    with viewing_as(NOBODY):  # counters are kept with the login role
        return allows(_PER_CLIENT, client, now=now) and allows(_PER_FEED, token_hash(token), now=now)


def subscription_of(token: str) -> Subscription | None:
    """The subscription of a feed's secret, while its contact and person are active. Opens its own scope."""
    if len(token) > _LONGEST_TOKEN:
        return None
    with viewing_as(SYSTEM):
        rows = Subscription.objects.select_related("product", "contact__user")
        active = {"contact__is_active": True, "contact__user__is_active": True}
        found: Subscription | None = rows.filter(feed_hash=token_hash(token), **active).first()
        return found


def news_of(subscription: Subscription) -> list[News]:
    """What the contact of the subscription reads now, the newest first, in their language."""
    contact = subscription.contact
    with viewing_as(seat_of(contact)):
        rows = Article.objects.filter(product=subscription.product_id, kind__in=subscription.kinds, live=True)
        some = list(rows.select_related("product", "area").order_by("-published_at", "-pk")[:MOST])
        shown = {one.pk: one for one in cards(some, language=contact.user.language)}
    return list(_news(some, shown))


def _news(some: list[Article], shown: dict[int, Card]) -> Iterator[News]:
    for one in some:
        if one.pk in shown and one.published_at is not None:
            yield News(shown[one.pk], one.published_at, one.changed_at or one.published_at)


def answer(request: HttpRequest, subscription: Subscription, news: list[News], own: str) -> HttpResponse:
    """The feed, or that it has not changed since the reader fetched it."""
    changed = max([subscription.created_at, *(one.changed_at for one in news)]).astimezone(UTC)
    etag = f'"{_print_of(subscription, news)}"'
    headers = {
        "ETag": etag,
        "Last-Modified": http_date(changed.timestamp()),
        "Cache-Control": f"private, max-age={_KEPT_FOR}",
        "X-Robots-Tag": "noindex",
    }
    # An article that was withdrawn changes the mark, but no date: the mark alone decides where a reader sends it.
    unchanged = get_conditional_response(request, etag=etag, last_modified=int(changed.timestamp()))
    if unchanged is not None:
        for name, value in headers.items():
            unchanged.headers[name] = value
        return unchanged
    with translation.override(subscription.contact.user.language):
        written = _atom(subscription, news, own).writeString("utf-8")
    return HttpResponse(written, content_type="application/atom+xml; charset=utf-8", headers=headers)


def _print_of(subscription: Subscription, news: list[News]) -> str:
    """Changes with everything that a reader would see."""
    parts = [f"{subscription.pk} {subscription.product.name} {subscription.contact.user.language}"]
    parts += [f"{one.card.pk} {one.card.title} {one.card.summary} {one.changed_at.isoformat()}" for one in news]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _atom(subscription: Subscription, news: list[News], own: str) -> Atom1Feed:
    house = vendor.current()
    title = _in_xml(_("%(product)s: news of the help pages") % {"product": subscription.product.name})
    feed = Atom1Feed(
        title=title,
        link=addresses.page("portal:help"),
        description="",
        language=subscription.contact.user.language,
        feed_url=own,
        author_name=_in_xml(house.name),
    )
    for one in news:
        feed.add_item(
            title=_in_xml(one.card.title),
            link=addresses.page("portal:article", pk=one.card.pk),
            description=_in_xml(escape(one.card.summary[:_LONGEST_SUMMARY])),  # Atom's summary is HTML
            pubdate=one.published_at,
            updateddate=one.changed_at,
            unique_id=addresses.page("portal:article", pk=one.card.pk),
            categories=[one.card.kind_name],
        )
    return feed


def _in_xml(text: str) -> str:
    """Without the signs that XML cannot hold: one pasted title must not end the feeds of all subscribers."""
    return _NOT_IN_XML.sub("", text)
