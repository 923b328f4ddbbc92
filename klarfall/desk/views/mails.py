"""A mail in a request: its formatted view, and the message as it arrived."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from klarfall.desk.access import needs
from klarfall.incoming import showing
from klarfall.incoming.models import IncomingMail, MailCopy
from klarfall.incoming.storing import RawGone, raw_of
from klarfall.tickets import files
from klarfall.ui.rendering import SeeOther


def copy_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The formatted view of a mail in a request; ?part=rest: what was trimmed from its text."""
    copy: MailCopy = get_object_or_404(MailCopy, pk=pk)
    if request.GET.get("part") == "rest":
        return showing.rest_shown(copy)
    if not copy.html:
        raise Http404
    return showing.copy_shown(copy, pictures=request.GET.get("pictures") == "yes")


@needs("mail.handle")
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The message as it arrived, to be saved and looked at elsewhere."""
    mail: IncomingMail = get_object_or_404(IncomingMail, pk=pk)
    try:
        raw = raw_of(mail)
    except RawGone as problem:
        messages.error(request, str(problem.message))
        return SeeOther(reverse("desk:inbox-mail", args=[pk]))
    return download(f"mail-{pk}.eml", raw)


def download(name: str, content: bytes) -> HttpResponse:
    """A file that no browser opens, under the same headers as the files of requests."""
    kept = files.Content(name=name, content_type="application/octet-stream", size=len(content), sha256="", key="")
    return HttpResponse(content, headers=files.headers(kept))
