"""What subscribers read: their sight, the products of which there is anything for them, and their way out of a mail."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.core import signing
from django.db.models import Exists, OuterRef, Q, QuerySet

from klarfall.contracts.models import Product
from klarfall.core.isolation import SYSTEM, Seat, Viewer, ViewerKind, viewing_as
from klarfall.customers.models import Contact
from klarfall.knowledge.models import Article, Subscription
from klarfall.knowledge.reach import contracted

_SALT = "klarfall.knowledge.subscriptions"
#: More are never named in one mail: one per product.
_MOST = 200


def seat_of(contact: Contact) -> Viewer:
    """The sight of a contact by the company of this row alone, whatever else the person is."""
    return Viewer(ViewerKind.CONTACT, contact.user_id, (Seat(contact.pk, contact.customer_id),))


def products_for(viewer: Viewer) -> QuerySet[Product]:
    """Products that one may subscribe to: under contract, or with anything that this viewer reads; for any scope."""
    with viewing_as(viewer):
        articles: Any = Article.objects.filter(product=OuterRef("pk"))
    rule = contracted(viewer) | Q(Exists(articles))
    return Product.objects.filter(rule, active=True)


def token_hash(token: str) -> str:
    """What is stored of the secret in a feed's address: it cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def leaving_token(subscriptions: Iterable[int]) -> str:
    """What proves that a link came with a mail about these subscriptions; it lasts as long as they do."""
    return signing.dumps(sorted(subscriptions), salt=_SALT, compress=True)


def subscriptions_of(token: str) -> list[Subscription] | None:
    """The subscriptions that a link ends, as far as they are left; None for a link that is none of ours."""
    try:
        ids = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    with viewing_as(SYSTEM):
        rows = Subscription.objects.filter(pk__in=ids[:_MOST]).select_related("product", "contact__user")
        return list(rows.order_by("product__order", "pk"))
