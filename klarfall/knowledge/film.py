"""Videos in texts: which captions, chapters and poster belong to a video, and its player."""

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from markupsafe import escape

from klarfall.knowledge import addresses
from klarfall.knowledge.models import Media, MediaUse

_TRACKS = {MediaUse.CAPTIONS.value: "captions", MediaUse.CHAPTERS.value: "chapters"}
_LANGUAGES = {"de": "Deutsch", "en": "English"}
_BESIDE = [MediaUse.POSTER.value, *_TRACKS]


def media_of(pks: Iterable[int], article: int | None) -> QuerySet[Media]:
    """The named files that the viewer in force may see, and what belongs to the videos of the article; one query."""
    beside = Q(article=article, use__in=_BESIDE, removed_at__isnull=True)
    rows: QuerySet[Media] = Media.objects.filter(Q(pk__in=set(pks)) | beside).defer("text").order_by("pk")
    return rows


def belonging(video: Media, rows: Sequence[Media]) -> list[Media]:
    """Captions, chapters and poster of a video: named after it, or nameless of kin where the article has one video."""
    kin = [one for one in rows if one.article_id == video.article_id and one.use in _BESIDE and one.removed_at is None]
    named = [one for one in kin if one.name.split(".")[0].lower() == video.name.split(".")[0].lower()]
    alone = sum(one.use == MediaUse.VIDEO and one.article_id == video.article_id for one in rows) <= 1
    return named or (kin if alone else [])


def player(video: Media, rows: Sequence[Media], title: str) -> str:
    """The player as HTML: nothing is loaded but the beginning until somebody plays it."""
    beside = belonging(video, rows)
    poster = next((one for one in reversed(beside) if one.use == MediaUse.POSTER), None)
    shown = f' poster="{escape(addresses.of_file(poster))}"' if poster else ""
    size = f' width="{video.width}" height="{video.height}"' if video.width and video.height else ""
    source = escape(addresses.of_file(video))
    tracks = "".join(_track(one) for one in beside if one.use in _TRACKS)
    words = escape(title or video.description or video.name)
    saving = escape(_("Save the video"))
    instead = f'<a class="link" href="{source}">{saving}</a>'
    return (
        f'<video class="film" controls preload="metadata" playsinline aria-label="{words}"{size}{shown}>'
        f'<source src="{source}" type="{escape(video.content_type)}">{tracks}{instead}</video>'
    )


def _track(row: Media) -> str:
    language = row.language or "de"
    label = escape(_LANGUAGES.get(language, language))
    return (
        f'<track kind="{_TRACKS[row.use]}" src="{escape(addresses.of_file(row))}" srclang="{escape(language)}"'
        f' label="{label}">'
    )
