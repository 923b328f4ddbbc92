"""What an editor is told before an edition comes out: what is missing warns, only what nobody could read blocks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from klarfall.knowledge.links import broken_in
from klarfall.knowledge.models import ArticleKind, Edition, Media, MediaUse

_PICTURE = re.compile(r"!\[([^\]\n]*)\]\(([^)\s]*)")
#: Broken links that are named.
_MOST_LINKS = 10
_MEDIA = re.compile(r"media:(\d{1,15})")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to see to; `blocks`: the edition cannot come out like this."""

    text: str | Promise
    blocks: bool = False


def of(edition: Edition, files: Sequence[Media]) -> list[Check]:
    """Everything that is to be seen to, what blocks first."""
    found = [*_words(edition), *_pictures(edition, files), *_videos(edition, files), *_links(edition)]
    return sorted(found, key=lambda one: not one.blocks)


def _words(edition: Edition) -> Iterator[Check]:
    article = edition.article
    if not edition.body.strip() and not edition.summary.strip():
        yield Check(_("There is no text yet."), blocks=True)
    if not edition.summary.strip():
        yield Check(_("The sentence under the title is missing: lists and search results show it."))
    if article.area_id is None:
        yield Check(_("No area is chosen: customers who look by area do not find the article."))
    if article.kind == ArticleKind.UPDATE and edition.version_from_id is None:
        yield Check(_("An update description says about which version it is. None is chosen."))
    if edition.number > 1 and not edition.note.strip():
        said = _("Nothing says what is different in this edition: subscribers are not told of it.")
        yield Check(said if edition.announced else _("Nothing says what is different in this edition."))


def _pictures(edition: Edition, files: Sequence[Media]) -> Iterator[Check]:
    described = {f"media:{one.pk}" for one in files if one.description.strip()}
    bare = sum(not words.strip() and target not in described for words, target in _PICTURE.findall(edition.body))
    if bare:
        text = ngettext("%(count)s picture has no description.", "%(count)s pictures have no description.", bare)
        yield Check(text % {"count": bare})


def _videos(edition: Edition, files: Sequence[Media]) -> Iterator[Check]:
    named = {int(pk) for pk in _MEDIA.findall(edition.body)}
    videos = [one for one in files if one.use == MediaUse.VIDEO and one.pk in named]
    captions = any(one.use == MediaUse.CAPTIONS for one in files)
    if edition.article.kind == ArticleKind.VIDEO and not videos:
        yield Check(_("The text does not show a video yet."))
    if videos and not captions:
        yield Check(_("The video has no captions: who does not hear it, or may not switch the sound on, misses it."))
    if videos and not any(one.use == MediaUse.POSTER for one in files):
        yield Check(_("The video has no first picture: before it plays, readers see a black field."))


def _links(edition: Edition) -> Iterator[Check]:
    for one in broken_in(edition)[:_MOST_LINKS]:
        yield Check(f"{one.address}: {one.words}")
