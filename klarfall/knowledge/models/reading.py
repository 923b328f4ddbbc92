"""What readers do with help: read it, say whether it helped, carry it into a request. All of it is their customer's."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.knowledge.models.article import Article, Edition


class VoteOrigin(models.TextChoices):
    """Where somebody said that it helped or did not."""

    ARTICLE = "article"
    #: While writing a request, which was not sent then.
    WRITING = "writing"


class VoteReason(models.TextChoices):
    """Why an article did not help."""

    NOT_MY_QUESTION = "not_my_question", _("It is about something else")
    UNCLEAR = "unclear", _("I do not understand it")
    DOES_NOT_WORK = "does_not_work", _("It does not work like this here")
    OUTDATED = "outdated", _("It is out of date")


class Vote(CustomerOwned):
    """*Did this help?* of one person, with one of their companies; the latest answer per article counts."""

    contact = OwnedForeignKey("customers.Contact", related_name="+")
    article = models.ForeignKey(Article, models.PROTECT, related_name="+")
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, blank=True, related_name="+")
    origin = models.CharField(max_length=8, choices=VoteOrigin.choices, default=VoteOrigin.ARTICLE)
    helped = models.BooleanField()
    reason = models.CharField(max_length=16, choices=VoteReason.choices, blank=True)
    comment = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()

    portal_sight = "contact"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "contact", "article"], name="one_vote_per_article"),
        ]
        indexes: ClassVar = [models.Index(fields=["article", "helped"], name="vote_of_article")]

    def __str__(self) -> str:
        return f"vote {self.pk}"


class Reading(CustomerOwned):
    """When a contact last read an article, and how often."""

    contact = OwnedForeignKey("customers.Contact", related_name="+")
    article = models.ForeignKey(Article, models.PROTECT, related_name="+")
    times = models.PositiveIntegerField(default=1)
    read_at = models.DateTimeField()

    portal_sight = "contact"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "contact", "article"], name="one_reading_per_article"),
        ]
        indexes: ClassVar = [models.Index(fields=["contact", "-read_at"], name="reading_of_contact")]

    def __str__(self) -> str:
        return f"reading {self.pk}"


class ArticleUse(CustomerOwned):
    """An article that belongs to a request: the customer asked from it, or a specialist answered with it."""

    ticket = OwnedForeignKey("tickets.Ticket", related_name="+")
    article = models.ForeignKey(Article, models.PROTECT, related_name="+")
    #: The customer wrote the request from this article; else a specialist put it to the request.
    asked_from = models.BooleanField(default=False)
    #: The request became (a draft of) this article.
    source = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    portal_sight = "ticket"
    # The draft that was made of a request is the editors' business.
    contacts_see = models.Q(source=False)
    contacts_see_sql = "NOT source"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "ticket", "article"], name="article_once_per_ticket"),
        ]
        indexes: ClassVar = [models.Index(fields=["article"], name="use_of_article")]

    def __str__(self) -> str:
        return f"use {self.pk}"
