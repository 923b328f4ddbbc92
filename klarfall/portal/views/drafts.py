"""The draft of a request and its files: saved while one writes, with and without scripts."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.core.action import Refused
from klarfall.portal.forms.request import draft_of
from klarfall.portal.writing import Writing, writing
from klarfall.tickets.actions import draft as drafts
from klarfall.tickets.models import Upload
from klarfall.ui.formats import clock, time_of_day
from klarfall.ui.rendering import go


@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Saves what was typed so far; scripts get the time, everybody else the form again."""
    desk = _desk(request)
    try:
        _save(desk)
        for file in request.FILES.getlist("files"):
            drafts.add_upload(desk.contact, file=file, actor=request.user, now=desk.now)
    except Refused as problem:
        return _answer(request, {"error": str(problem)}, str(problem), status=422)
    saved = _("Draft saved at %(time)s.") % {"time": clock(desk.now)}
    return _answer(request, {"saved_at": time_of_day(desk.now)}, saved)


@require_POST
def removal(request: HttpRequest) -> HttpResponse:
    """Throws the draft away, files included."""
    desk = _desk(request)
    if desk.draft is not None:
        drafts.discard_draft(desk.draft, actor=request.user, now=desk.now)
    messages.success(request, _("The draft is gone."))
    return go(request, "portal:new")


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Stores one file with the draft."""
    desk, file = _desk(request), request.FILES.get("file")
    if file is None:
        return JsonResponse({"error": _("No file has arrived.")}, status=422)
    try:
        stored = drafts.add_upload(desk.contact, file=file, actor=request.user, now=desk.now)
    except Refused as problem:
        return JsonResponse({"error": str(problem)}, status=422)
    address = f"{request.path}{stored.pk}/removal/"
    return JsonResponse({"name": stored.name, "size": stored.size, "remove_url": address})


@require_POST
def upload_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a file out of the draft; without scripts the whole form comes along and is kept."""
    desk = _desk(request)
    stored = get_object_or_404(Upload, pk=pk)
    drafts.remove_upload(stored, actor=request.user, now=desk.now)
    if "title" in request.POST:
        _save(desk)
    return _answer(request, {"removed": pk}, _("File removed."))


def _desk(request: HttpRequest) -> Writing:
    desk = writing(request, timezone.now())
    if not desk.contacts:
        raise Http404
    return desk


def _save(desk: Writing) -> None:
    drafts.save_draft(desk.contact, data=draft_of(desk.request.POST), actor=desk.request.user, now=desk.now)


def _answer(request: HttpRequest, data: dict[str, Any], text: str, status: int = 200) -> HttpResponse:
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(data, status=status)
    (messages.error if status >= 400 else messages.success)(request, text)  # noqa: PLR2004 - HTTP
    return go(request, "portal:new")
