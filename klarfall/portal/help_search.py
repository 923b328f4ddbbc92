"""What the page of the search shows: hits, filters as links, own requests, the way to a request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from klarfall.knowledge.fit import badge
from klarfall.knowledge.models import ArticleKind
from klarfall.knowledge.search.finding import MOST, Filters, Found, Hit, find
from klarfall.knowledge.search.reader import Version
from klarfall.portal.help_center import Choice, installed
from klarfall.portal.help_words import KIND_ICONS, kinds
from klarfall.portal.offering import Offering, offering
from klarfall.portal.shell import is_contact
from klarfall.portal.typed import whole_number
from klarfall.tickets.search.finding import own_tickets

LONGEST = 200
_PAGE, _LAST_PAGE, _NEAREST = 10, 20, 5
_OWN_TICKETS = 5
_LONGEST_TITLE = 120


@dataclass(frozen=True)
class Asked:
    """The address of a search, read: what does not exist is as if it were not named."""

    text: str
    kind: str = ""
    product: int | None = None
    area: int | None = None
    fits: bool = False
    exact: bool = False
    page: int = 1

    def url(self, **other: Any) -> str:
        """The address with some of it changed; another filter begins at the first page."""
        now = {
            "q": self.text,
            "kind": self.kind,
            "product": self.product,
            "area": self.area,
            "fits": "1" if self.fits else "",
            "exact": "1" if self.exact else "",
        }
        kept = {name: value for name, value in {**now, **other}.items() if value}
        return f"{reverse('portal:help-search')}?{urlencode(kept)}"


@dataclass(frozen=True)
class Shown:
    """A hit as the page shows it."""

    hit: Hit
    url: str
    icon: str
    #: Kind, length of a film, area or product.
    line: str
    badge: str
    chapters: list[tuple[str, str]]


def asked(request: HttpRequest) -> Asked:
    """Read the address."""
    given = request.GET
    kind = given.get("kind", "")
    page = whole_number(given.get("page")) or 1
    return Asked(
        " ".join(given.get("q", "").replace("\0", "").split())[:LONGEST],
        kind if kind in ArticleKind.values else "",
        whole_number(given.get("product")),
        whole_number(given.get("area")),
        given.get("fits") == "1",
        given.get("exact") == "1",
        page if 1 <= page <= _LAST_PAGE else 1,
    )


def searched(request: HttpRequest, one: Asked, now: datetime) -> dict[str, Any]:
    """Everything that the page shows."""
    offered, own = offering(now), installed(request, now)
    days = {product: Version(version.name, version.released_on) for product, version in own.items()}
    versions = {product: version.released_on for product, version in own.items()} if one.fits else {}
    filters = Filters(
        kinds=(one.kind,) if one.kind else (),
        products=(one.product,) if one.product else (),
        areas=(one.area,) if one.area else (),
        versions=versions,
    )
    found = find(one.text, filters=filters, limit=_PAGE, after=_PAGE * (one.page - 1), exact=one.exact, installed=days)
    most = _NEAREST if found.unsure else _PAGE
    return {
        "asked": one,
        "found": found,
        "most": MOST,
        "hits": [shown(hit) for hit in found.hits[:most]],
        "facets": _facets(one, found, offered, own) if filters or not found.unsure else [],
        "is_filtered": bool(filters),
        "all_url": one.url(kind="", product=None, area=None, fits=""),
        "exact_url": one.url(exact="1"),
        "meant_url": Asked(found.meant).url(),
        "previous_url": one.url(page=one.page - 1) if one.page > 1 else "",
        "next_url": one.url(page=one.page + 1) if found.more and not found.unsure and one.page < _LAST_PAGE else "",
        "ask_url": f"{reverse('portal:new')}?{urlencode({'title': one.text[:_LONGEST_TITLE]})}",
        "tickets": own_tickets(one.text, limit=_OWN_TICKETS)
        if one.text and one.page == 1 and is_contact(request)
        else [],
    }


def shown(hit: Hit) -> Shown:
    """A hit with its address and its line; chapters of a manual lead to their own page."""
    kind = kinds()[hit.kind]
    length = f"{hit.seconds // 60}:{hit.seconds % 60:02}" if hit.seconds else ""
    name = hit.article_title if hit.chapter else kind.one
    return Shown(
        hit,
        address(hit.article_id, hit.anchor, hit.kind, is_chapter=hit.chapter),
        KIND_ICONS[hit.kind],
        " · ".join(filter(None, [name, length, hit.area or hit.product])),
        badge(hit.kind, hit.version_from, hit.version_to),
        [(one.title, address(hit.article_id, one.anchor, hit.kind, is_chapter=True)) for one in hit.chapters],
    )


def address(article: int, anchor: str, kind: str, *, is_chapter: bool) -> str:
    """The page of an article, at the passage that was found."""
    if is_chapter:
        return reverse("portal:article-chapter", args=[article, anchor])
    url = reverse("portal:article", args=[article])
    return f"{url}#{anchor}" if anchor and kind != ArticleKind.MANUAL else url


def _facets(one: Asked, found: Found, offered: Offering, own: dict[int, Any]) -> list[tuple[str, list[Choice]]]:
    """Groups of filters as (title, choices); a group with one choice is none. A chosen one is taken off by its link."""
    words, counts = kinds(), found.facets
    named: dict[str, list[tuple[Any, str, int]]] = {
        "kind": [(kind, words[kind].many, counts.kinds.get(kind, 0)) for kind in words],
        "product": [(p.pk, p.name, counts.products.get(p.pk, 0)) for p in offered.products],
        "area": [(a.pk, a.name, counts.areas.get(a.pk, 0)) for a in offered.areas],
    }
    titles = {"kind": _("Kind"), "product": _("Product"), "area": _("Area")}
    groups = [(titles[name], _choices(one, name, rows)) for name, rows in named.items()]
    groups = [(title, choices) for title, choices in groups if len(choices) > 1 or any(c.current for c in choices)]
    if own and (counts.fitting < found.count or one.fits):
        names = sorted({version.name for product, version in own.items() if product in counts.products})
        fits = _("fits %(versions)s") % {"versions": ", ".join(names)} if names else _("fits your version")
        groups.append((_("Version"), [Choice(fits, one.url(fits="" if one.fits else "1"), one.fits, counts.fitting)]))
    return groups


def _choices(one: Asked, name: str, rows: list[tuple[Any, str, int]]) -> list[Choice]:
    chosen = getattr(one, name)
    return [
        Choice(label, one.url(**{name: None if value == chosen else value}), value == chosen, count)
        for value, label, count in rows
        if count or value == chosen
    ]
