"""What mails about new help say: read with the recipient's eyes, so that what they may not read is not named."""

from datetime import datetime
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from klarfall.channels import addresses
from klarfall.channels.letters import NothingToTell
from klarfall.channels.models import Notice
from klarfall.channels.told_above import tells
from klarfall.customers.models import Customer
from klarfall.knowledge.announcing import MOST_NAMED
from klarfall.knowledge.models import Article, Edition
from klarfall.knowledge.shelf import Card, cards
from klarfall.knowledge.subscribers import leaving_token

_LONGEST_SUMMARY = 600


def leave(notice: Notice) -> str:
    """Where the subscriptions that this mail is about are ended."""
    return addresses.page("portal:unsubscribe", token=leaving_token(notice.data["subscriptions"]))


@tells("help_news", "help_digest", leave=leave)
def about_news(notice: Notice, now: datetime) -> dict[str, Any]:
    """The articles that the recipient still reads, newest last; what was withdrawn meanwhile is left out."""
    rows = Article.objects.filter(pk__in=notice.data["articles"], live=True).select_related("product", "area")
    found = cards(rows.order_by("published_at", "pk"), language=get_language() or "de")
    if not found:
        raise NothingToTell("The recipient does not read any of the articles (any more).")
    products = list(dict.fromkeys(one.product for one in found))
    changed = _changes(notice)
    return {
        "items": [{**_item(one), "changed": changed.get(one.pk, "")} for one in found[:MOST_NAMED]],
        "more": max(0, len(found) - MOST_NAMED),
        "products": get_text_list(products, _("and")),
        "customer": Customer.objects.get(pk=notice.customer_id).name,
        "signature": [],
    }


def _changes(notice: Notice) -> dict[int, str]:
    """What is different in editions that are not their article's first ones, by article, where the recipient reads."""
    rows = Edition.objects.filter(pk__in=notice.data.get("editions", []), number__gt=1).order_by("pk")
    return dict(rows.values_list("article_id", "note"))


def _item(card: Card) -> dict[str, str]:
    """One article: nothing but what stands above its text."""
    return {
        "title": card.title,
        "summary": card.summary[:_LONGEST_SUMMARY],
        "url": addresses.page("portal:article", pk=card.pk),
        "note": card.kind_name,
        "product": card.product,
    }
