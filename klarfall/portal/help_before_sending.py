"""Help while somebody writes a request: what may answer it at once, and the article from which they ask (R21).

It stands beside the form and never in its way: nothing here hides, moves or delays sending.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from klarfall.accounts.people import people
from klarfall.core.action import Refused
from klarfall.knowledge.actions.uses import attach_article
from klarfall.knowledge.models import Article, ArticleKind
from klarfall.knowledge.problems import fitting_problems, said
from klarfall.knowledge.search.finding import Hit, fitting
from klarfall.knowledge.shelf import current_editions
from klarfall.portal.help_words import KIND_ICONS
from klarfall.portal.rows import number_of
from klarfall.portal.shell import viewer_of
from klarfall.portal.typed import whole_number
from klarfall.portal.writing import Writing
from klarfall.tickets.models import Ticket
from klarfall.tickets.similar import similar_open

#: Of each kind of help; the form stays the main thing.
MOST = 3
#: Shorter texts say nothing yet.
_LEAST, _READ = 4, 4_000


@dataclass(frozen=True)
class Offered:
    """One article beside the form: its title in parts of which some are marked, and what it is."""

    pk: int
    url: str
    icon: str
    parts: Any
    title: str
    note: str
    language: str


@dataclass(frozen=True)
class Help:
    """What may answer a request before it is sent."""

    articles: list[Offered]
    problems: list[dict[str, Any]]
    tickets: list[dict[str, Any]]

    def __bool__(self) -> bool:
        return bool(self.articles or self.problems or self.tickets)

    @property
    def count(self) -> int:
        """How many hints there are."""
        return len(self.articles) + len(self.problems) + len(self.tickets)


NOTHING = Help([], [], [])


def help_for(request: HttpRequest, *, title: str, description: str, product: Any, area: Any) -> Help:
    """What fits the words typed so far, as the viewer may see it; nothing for a word or two."""
    text = f"{title}\n{description}"[:_READ].replace("\x00", "").strip()
    if len(text) < _LEAST:
        return NOTHING
    product_id, area_id = whole_number(product), whole_number(area)
    tickets = similar_open(f"{title}\n{description[:200]}", customer_ids=viewer_of(request).customer_ids, limit=MOST)
    return Help(
        articles=fitting_articles(text, product_id=product_id, area_id=area_id),
        problems=[_problem(one) for one in fitting_problems(text, product_id, MOST)],
        tickets=_tickets(tickets),
    )


def fitting_articles(text: str, *, product_id: int | None = None, area_id: int | None = None) -> list[Offered]:
    """The first articles that fit a text, as the viewer in force reads them."""
    return [_offered(hit) for hit in fitting(text, product_id=product_id, area_id=area_id, limit=MOST)]


def _offered(hit: Hit) -> Offered:
    # A chapter has a page of its own; other articles are opened where the answer stands.
    if hit.chapter:
        url = reverse("portal:article-chapter", args=[hit.article_id, hit.anchor])
    else:
        url = reverse("portal:article", args=[hit.article_id]) + (f"#{hit.anchor}" if hit.anchor else "")
    kind = str(ArticleKind(hit.kind).label)
    words = [kind, hit.article_title]
    if hit.seconds:
        words.append(f"{hit.seconds // 60}:{hit.seconds % 60:02}")
    if hit.version_from and hit.kind != ArticleKind.UPDATE:
        words.append(_("from %(version)s on") % {"version": hit.version_from})
    note = " · ".join(filter(None, words))
    return Offered(hit.article_id, url, KIND_ICONS[hit.kind], hit.title_parts, hit.title, note, hit.language)


def _problem(problem: Any) -> dict[str, Any]:
    return {
        "url": reverse("portal:problem", args=[problem.pk]),
        "title": said(problem, "title"),
        "note": str(problem.get_status_display()),
    }


def _tickets(tickets: Sequence[Ticket]) -> list[dict[str, Any]]:
    """Open requests with their number and who asked."""
    names = people(one.contact.user_id for one in tickets) if tickets else {}
    found = []
    for one in tickets:
        who = names.get(one.contact.user_id)
        note = [number_of(one.number), who.name if who else "", str(one.get_status_display())]
        url = reverse("portal:ticket", args=[one.number])
        found.append({"url": url, "title": one.title, "note": " · ".join(filter(None, note))})
    return found


@dataclass(frozen=True)
class Carried:
    """The article from which somebody asks."""

    article: Article
    title: str
    language: str

    @property
    def note(self) -> str:
        """What it is."""
        return " · ".join([str(ArticleKind(self.article.kind).label), self.article.product.name])


def carried(desk: Writing) -> Carried | None:
    """The article named in the form, else in the address, else in the draft; None for one that is out of sight."""
    request = desk.request
    kept = desk.draft.data.get("article") if desk.draft else None
    asked = request.POST if request.method == "POST" else request.GET
    pk = whole_number(asked.get("article") if request.method == "POST" or "article" in asked else kept)
    article = Article.objects.filter(pk=pk, live=True).select_related("product").first() if pk else None
    if article is None:
        return None
    edition = current_editions([article.pk], language=get_language() or "de").get(article.pk)
    return Carried(article, edition.title, edition.language) if edition else None


def prefilled(desk: Writing, about: Carried | None) -> dict[str, Any]:
    """What the form starts with when somebody comes from an article or from the search; typed words stay."""
    request = desk.request
    found: dict[str, Any] = {}
    known = desk.draft.data if desk.draft else {}
    if about is not None and "article" in request.GET:
        own = {one.pk for one in desk.offered.own_products()}
        if about.article.product_id in own:
            found |= {"product": str(about.article.product_id), "area": str(about.article.area_id or "")}
    words = _searched(request)
    if words and not known.get("title"):
        found["title"] = words
    return found


def left_over(desk: Writing) -> str:
    """Words of a search for which the draft has no room, because it has another title; they are shown beside it."""
    title = desk.draft.data.get("title") if desk.draft else ""
    words = _searched(desk.request)
    return words if title and title != words else ""


def _searched(request: HttpRequest) -> str:
    return " ".join(request.GET.get("title", "").replace("\x00", "").split())[:160]


def carry(desk: Writing, ticket: Ticket) -> None:
    """Keep with a request that was just sent from which article it was asked; it is sent whatever comes of that."""
    about = carried(desk)
    if about is None:
        return
    actor: Any = desk.request.user
    try:
        attach_article(ticket, article=about.article, asked_from=True, actor=actor, now=desk.now)
    except Refused:  # withdrawn in this very moment
        return
