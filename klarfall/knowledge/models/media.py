"""Media: a picture, video, captions or file of an article; its content lies in the private store under `key`."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from klarfall.core.isolation import Viewer
from klarfall.core.published import Published
from klarfall.knowledge.models.article import Article


class MediaUse(models.TextChoices):
    """What a file is for."""

    PICTURE = "picture"
    VIDEO = "video"
    POSTER = "poster"
    #: WebVTT: what is said, in `language`.
    CAPTIONS = "captions"
    #: WebVTT: where the chapters of a video begin, in `language`.
    CHAPTERS = "chapters"
    FILE = "file"


class Media(Published):
    """A file that belongs to one article; whoever reads the article gets it. Texts name it as `media:ID`."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="media")
    use = models.CharField(max_length=10, choices=MediaUse.choices)
    language = models.CharField(max_length=2, blank=True)
    name = models.CharField(max_length=160)
    #: What a picture shows, for whoever does not see it.
    description = models.CharField(max_length=300, blank=True)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=80)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    duration = models.PositiveIntegerField(null=True, blank=True, help_text="seconds")
    #: What captions and chapters say, without times; the search reads it.
    text = models.TextField(blank=True)
    #: No longer part of the article; older editions may still show it.
    removed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    public_sql = "EXISTS (SELECT FROM knowledge_article a WHERE a.id = knowledge_media.article_id)"
    portal_sql = public_sql

    class Meta(Published.Meta):
        indexes: ClassVar = [models.Index(fields=["article", "use"], name="media_of_article")]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(size__gt=0), name="media_not_empty")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def public(cls) -> Q:
        """What everybody gets."""
        return Q(article__in=Article.objects.values("pk"))

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Q:
        """What the contact gets."""
        return Q(article__in=Article.objects.values("pk"))
