"""A look at somebody's screen, from their side: read, agree or refuse, open the tool, end it at any time."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.billing import remote_story
from klarfall.billing.actions import remote as held
from klarfall.billing.remote_story import mark_of, sitting
from klarfall.contracts.remote_consent import hash_of
from klarfall.core.action import Refused
from klarfall.portal.deciding import evidence_of
from klarfall.portal.rows import number_of
from klarfall.portal.shell import show
from klarfall.tickets import remote_rules
from klarfall.tickets.actions import remote
from klarfall.tickets.models import RemoteSession
from klarfall.ui.rendering import go, wants_part

_UNCHANGED = 204


def session(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows who asks for what, in which words; opening it agrees to nothing. 204 while all is as it was seen."""
    found = _found(pk)
    if wants_part(request) and request.GET.get("seen") == mark_of(found):
        return HttpResponse(status=_UNCHANGED)
    now = timezone.now()
    shown = sitting(found, get_language() or "de")
    context: dict[str, Any] = {
        "session": found,
        "shown": shown,
        "ticket": found.ticket,
        "number": number_of(found.ticket.number),
        "paragraphs": shown.words.split("\n\n"),
        "text_hash": hash_of(shown.words),
        "mark": mark_of(found),
        "costs": remote_story.costs(found.concern),
        "agreement": not remote_rules.needs_reason(found.ticket),
        "seconds": remote_story.running_for(found, now),
    }
    return show(request, "portal/remote/page.html", here="requests", part="state", now=now, **context)


@require_POST
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    """Agrees to the words that were shown."""
    found = _found(pk)
    try:
        proof = request.POST.get("text_hash", "")
        remote.agree(found, text_hash=proof, evidence=evidence_of(request), actor=request.user, now=timezone.now())
        messages.success(request, _("You have agreed. Open the tool now; we are told."))
    except Refused as problem:
        messages.error(request, str(problem.message))
    return go(request, "portal:remote-session", pk)


@require_POST
def refusal(request: HttpRequest, pk: int) -> HttpResponse:
    """Says no, or takes the consent back before anything begins."""
    found = _found(pk)
    try:
        remote.decline_session(
            found, reason=request.POST.get("reason", "")[:500], actor=request.user, now=timezone.now()
        )
        messages.success(request, _("Understood: nobody looks at your screen."))
    except Refused as problem:
        messages.error(request, str(problem.message))
    return go(request, "portal:remote-session", pk)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends the session at once; no later minute counts."""
    now = timezone.now()
    try:
        held.end_session(_found(pk), actor=request.user, now=now)
        messages.success(request, _("The session is over. No later minute counts."))
    except Refused as problem:
        messages.error(request, str(problem.message))
    return go(request, "portal:remote-session", pk)


def _found(pk: int) -> RemoteSession:
    found: RemoteSession = get_object_or_404(remote_story.session_rows(), pk=pk)
    return found
