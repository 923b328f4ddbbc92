"""Add files to articles and take them out: pictures, videos with captions, chapters and poster, files to save."""

from datetime import datetime

from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.core import audit
from klarfall.core.action import action
from klarfall.core.jobs import enqueue
from klarfall.knowledge import storing
from klarfall.knowledge.locking import locked
from klarfall.knowledge.models import Article, Media, MediaUse
from klarfall.tickets import files

#: What readers meet at once, whichever edition they read: a new one takes the place of the old.
BESIDE = (MediaUse.POSTER, MediaUse.CAPTIONS, MediaUse.CHAPTERS)
_LANGUAGES = ("de", "en")


@action
def add_media(
    article: Article,
    *,
    file: UploadedFile | File,
    use: str,
    language: str = "",
    description: str = "",
    actor: User,
    now: datetime,
) -> Media:
    """Store a file with an article; texts name it as `media:ID`. Raises MediaRefused, PictureRefused, SpokenRefused.

    Captions, chapters and posters of a readable article are changed by who may publish, since no edition holds them.
    """
    article = locked(article)
    _require(article, use, actor)
    if use in (MediaUse.CAPTIONS, MediaUse.CHAPTERS) and language not in _LANGUAGES:
        language = "de"
    with storing.stored(storing.checked(file, use), now) as fields:
        if use in BESIDE:
            _replace(article, use, language, fields["name"], now)
        row: Media = Media.objects.create(
            article=article, use=use, language=language, description=" ".join(description.split())[:300],
            created_by=actor, created_at=now, **fields,
        )  # fmt: skip
        what = {"media": row.pk, "use": use, "size": row.size, "sha256": row.sha256}
        audit.record("media.added", article, actor=actor, now=now, data=what)
        _reindex(article, use)
    return row


@action
def describe_media(media: Media, *, description: str, actor: User, now: datetime) -> Media:
    """Say what a picture shows, for whoever does not see it."""
    article = locked(Article(pk=media.article_id))
    _require(article, media.use, actor)
    media = Media.objects.get(pk=media.pk)
    media.description = " ".join(description.split())[:300]
    media.save(update_fields=["description"])
    audit.record("media.described", article, actor=actor, now=now, data={"media": media.pk})
    return media


@action
def remove_media(media: Media, *, for_good: bool = False, actor: User, now: datetime) -> None:
    """Take a file out of an article. Editions that were published show it still; of a mere draft it is deleted.

    `for_good` (who may publish): deleted wherever it is shown, say because a picture names a person. Its description
    stands in its place.
    """
    article = locked(Article(pk=media.article_id))
    _require(article, media.use, actor)
    if for_good:
        permissions.require("article.publish", actor)
    media = Media.objects.get(pk=media.pk)
    deletes = for_good or article.published_at is None
    verb = "media.deleted" if deletes else "media.removed"
    audit.record(verb, article, actor=actor, now=now, data={"media": media.pk, "use": media.use})
    if deletes:
        media.delete()
        files.forget(media.key)
    else:
        media.removed_at = media.removed_at or now
        media.save(update_fields=["removed_at"])
    _reindex(article, media.use)


def _require(article: Article, use: str, actor: User) -> None:
    at_once = article.live and use in BESIDE
    permissions.require("article.publish" if at_once else "article.write", actor)


def _replace(article: Article, use: str, language: str, name: str, now: datetime) -> None:
    rows = Media.objects.filter(article=article, use=use, language=language, removed_at__isnull=True)
    stem = name.partition(".")[0].lower()
    old = [row.pk for row in rows if row.name.partition(".")[0].lower() == stem]
    Media.objects.filter(pk__in=old).update(removed_at=now)


def _reindex(article: Article, use: str) -> None:
    """The search reads what is said in videos."""
    if article.live and use in (MediaUse.CAPTIONS, MediaUse.CHAPTERS):
        enqueue("knowledge.index", article=article.pk)
