"""The formatted view of a mail in a request, by the viewer's own rows."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from klarfall.incoming import showing
from klarfall.incoming.models import MailCopy


def copy_html(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the mail in a document that runs nothing; ?part=rest: what was trimmed from its text."""
    copy: MailCopy = get_object_or_404(MailCopy, pk=pk)
    if request.GET.get("part") == "rest":
        return showing.rest_shown(copy)
    if not copy.html:
        raise Http404
    return showing.copy_shown(copy, pictures=request.GET.get("pictures") == "yes")
