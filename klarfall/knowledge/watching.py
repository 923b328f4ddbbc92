"""A video as its page shows it: the player, its chapters, and what is said in it, from the captions."""

from dataclasses import dataclass

from django.core.files.storage import default_storage
from markupsafe import Markup

from klarfall.knowledge import addresses, film, spoken
from klarfall.knowledge.models import Article, Edition, Media, MediaUse
from klarfall.knowledge.rendering import player

_PARTS = [use.value for use in (MediaUse.VIDEO, MediaUse.POSTER, MediaUse.CAPTIONS, MediaUse.CHAPTERS)]
#: Words between two moments of the transcript: about what one reads at a glance.
_PARAGRAPH = 60


@dataclass(frozen=True)
class Moment:
    """Words and the second at which they are said or at which a chapter begins."""

    second: int
    words: str

    @property
    def clock(self) -> str:
        """`3:20`, as players write it."""
        minutes, seconds = divmod(self.second, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@dataclass(frozen=True)
class Film:
    """A video: its player (none where the text shows it), chapters, transcript, length and address."""

    player: Markup | None
    url: str
    length: str
    chapters: tuple[Moment, ...]
    transcript: tuple[Moment, ...]


def film_of(article: Article, edition: Edition) -> Film | None:
    """The video of an article, in the language of the edition if there are several; None without one; one query."""
    rows = list(Media.objects.filter(article=article, use__in=_PARTS, removed_at__isnull=True).order_by("pk"))
    videos = [one for one in rows if one.use == MediaUse.VIDEO]
    video = min(videos, key=lambda one: (one.language not in ("", edition.language), one.pk), default=None)
    if video is None:
        return None
    beside = film.belonging(video, rows)
    in_text = f"media:{video.pk})" in edition.body or f"media:{video.pk} " in edition.body
    return Film(
        player=None if in_text else player(video, rows, edition.title),
        url=addresses.of_file(video),
        length=Moment(video.duration, "").clock if video.duration else "",
        chapters=_moments(beside, MediaUse.CHAPTERS, edition.language),
        transcript=_paragraphs(_moments(beside, MediaUse.CAPTIONS, edition.language)),
    )


def _moments(rows: list[Media], use: MediaUse, language: str) -> tuple[Moment, ...]:
    """The cues of a track in a language, else in any; none where its content is not there."""
    tracks = sorted((one for one in rows if one.use == use), key=lambda one: (one.language != language, one.pk))
    for track in tracks[:1]:
        try:
            with default_storage.open(track.key, "rb") as file:
                found = spoken.read(file.read(spoken.MOST_BYTES + 1))
        except (FileNotFoundError, spoken.SpokenRefused):
            return ()
        lines = found.text.split("\n")
        return tuple(Moment(int(cue.start), words) for cue, words in zip(found.cues, lines, strict=True))
    return ()


def _paragraphs(moments: tuple[Moment, ...]) -> tuple[Moment, ...]:
    """Captions put together to paragraphs that end with a sentence."""
    found: list[Moment] = []
    for one in moments:
        last = found[-1] if found else None
        is_full = last is None or (len(last.words.split()) >= _PARAGRAPH and last.words.endswith((".", "!", "?")))
        if last is None or is_full:
            found.append(one)
        else:
            found[-1] = Moment(last.second, f"{last.words} {one.words}")
    return tuple(found)
