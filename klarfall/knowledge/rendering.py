"""An edition as a page: links and files resolved as the viewer in force may see them, in two queries at most.

What the viewer may not see is not named: a link to it becomes plain text, a picture its description.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from klarfall.core.isolation import current_viewer
from klarfall.knowledge import addresses, content, film
from klarfall.knowledge.linked import Linked, linked_articles
from klarfall.knowledge.models import Article, Edition, Media, MediaUse
from klarfall.knowledge.skeleton import Skeleton, skeleton

_ATTRIBUTES = r'(?: [a-z-]+="[^"]*")*'
#: What of clean HTML is replaced: figures, pictures, links.
_PLACES = re.compile(
    rf"(?P<figure><figure{_ATTRIBUTES}><img(?P<shown>{_ATTRIBUTES})>(?:<figcaption>(?P<caption>[^<]*)</figcaption>)?"
    rf"</figure>)|<img(?P<img>{_ATTRIBUTES})>|<a(?P<a>{_ATTRIBUTES})>|(?P<end></a>)"
)
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_HEADING = 2  # the first level of headings in a text
_HEAD = re.compile(r'<h(?P<level>[2-6]) id="(?P<id>[^"]+)">(?P<words>.*?)</h(?P=level)>', re.DOTALL)
_MEDIA, _ARTICLE = "media:", "article:"


@dataclass(frozen=True)
class Rendered:
    """An edition for the page: HTML, its headings as (anchor, words, level), and the minutes it takes to read."""

    html: Markup
    contents: list[tuple[str, str, int]]
    minutes: int


def rendered(edition: Edition, *, chapter: str = "", opening: bool = False) -> Rendered | None:
    """The edition as the viewer in force may see it; of a manual one chapter by its anchor, None if there is none.

    `opening`: only what stands before the first chapter.
    """
    found = skeleton(edition.body, edition.language)
    html = "".join(one.html for one in found.chapters if not one.anchor) if opening else found.html
    if chapter:
        one = next((each for each in found.chapters if each.anchor == chapter), None)
        if one is None:
            return None
        html = one.html
    filled = _filled(html, found, edition.article_id, edition.language, chapter)
    return Rendered(filled, list(found.contents), found.minutes)


def with_anchors(html: Markup, label: str, *, chapter: bool = False) -> Markup:
    """Clean HTML, every heading with a link to itself that is read out as `label`.

    A `chapter` begins below its heading, which is the page's; what is left stands one level higher.
    """

    def linked(found: re.Match[str]) -> str:
        level = int(found["level"]) - chapter
        if level < _HEADING:
            return ""
        link = f'<a class="anchor" href="#{found["id"]}" aria-label="{escape(label)}">#</a>'
        return f'<h{level} id="{found["id"]}">{found["words"]}{link}</h{level}>'

    return Markup(_HEAD.sub(linked, html))  # noqa: S704 - clean HTML of ours with a link of ours


def player(video: Media, rows: Sequence[Media], title: str) -> Markup:
    """The player of a video outside of a text; `rows` are the files of its article."""
    return Markup(film.player(video, rows, title))  # noqa: S704 - every value in it is escaped there


def preview(body: str, article: Article | None, *, language: str = "de") -> Markup:
    """A text as readers will see it, for who writes it; what is too much for a page says so instead."""
    try:
        content.check(body)
    except content.BodyRefused as refused:
        return Markup('<p class="error">{}</p>').format(refused.message)
    found = skeleton(body, language)
    return _filled(found.html, found, article.pk if article else None, language, "")


def _filled(html: str, found: Skeleton, article: int | None, language: str, chapter: str) -> Markup:
    articles, files = _numbers(found, _ARTICLE), _numbers(found, _MEDIA)
    linked = linked_articles(articles, language) if articles else {}
    media = list(film.media_of(files, article)) if files else []
    return Markup(_Filler(found, linked, media, chapter).filled(html))  # noqa: S704 - clean; what is put in is escaped


def _numbers(found: Skeleton, scheme: str) -> set[int]:
    return {pk for _tag, one in found.targets if one.startswith(scheme) for pk in [number(one)] if pk}


def number(address: str) -> int | None:
    """The number in `article:45#anchor` or `media:12`; None where there is none that a row can have."""
    digits = address.partition(":")[2].partition("#")[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None  # noqa: PLR2004


class _Filler:
    """Puts what the viewer may see into clean HTML, place by place."""

    def __init__(self, found: Skeleton, linked: dict[int, Linked], media: Iterable[Media], chapter: str) -> None:
        self.found, self.linked, self.chapter = found, linked, chapter
        self.rows = list(media)
        self.media = {one.pk: one for one in self.rows}
        self.ends: list[str] = []
        viewer = current_viewer()
        self.for_staff = viewer is not None and viewer.sees_everything

    def filled(self, html: str) -> str:
        return _PLACES.sub(self._place, html)

    def _place(self, place: re.Match[str]) -> str:
        if place["figure"]:
            return self._figure(_attributes(place["shown"]), unescape(place["caption"] or ""))
        if place["end"]:
            return self.ends.pop() if self.ends else ""
        if place["a"] is not None:
            start, end = self._link(_attributes(place["a"]))
            self.ends.append(end)
            return start
        return self._picture(_attributes(place["img"] or ""))

    def _link(self, given: dict[str, str]) -> tuple[str, str]:
        """Beginning and end of a link; both empty where it leads nowhere for this viewer."""
        href = given.get("href", "")
        if href.startswith(_ARTICLE):
            return self._article_link(href)
        if href.startswith(_MEDIA):
            row = self.media.get(number(href) or 0)
            return (f'<a class="link" href="{escape(addresses.of_file(row))}">', "</a>") if row else self._nowhere()
        if href.startswith("#"):
            return f'<a class="link" href="{escape(self._own_anchor(href[1:]))}">', "</a>"
        if href.startswith("/"):
            return f'<a class="link" href="{escape(href)}">', "</a>"
        return (
            (f'<a class="link is-far" href="{escape(href)}" rel="noopener noreferrer">', "</a>") if href else ("", "")
        )

    def _article_link(self, href: str) -> tuple[str, str]:
        target = self.linked.get(number(href) or 0)
        if target is None:
            return self._nowhere()
        address, words = target.address(href.partition("#")[2]), f"{target.kind}: {target.title}"
        return f'<a class="link is-article" href="{escape(address)}" title="{escape(words)}">', "</a>"

    def _nowhere(self) -> tuple[str, str]:
        """Readers meet the words alone; who writes sees that something is missing."""
        if not self.for_staff:
            return "", ""
        words = escape(_("This link leads nowhere."))
        return f'<span class="is-missing" title="{words}">', "</span>"

    def _own_anchor(self, anchor: str) -> str:
        """An anchor of the same text; in a chapter of a manual it may stand in another one."""
        home = next((one.anchor for one in self.found.chapters if anchor in one.anchors), "")
        return f"../{home}/#{anchor}" if self.chapter and home and home != self.chapter else f"#{anchor}"

    def _picture(self, given: dict[str, str]) -> str:
        row, words = self._row(given), given.get("alt", "")
        if row is None:
            return str(escape(words))
        if row.use in (MediaUse.PICTURE, MediaUse.POSTER):
            alt = escape(words or row.description)
            return f'<img{_size(row)} src="{escape(addresses.of_file(row))}" alt="{alt}" loading="lazy">'
        return f'<a class="link is-file" href="{escape(addresses.of_file(row))}">{escape(words or row.name)}</a>'

    def _figure(self, given: dict[str, str], caption: str) -> str:
        row, words = self._row(given), given.get("alt", "")
        if row is None:
            missing = escape(_("A picture or file is missing here: %(name)s") % {"name": words})
            told = escape(_("This picture is not shown (any more)."))
            gone = f'<p class="is-gone">{escape(words)} <small>{told}</small></p>'
            return f'<p class="is-missing">{missing}</p>' if self.for_staff else gone
        shown = film.player(row, self.rows, words) if row.use == MediaUse.VIDEO else self._picture(given)
        below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
        return f'<figure class="figure is-{row.use}">{shown}{below}</figure>'

    def _row(self, given: dict[str, str]) -> Media | None:
        source = given.get("src", "")
        return self.media.get(number(source) or 0) if source.startswith(_MEDIA) else None


def _attributes(written: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(written)}


def _size(row: Any) -> str:
    return f' width="{row.width}" height="{row.height}"' if row.width and row.height else ""
