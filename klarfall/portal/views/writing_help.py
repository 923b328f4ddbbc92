"""Beside the form of a new request: fitting help while one writes, *that helped*, and the draft that is not needed."""

from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.accounts.limits import Limit
from klarfall.core.action import Refused
from klarfall.knowledge.actions.reading import vote
from klarfall.knowledge.models import Article, VoteOrigin
from klarfall.portal.forms.request import draft_of
from klarfall.portal.help_before_sending import help_for
from klarfall.portal.pace import count_vote, may_again
from klarfall.portal.shell import show
from klarfall.portal.typed import whole_number
from klarfall.portal.writing import Writing, writing
from klarfall.tickets.actions import draft as drafts
from klarfall.tickets.aside import KEPT_ASIDE
from klarfall.tickets.models import RequestDraft
from klarfall.ui.rendering import go, page

_TEMPLATE = "portal/new/_help.html"
_HINTS = Limit("help-hints", 240, timedelta(minutes=1))


@require_POST
def writing_help(request: HttpRequest) -> HttpResponse:
    """What fits the words typed so far. A POST, so that nobody's words stand in an address; it changes nothing."""
    desk = _desk(request)
    if not may_again(request, _HINTS, now=desk.now):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)  # the hints that stand there stay; sending goes on as ever
    typed = {name: request.POST.get(name, "") for name in ("title", "description", "product", "area")}
    return page(request, _TEMPLATE, help=help_for(request, **typed))


@require_POST
def helped(request: HttpRequest) -> HttpResponse:
    """Counts that an article answered the question while it was written, and offers to put the draft aside."""
    desk = _desk(request)
    article = get_object_or_404(Article, pk=whole_number(request.POST.get("helped")) or 0, live=True)
    actor: Any = request.user
    try:
        count_vote(request, desk.now)
        vote(article, contact=desk.contact, helped=True, origin=VoteOrigin.WRITING, actor=actor, now=desk.now)
    except Refused as problem:
        messages.error(request, str(problem))
    return page(request, "portal/new/_helped.html")


@require_POST
def aside(request: HttpRequest) -> HttpResponse:
    """Keeps what was typed once more and puts the draft aside; for an hour it can be brought back."""
    desk = _desk(request)
    with suppress(Refused):  # then what was saved before is kept
        drafts.save_draft(desk.contact, data=draft_of(request.POST), actor=request.user, now=desk.now)
    desk.forget_draft()
    if desk.draft is not None:
        drafts.put_draft_aside(desk.draft, actor=request.user, now=desk.now)
    return go(request, "portal:draft-away")


def away(request: HttpRequest) -> HttpResponse:
    """Says that the draft is gone, with the way back."""
    desk = _desk(request)
    kept = RequestDraft.objects.filter(contact__in=desk.contacts, discarded_at__gt=desk.now - KEPT_ASIDE)
    until = max((one.discarded_at + KEPT_ASIDE for one in kept if one.discarded_at), default=None)
    return show(request, "portal/new/away.html", here="requests", until=until)


@require_POST
def back(request: HttpRequest) -> HttpResponse:
    """Brings the draft back and shows the form."""
    desk = _desk(request)
    for one in RequestDraft.objects.filter(contact__in=desk.contacts, discarded_at__isnull=False):
        drafts.bring_draft_back(one, actor=request.user, now=desk.now)
    messages.success(request, _("Here is your draft again."))
    return go(request, "portal:new")


def _desk(request: HttpRequest) -> Writing:
    desk = writing(request, timezone.now())
    if not desk.contacts:
        raise Http404
    return desk
