"""Subscribe to news of the help about a product, change or end that, and the secret address of its feed (R61)."""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models import Product
from klarfall.core.action import NotAllowed, Refused, action
from klarfall.customers.models import Contact
from klarfall.knowledge.models import ArticleKind, Pace, Subscription
from klarfall.knowledge.subscribers import products_for, seat_of, token_hash


class SubscriptionRefused(Refused):
    """A subscription that cannot be taken; `field` names what is wrong."""

    code = "subscription_refused"


@action
def subscribe(
    contact: Contact, *, product: Product, kinds: Collection[str], pace: str, actor: Any, now: datetime
) -> Subscription:
    """Let a contact hear of new help about a product, or change what they hear of; returns the subscription.

    Begins now: nothing is told of what was published before. Only about products of which the contact reads anything.
    Raises SubscriptionRefused, NotAllowed.
    """
    _require_own(contact, actor)
    wanted = [kind for kind in ArticleKind.values if kind in kinds]
    if not wanted or len(wanted) != len(set(kinds)):
        raise SubscriptionRefused(_("Please choose at least one kind of help."), field="kinds")
    if pace not in Pace.values:
        raise SubscriptionRefused(_("Please choose how often you want to hear of it."), field="pace")
    if not products_for(seat_of(contact)).filter(pk=product.pk).exists():
        raise SubscriptionRefused(_("There is no help about this product for you."), field="product")
    found: Subscription = Subscription.objects.update_or_create(
        customer_id=contact.customer_id,
        contact=contact,
        product=product,
        defaults={"kinds": wanted, "pace": pace},
        create_defaults={"kinds": wanted, "pace": pace, "created_at": now, "told_until": now},
    )[0]
    return found


@action
def unsubscribe(subscription: Subscription, *, actor: Any, now: datetime) -> None:
    """End a subscription and its feed; one that is gone already is fine. Also for contacts that lost every right."""
    contact = Contact.objects.get(pk=subscription.contact_id)
    if contact.user_id != actor.pk:
        raise NotAllowed(_("You do not have the right to do this."))
    Subscription.objects.filter(pk=subscription.pk).delete()


@action
def renew_feed(subscription: Subscription, *, actor: Any, now: datetime) -> str:
    """Give the subscription a feed under a new secret and return that; an earlier address ends at once."""
    _require_own(Contact.objects.get(pk=subscription.contact_id), actor)
    token = secrets.token_urlsafe(32)
    Subscription.objects.filter(pk=subscription.pk).update(feed_hash=token_hash(token))
    return token


@action
def end_feed(subscription: Subscription, *, actor: Any, now: datetime) -> None:
    """Take the feed away; the mails go on."""
    _require_own(Contact.objects.get(pk=subscription.contact_id), actor)
    Subscription.objects.filter(pk=subscription.pk).update(feed_hash="")


def _require_own(contact: Contact, actor: Any) -> None:
    """People subscribe for themselves only."""
    permissions.require("article.subscribe", actor, contact)
    if contact.user_id != actor.pk or not contact.is_active:
        raise NotAllowed(_("You do not have the right to do this."))
