"""An article as its page shows it: the words, what surrounds them, and what the reader has to do with it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from markupsafe import Markup

from klarfall.accounts.people import people
from klarfall.accounts.permissions import may
from klarfall.core import vendor
from klarfall.customers.models import Contact
from klarfall.knowledge import shelf, watching
from klarfall.knowledge.announcing import reads
from klarfall.knowledge.fit import Hold, hold_of
from klarfall.knowledge.models import Article, ArticleKind, Edition, Vote, VoteReason
from klarfall.knowledge.opening import Opened, opened
from klarfall.knowledge.related import related
from klarfall.knowledge.rendering import Rendered, rendered, with_anchors
from klarfall.knowledge.skeleton import Chapter, skeleton
from klarfall.portal.help_center import installed, language, list_url
from klarfall.portal.help_words import KIND_ICONS, kinds
from klarfall.portal.shell import is_contact, viewer_of
from klarfall.portal.typed import whole_number

_LANGUAGES = ("de", "en")
_UPDATES = 6
_FILM, _FIGURE_END = '<figure class="figure is-video">', "</figure>"
_NUMBER = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,3})[.)]?\s+(.+)", re.DOTALL)
_HEADING = 2  # the first level of headings in a text
#: From here on the share of those whom it helped says something.
_ENOUGH_VOTES = 5


@dataclass(frozen=True)
class Beside:
    """Another article, as the list beside an article shows it."""

    url: str
    title: str
    note: str
    icon: str


def found(request: HttpRequest, pk: int) -> Opened:
    """The article and edition that the address asks for. Raises Http404 for what is not there or not the reader's."""
    only = request.GET.get("language", "")
    number = whole_number(request.GET.get("edition"))
    if (only and only not in _LANGUAGES) or (request.GET.get("edition") and (number is None or number > 2**31 - 1)):
        raise Http404
    own = language()
    languages = (own, *(one for one in _LANGUAGES if one != own))
    one = opened(pk, languages=languages, number=number, only=only)
    if one is None:
        raise Http404
    return one


def page(request: HttpRequest, one: Opened, now: datetime, *, chapter: str = "") -> dict[str, Any]:
    """Everything that the page of an article, or of one chapter of a manual, shows. Raises Http404."""
    chapters = manual_chapters(one) if one.article.kind == ArticleKind.MANUAL else ()
    if chapter and all(each.anchor != chapter for each in chapters):
        raise Http404
    words = _words(one, chapter, chapters)
    hold = hold_of(one.edition, one.article.kind, installed(request, now).get(one.article.product_id))
    return {
        "one": one,
        "article": one.article,
        "edition": one.edition,
        "rendered": words,
        **text_parts(words, chapter=bool(chapter)),
        "contents": contents(words, chapters, chapter),
        "hold": hold,
        "hold_words": hold_words(one.article, hold),
        "kind": kinds()[one.article.kind],
        "crumbs": crumbs(one, with_article=bool(chapter)),
        "tongues": languages(one),
        "editions": editions(one),
        "newer_url": address(one.article.pk, one.newer) if one.newer else "",
        "revised": revised(one, named=viewer_of(request).user_id is not None),
        "beside": beside(one),
        "updates_url": list_url(product=one.article.product_id, kind=ArticleKind.UPDATE.value),
        "ask_url": ask_address(one.article.pk),
        "pdf_url": pdf_address(one),
        "film": watching.film_of(one.article, one.edition) if one.article.kind == ArticleKind.VIDEO else None,
        **vote_part(request, one.article),
        **chapter_part(one, chapter, chapters),
    }


def _words(one: Opened, chapter: str, chapters: tuple[Chapter, ...]) -> Rendered:
    """The whole text; of a manual with chapters what stands before the first, or one of them."""
    if not chapters:
        return _there(rendered(one.edition))
    if chapter:
        return _there(rendered(one.edition, chapter=chapter))
    return _there(rendered(one.edition, opening=True))


def _there(words: Rendered | None) -> Rendered:
    if words is None:
        raise Http404
    return words


def contents(words: Rendered, chapters: tuple[Chapter, ...], chapter: str) -> list[tuple[str, str, int]]:
    """The headings beside the text: those of level 2, within a chapter those of level 3; the others stand in it."""
    if not chapter:
        return [] if chapters else [entry for entry in words.contents if entry[2] == _HEADING]
    own = next(each.anchors for each in chapters if each.anchor == chapter)
    return [entry for entry in words.contents if entry[0] in own and entry[2] == _HEADING + 1]


def text_parts(words: Rendered, *, chapter: bool) -> dict[str, Markup]:
    """The text; a player with which it begins by itself, so that the chapters of the video stand below it."""
    html = with_anchors(words.html, _("Link to this section"), chapter=chapter)
    end = html.find(_FIGURE_END)
    begins = html.lstrip().startswith(_FILM) and end > 0
    cut = end + len(_FIGURE_END) if begins else 0
    return {"film_html": html[:cut], "words_html": html[cut:]}


def manual_chapters(one: Opened) -> tuple[Chapter, ...]:
    """The chapters of a manual; none where its text has no headings."""
    return tuple(each for each in skeleton(one.edition.body, one.edition.language).chapters if each.anchor)


def chapter_part(one: Opened, chapter: str, chapters: tuple[Chapter, ...]) -> dict[str, Any]:
    """The chapters of a manual as (number, heading, address, is it open), and the neighbours of the open one."""
    rows = [
        (*_numbered(each.heading, place), chapter_address(one, each.anchor), each.anchor == chapter)
        for place, each in enumerate(chapters, start=1)
    ]
    place = next((index for index, row in enumerate(rows) if row[3]), None)
    return {
        "chapters": rows,
        "chapter": rows[place] if place is not None else None,
        "previous": rows[place - 1] if place else None,
        "next": rows[place + 1] if place is not None and place + 1 < len(rows) else None,
    }


def _numbered(heading: str, place: int) -> tuple[str, str]:
    """Number and words of a chapter's heading; where editors wrote no numbers, chapters are counted."""
    found = _NUMBER.fullmatch(heading)
    return (found[1], found[2]) if found else (str(place), heading)


def _asked(one: Opened, edition: Edition | None = None) -> str:
    """What an address needs to lead to this edition: the number of an older one, another language."""
    shown = edition or one.edition
    parts: dict[str, Any] = {}
    if one.current.get(shown.language) != shown:
        parts = {"edition": shown.number, "language": shown.language}
    elif shown != next((one.current[code] for code in (language(), *_LANGUAGES) if code in one.current), None):
        parts = {"language": shown.language}
    return f"?{urlencode(parts)}" if parts else ""


def address(pk: int, edition: Edition | None = None) -> str:
    """Where an article is read; in a certain language if the edition is not in the reader's."""
    other = edition is not None and edition.language != language()
    return reverse("portal:article", args=[pk]) + (f"?language={edition.language}" if edition and other else "")


def ask_address(pk: int) -> str:
    """Where a request about an article is written."""
    return f"{reverse('portal:new')}?{urlencode({'article': pk})}"


def chapter_address(one: Opened, anchor: str) -> str:
    """Where a chapter of this edition is read."""
    return reverse("portal:article-chapter", args=[one.article.pk, anchor]) + _asked(one)


def pdf_address(one: Opened) -> str:
    """Where the PDF of this edition is."""
    return reverse("portal:article-pdf", args=[one.article.pk]) + _asked(one)


def hold_words(article: Article, hold: Hold) -> str:
    """Whether it fits the reader's version, in words; empty where nothing is known."""
    values = {"version": hold.installed}
    if article.kind == ArticleKind.UPDATE:
        known = {"yes": _("part of your version %(version)s"), "too_old": _("you have %(version)s")}
    else:
        known = {
            "yes": _("fits your version %(version)s"),
            "too_old": _("you have %(version)s"),
            "too_new": _("you have %(version)s"),
        }
    words = known.get(hold.fit.value, "")
    return words % values if words else ""


def crumbs(one: Opened, *, with_article: bool) -> list[tuple[str, str]]:
    """The way to the article: the Helpdesk-Center, its area or kind, for chapters the manual."""
    article = one.article
    way = [(vendor.current().helpdesk_name, reverse("portal:help"))]
    if article.area is not None:
        way.append((article.area.name, list_url(product=article.product_id, area=article.area_id)))
    else:
        way.append((kinds()[article.kind].many, list_url(product=article.product_id, kind=article.kind)))
    if with_article:
        way.append((one.edition.title, reverse("portal:article", args=[article.pk]) + _asked(one)))
    return way


def languages(one: Opened) -> list[tuple[str, str, bool]]:
    """The languages in which it can be read now, as (code, address, is it this one); none if there is one only."""
    if len(one.current) < 2:  # noqa: PLR2004 - nothing to choose
        return []
    where = reverse("portal:article", args=[one.article.pk])
    return [
        (code, f"{where}?language={code}", code == one.edition.language)
        for code in sorted(one.current, key=lambda code: (code != "de", code))
    ]


def editions(one: Opened) -> list[tuple[str, str, datetime | None, bool]]:
    """The editions in this language as (name, address, day, is it open); none if there is one only."""
    if len(one.siblings) < 2:  # noqa: PLR2004 - nothing to choose
        return []
    where = reverse("portal:article", args=[one.article.pk])
    return [
        (edition_name(each), where + _asked(one, each), each.published_at, each == one.edition) for each in one.siblings
    ]


def edition_name(edition: Edition) -> str:
    """`Ausgabe 2026`, or the number of an edition without a name of its own."""
    return _("Edition %(name)s") % {"name": edition.label or edition.number}


def revised(one: Opened, *, named: bool) -> tuple[bool, datetime | None, str]:
    """Whether it was revised, when it came out, and by whom; visitors are not told names."""
    edition = one.edition
    author = people([edition.changed_by_id]).get(edition.changed_by_id) if named else None
    return edition.number > 1, edition.published_at, author.name if author and author.is_staff else ""


def beside(one: Opened) -> list[Beside]:
    """What else to read: of an update description the other ones of the product, else what shares area and words."""
    article = one.article
    if article.kind == ArticleKind.UPDATE:
        rows = shelf.newest_of_kind(
            article.product_id, article.kind, language=one.edition.language, limit=_UPDATES, without=article.pk
        )
    else:
        rows = related(article, one.edition.title, language=one.edition.language)
    return [_beside(each) for each in rows]


def _beside(edition: Edition) -> Beside:
    article = edition.article
    version = hold_of(edition, article.kind, None).badge
    note = " · ".join(filter(None, [kinds()[article.kind].one, version]))
    return Beside(address(article.pk, edition), edition.title, note, KIND_ICONS[article.kind])


def voter(request: HttpRequest, article: Article) -> Contact:
    """As whom a person of several companies says whether it helped: one whose company reads it. Raises Http404."""
    rows = Contact.objects.filter(pk__in=viewer_of(request).contact_ids, is_active=True).order_by("pk")
    able = [one for one in rows if may("article.vote", request.user, one)]
    if not able:
        raise Http404
    return next((one for one in able[:-1] if reads(one, [article.pk])), able[-1])


def vote_part(request: HttpRequest, article: Article) -> dict[str, Any]:
    """The question whether it helped: what the reader said, and how many it helped."""
    contacts = viewer_of(request).contact_ids
    votes_of_person = Vote.objects.filter(article=article, contact__in=contacts).order_by("-created_at", "-pk")
    own = votes_of_person.first() if contacts else None
    votes = article.helped + article.not_helped
    return {
        "vote": own,
        "may_vote": is_contact(request),
        "reasons": VoteReason.choices,
        "helped": (article.helped, votes) if votes >= _ENOUGH_VOTES else None,
    }
