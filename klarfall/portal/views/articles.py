"""An article: read it, chapter by chapter or as PDF, get its files, say whether it helped."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from klarfall.accounts.access import client_address
from klarfall.accounts.limits import Limit, allows, neighbourhood
from klarfall.core.action import Refused
from klarfall.core.isolation import NOBODY, viewing_as
from klarfall.knowledge import papers
from klarfall.knowledge.actions import reading
from klarfall.knowledge.handing_out import handed_out, is_named
from klarfall.knowledge.models import Media
from klarfall.knowledge.opening import Opened
from klarfall.knowledge.shelf import living
from klarfall.portal import help_article
from klarfall.portal.pace import count_vote
from klarfall.portal.public import public_page
from klarfall.portal.shell import is_contact, show, viewer_of
from klarfall.ui.rendering import go, wants_part

_ONE_READING = 5 * 60  # seconds
_PAPERS = Limit("help-pdf", 20, timedelta(minutes=1))
_TEMPLATE = "portal/help/article.html"


@public_page
def article(request: HttpRequest, pk: int) -> HttpResponse:
    """An article; of a manual its contents and what stands before the first chapter."""
    return _read(request, pk, "")


@public_page
def chapter(request: HttpRequest, pk: int, anchor: str) -> HttpResponse:
    """One chapter of a manual."""
    return _read(request, pk, anchor)


def _read(request: HttpRequest, pk: int, anchor: str) -> HttpResponse:
    now, one = timezone.now(), help_article.found(request, pk)
    context = help_article.page(request, one, now, chapter=anchor)
    _note(request, one, now)
    return show(request, _TEMPLATE, here="help", now=now, **context)


def _note(request: HttpRequest, one: Opened, now: datetime) -> None:
    """Contacts find again what they read last; older editions and other people's visits do not count.

    Turning the pages of a manual, or loading one anew, is one reading.
    """
    seats = viewer_of(request).seats if is_contact(request) else ()
    if not (seats and one.is_current and request.method == "GET"):
        return
    if cache.add(f"klarfall.portal.read.{one.article.pk}.{seats[0].contact_id}", True, _ONE_READING):
        reading.note_reading(one.article, seat=seats[0], actor=request.user, now=now)


@public_page
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF of an edition, whole manuals too."""
    one = help_article.found(request, pk)
    try:
        _count_paper(request)
        content = papers.paper(one)
    except Refused as problem:
        messages.error(request, str(problem))
        return go(request, help_article.address(pk))
    headers = {
        "Content-Disposition": content_disposition_header(False, papers.file_name(one)) or "inline",
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _count_paper(request: HttpRequest) -> None:
    """Documents cost far more than pages: nobody needs so many a minute. Raises PaperRefused."""
    user = request.user.pk
    who = f"user {user}" if user else neighbourhood(client_address(request))
    with viewing_as(NOBODY):  # counters are kept with the login role
        if not allows(_PAPERS, who, now=timezone.now()):
            raise papers.PaperRefused(papers.later())


@public_page  # type: ignore[arg-type]  # a streamed answer is one, too
@require_safe
def file(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """A picture, video or other file of an article that the viewer may read."""
    del name  # for people who look at addresses; the number counts
    found = get_object_or_404(Media, pk=pk, article__in=living().values("pk"))
    if not is_named(found):
        raise Http404
    return handed_out(found, request)


def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Says whether an article helped, why it did not, or takes the answer back."""
    found = get_object_or_404(living(), pk=pk)
    if request.method != "POST" or not is_contact(request):
        return go(request, "portal:article", pk)
    try:
        _answer(request, found)
    except Refused as problem:
        messages.error(request, str(problem))
    if not wants_part(request):
        return go(request, f"{help_article.address(pk)}#vote")
    one = help_article.found(request, pk)
    ask_url = help_article.ask_address(pk)
    parts: dict[str, Any] = help_article.vote_part(request, one.article)
    return show(request, "portal/help/_vote.html", part="vote", article=one.article, ask_url=ask_url, **parts)


def _answer(request: HttpRequest, found: Any) -> None:
    now = timezone.now()
    count_vote(request, now)
    who: dict[str, Any] = {"contact": help_article.voter(request, found), "actor": request.user, "now": now}
    asked = request.POST
    if asked.get("helped") not in ("yes", "no"):
        reading.withdraw_vote(found, **who)
        return
    reason, comment = asked.get("reason", ""), asked.get("comment", "")
    reading.vote(found, helped=asked["helped"] == "yes", reason=reason, comment=comment, **who)
