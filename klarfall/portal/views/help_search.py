"""Searching the Helpdesk-Center: the page of hits, and suggestions while typing; visitors search what is public."""

from datetime import timedelta
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from klarfall.accounts.limits import Limit
from klarfall.knowledge.actions.misses import record_miss
from klarfall.knowledge.problems import fitting_problems, said
from klarfall.knowledge.search.finding import suggest
from klarfall.portal.help_search import LONGEST, address, asked, searched
from klarfall.portal.help_words import KIND_ICONS, kinds
from klarfall.portal.offering import offering
from klarfall.portal.pace import within
from klarfall.portal.public import public_page
from klarfall.portal.shell import is_contact, show
from klarfall.ui.rendering import page

_MINUTE = timedelta(minutes=1)
#: Of visitors from one place, and of one person who is signed in.
_SEARCHES = Limit("help-search", 60, _MINUTE), Limit("help-search-own", 120, _MINUTE)
_SUGGESTIONS = Limit("help-suggestions", 240, _MINUTE), Limit("help-suggestions-own", 600, _MINUTE)


@require_safe
@public_page
def search(request: HttpRequest) -> HttpResponse:
    """Shows what was found, or the nearest; what nobody found is counted for the editors."""
    now, one = timezone.now(), asked(request)
    if not within(request, *_SEARCHES, now=now):
        return show(
            request, "portal/help/search.html", here="help", status=HTTPStatus.TOO_MANY_REQUESTS, slow=True, asked=one
        )
    found = searched(request, one, now)
    if one.text and found["found"].unsure and one.page == 1 and is_contact(request):
        record_miss(one.text, product=offering(now).product(one.product), actor=request.user, now=now)
    problems = [(problem, said(problem, "title")) for problem in fitting_problems(one.text, one.product)]
    return show(request, "portal/help/search.html", here="help", now=now, problems=problems, **found)


@require_safe
@public_page
def suggestions(request: HttpRequest) -> HttpResponse:
    """Titles for what was typed so far, as links below the field."""
    text = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST]
    if request.GET.get("q", "").endswith(" ") and text:
        text += " "
    if text.strip() and not within(request, *_SUGGESTIONS, now=timezone.now()):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)  # what stands there stays, and the search goes on working
    found = suggest(text) if text.strip() else []
    words = kinds()
    rows = [
        {
            "title": one.title,
            "url": address(one.article_id, one.anchor, one.kind, is_chapter=bool(one.anchor)),
            "icon": KIND_ICONS[one.kind],
            "kind": words[one.kind].one,
        }
        for one in found
    ]
    return page(request, "portal/help/_suggestions.html", rows=rows, text=text.strip())
