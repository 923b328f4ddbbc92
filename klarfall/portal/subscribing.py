"""The page of subscriptions: of which products one may hear, what one hears of, and as whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from klarfall.accounts.permissions import may
from klarfall.contracts.models import Product
from klarfall.customers.models import Contact
from klarfall.knowledge.models import ArticleKind, Pace, Subscription
from klarfall.knowledge.shelf import shelf
from klarfall.knowledge.subscribers import products_for, seat_of
from klarfall.portal.shell import viewer_of


@dataclass(frozen=True)
class Choice:
    """One product with what the person hears of it; `kinds` are (value, label, chosen)."""

    product: Product
    subscription: Subscription | None
    kinds: list[tuple[str, str, bool]]
    pace: str

    @property
    def has_feed(self) -> bool:
        """Is there an address of a feed?"""
        return self.subscription is not None and bool(self.subscription.feed_hash)


def subscribing_contacts(request: HttpRequest) -> list[Contact]:
    """As whom the person may subscribe, one contact per company."""
    rows = Contact.objects.filter(pk__in=viewer_of(request).contact_ids, is_active=True).order_by("pk")
    return [one for one in rows if may("article.subscribe", request.user, one)]


def contact_for(contacts: Iterable[Contact], product: Product) -> Contact | None:
    """The contact that subscribes to a product: one that has done so, else the first whose company reads about it."""
    known = list(contacts)
    kept = Subscription.objects.filter(contact__in=known, product=product).order_by("pk").first()
    if kept is not None:
        return next(one for one in known if one.pk == kept.contact_id)
    return next((one for one in known if products_for(seat_of(one)).filter(pk=product.pk).exists()), None)


def choices(request: HttpRequest) -> list[Choice]:
    """Every product of which there is anything to hear, in the vendor's order; three queries."""
    kept = {one.product_id: one for one in Subscription.objects.order_by("-pk")}
    there = shelf()
    products = products_for(viewer_of(request)).order_by("order", "pk")
    return [_choice(one, kept.get(one.pk), there.by_kind(one.pk)) for one in products]


def _choice(product: Product, kept: Subscription | None, there: dict[str, int]) -> Choice:
    chosen = list(kept.kinds) if kept else [ArticleKind.UPDATE]
    # Kinds that the product does not have are not offered (R22); updates come for every product some day.
    offered = [one for one in ArticleKind if one in there or one in chosen or one == ArticleKind.UPDATE]
    kinds = [(str(one), str(one.label), str(one) in chosen) for one in offered]
    return Choice(product, kept, kinds, kept.pace if kept else Pace.EACH)


def page_of(request: HttpRequest, **more: Any) -> dict[str, Any]:
    """What the template shows; a product named in the address stands first."""
    found = choices(request)
    wanted = request.GET.get("product", "")
    found.sort(key=lambda one: str(one.product.pk) != wanted)
    return {"choices": found, "paces": [(str(one), str(one.label)) for one in Pace], **more}
