"""Articles at a request: put one to it, take it off, and make an article of the request."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.core.action import Refused
from klarfall.desk import article_page, ticket_help
from klarfall.desk.access import needs
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.workspace import back
from klarfall.knowledge.actions import from_ticket, uses
from klarfall.knowledge.models import Article, ArticleUse
from klarfall.knowledge.rendering import preview
from klarfall.tickets.models import Ticket
from klarfall.ui.rendering import SeeOther, page, wants_part


@needs("article.attach")
def articles(request: HttpRequest, number: int) -> HttpResponse:
    """Search an article for the request (a part for htmx, else a page); a POST puts one to it."""
    ticket = _ticket(number)
    if request.method == "POST":
        return _attached(request, ticket)
    words = request.GET.get("q", "").strip()
    return page(
        request,
        "desk/ticket/articles.html",
        part="offered",
        **shell(scope_of(request)),
        ticket=ticket,
        words=words,
        is_part=wants_part(request),
        offered=ticket_help.offered(ticket, words),
    )


def _ticket(number: int) -> Ticket:
    rows = Ticket.objects.select_related("contact__user", "customer", "product", "area", "assignee")
    found: Ticket = get_object_or_404(rows, number=number)
    return found


def _attached(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    text = request.POST.get("article", "")
    pk = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0  # noqa: PLR2004 - a bigint
    article = get_object_or_404(Article, pk=pk)
    try:
        uses.attach_article(ticket, article=article, actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.error(request, str(problem.message))
        return back(request, ticket.number)
    return back(request, ticket.number, _("The article belongs to the request now."))


@needs("article.attach")
@require_POST
def removal(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Take an article off the request that a specialist put to it."""
    use = get_object_or_404(ArticleUse, ticket__number=number, article=pk, source=False)
    try:
        uses.detach_article(use, actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.error(request, str(problem.message))
        return back(request, number)
    return back(request, number, _("The article is taken off."))


@needs("article.attach")
def article(request: HttpRequest, number: int) -> HttpResponse:
    """Make an article of the request: first what it would say and what was taken out, then the draft."""
    ticket = _ticket(number)
    made = ticket_help.became(ticket)
    if made is not None:
        return SeeOther(article_page.address("article", made.article))
    if request.method == "POST":
        return _drafted(request, ticket)
    proposed = from_ticket.proposal(ticket)
    context: dict[str, Any] = {
        "ticket": ticket,
        "proposed": proposed,
        "shown": preview(proposed.body, None),
        "removed": [(ticket_help.REMOVED.get(name, name), count) for name, count in proposed.removed.items() if count],
    }
    return page(request, "desk/ticket/article.html", **shell(scope_of(request)), **context)


def _drafted(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    try:
        edition = from_ticket.draft_from_ticket(ticket, actor=request.user, now=timezone.now()).edition  # type: ignore[arg-type]
    except from_ticket.AlreadyAnArticle as problem:
        messages.info(request, str(problem.message))
        return SeeOther(article_page.address("article", problem.article))
    messages.success(request, _("The draft is there. Only we can read it until somebody widens its circle of readers."))
    return SeeOther(article_page.address("article", edition.article))
