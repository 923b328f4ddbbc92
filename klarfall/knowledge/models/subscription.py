"""Subscription: who wants to hear of new help; SubscriptionNews: what was told, once."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models.product import Product
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.knowledge.models.article import Article, ArticleKind, Edition


class Pace(models.TextChoices):
    """How news reach a subscriber."""

    EACH = "each", _("At once, one mail each")
    DAILY = "daily", _("Once a day, if there is anything")
    WEEKLY = "weekly", _("Once a week, if there is anything")


class Subscription(CustomerOwned):
    """One contact wants to hear of these kinds of help about one product."""

    contact = OwnedForeignKey("customers.Contact", related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    kinds = ArrayField(models.CharField(max_length=12, choices=ArticleKind.choices))
    pace = models.CharField(max_length=6, choices=Pace.choices, default=Pace.EACH)
    #: Hash of the secret in the address of its feed; empty = no feed.
    feed_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    #: Until when a digest has told everything.
    told_until = models.DateTimeField()

    portal_sight = "contact"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "contact", "product"], name="one_subscription_per_product"),
            models.UniqueConstraint(
                fields=["feed_hash"], condition=~models.Q(feed_hash=""), name="feed_of_one_subscription"
            ),
            models.UniqueConstraint(fields=["customer", "id"], name="subscription_of_customer"),
        ]
        indexes: ClassVar = [models.Index(fields=["product", "pace"], name="subscription_of_product")]

    def __str__(self) -> str:
        return f"subscription {self.pk}"


class SubscriptionNews(CustomerOwned):
    """An edition of which a subscriber was told, or is to be told with the next digest: once, whatever happens."""

    subscription = OwnedForeignKey(Subscription, on_delete=models.CASCADE, related_name="news")
    article = models.ForeignKey(Article, models.PROTECT, related_name="+")
    #: Which one; empty = told before editions were noted, so of the article's first one.
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    portal_sight = ""

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "subscription", "edition"], name="news_told_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subscription"], name="news_waiting", condition=models.Q(told_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"news {self.pk}"
