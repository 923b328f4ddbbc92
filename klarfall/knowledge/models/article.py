"""Article: a title that stays; Edition: its words at a time, in one language."""

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models.product import Area, Product, ProductVersion
from klarfall.core.isolation import Viewer
from klarfall.core.published import Published
from klarfall.knowledge import reach
from klarfall.knowledge.reach import Visibility
from klarfall.knowledge.status import READABLE, EditionStatus


class ArticleKind(models.TextChoices):
    """The five kinds of help (R21, R22)."""

    KNOWLEDGE = "knowledge", _("Knowledge article")
    UPDATE = "update", _("Update description")
    MANUAL = "manual", _("Manual")
    QUICK_START = "quick_start", _("Quick start")
    VIDEO = "video", _("Video")


class Article(Published):
    """One title of the Helpdesk-Center. Readers meet its current edition; links name the article and survive all."""

    kind = models.CharField(max_length=12, choices=ArticleKind.choices)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.CUSTOMERS)
    #: A published edition is there and the article was neither withdrawn nor has it expired; kept by actions.
    live = models.BooleanField(default=False)
    #: The name under which it was imported; empty = written here.
    source_id = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    review_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    #: The last day on which its owner was told that it is due.
    owner_told_on = models.DateField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    #: First and latest publication of any edition.
    published_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    # Counters for lists and ranking; the votes themselves belong to their customers.
    helped = models.PositiveIntegerField(default=0)
    not_helped = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    public_sql = reach.PUBLIC_SQL
    portal_sql = reach.PORTAL_SQL

    class Meta(Published.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source_id"], condition=~Q(source_id=""), name="article_imported_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["product", "kind", "-changed_at", "-id"], name="article_list"),
            models.Index(fields=["-changed_at", "-id"], name="article_newest"),
            models.Index(fields=["area", "kind"], name="article_of_area"),
            models.Index(fields=["review_on"], name="article_to_review", condition=Q(review_on__isnull=False)),
            models.Index(fields=["expires_on"], name="article_to_expire", condition=Q(expires_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"article {self.pk}"

    @classmethod
    def public(cls) -> Q:
        """What everybody reads."""
        return reach.public()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Q:
        """What the contact reads."""
        return reach.readable(viewer)


class Edition(Published):
    """The words of an article in one language. Published ones never change; one per language is current."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="editions")
    language = models.CharField(max_length=2, choices=[("de", _("German")), ("en", _("English"))], default="de")
    #: 1, 2, 3 ... per article and language.
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=EditionStatus.choices, default=EditionStatus.DRAFT)
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True, help_text="Markdown")
    #: How a manual calls this edition, say "2026"; empty = its number.
    label = models.CharField(max_length=60, blank=True)
    #: From which to which version of the product it holds; an update description is about `version_from`.
    version_from = models.ForeignKey(ProductVersion, models.PROTECT, null=True, blank=True, related_name="+")
    version_to = models.ForeignKey(ProductVersion, models.PROTECT, null=True, blank=True, related_name="+")
    #: What changed, for the history.
    note = models.CharField(max_length=300, blank=True)
    #: What a reviewer asked for when sending it back; for its writers only, empty as soon as it comes out.
    remark = models.CharField(max_length=300, blank=True)
    #: Whether subscribers are told of it.
    announced = models.BooleanField(default=True)
    #: Counts every saving of a draft: who saves an older one is told.
    saved = models.PositiveIntegerField(default=1)
    #: Which page saved it last and as its which saving, `page:number`; empty = without a script.
    saved_mark = models.CharField(max_length=40, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    #: When a scheduled edition comes out.
    publish_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    #: An older one, written when fewer people read the article: for its writers only, since nobody looked at it again.
    withheld = models.BooleanField(default=False)

    # The article's own policy answers in the subquery: what it hides, hides its editions as well.
    public_sql = (
        "status IN ('published', 'superseded') AND NOT withheld"
        " AND EXISTS (SELECT FROM knowledge_article a WHERE a.id = knowledge_edition.article_id)"
    )
    portal_sql = public_sql

    class Meta(Published.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["article", "language", "number"], name="edition_number_once"),
            models.UniqueConstraint(
                fields=["article", "language"], condition=Q(status="published"), name="one_current_edition"
            ),
            models.UniqueConstraint(
                fields=["article", "language"],
                condition=Q(status__in=["draft", "review", "scheduled"]),
                name="one_edition_in_work",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["publish_at"], name="edition_to_publish", condition=Q(status=EditionStatus.SCHEDULED.value)
            ),
            models.Index(fields=["status", "-changed_at", "-id"], name="edition_in_work"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="published_edition_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.published_at IS NOT NULL AND"
                    " (OLD.article_id, OLD.language, OLD.number, OLD.title, OLD.summary, OLD.body, OLD.published_at)"
                    " IS DISTINCT FROM"
                    " (NEW.article_id, NEW.language, NEW.number, NEW.title, NEW.summary, NEW.body, NEW.published_at)"
                ),
            ),
            pgtrigger.Protect(
                name="published_edition_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.published_at IS NOT NULL"),
            ),
        ]

    def __str__(self) -> str:
        return f"edition {self.pk}"

    @classmethod
    def public(cls) -> Q:
        """What everybody reads."""
        return cls._of_articles()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Q:
        """What the contact reads."""
        return cls._of_articles()

    @classmethod
    def _of_articles(cls) -> Q:
        articles: Any = Article.objects.all()  # narrowed by the viewer in force
        return Q(status__in=[str(one) for one in READABLE], withheld=False, article__in=articles.values("pk"))
