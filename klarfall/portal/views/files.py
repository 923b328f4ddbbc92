"""Attachments: handed out by the viewer's own rows, never by a public address."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from klarfall.tickets import files
from klarfall.tickets.models import Attachment


def attachment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Sends a file; images are shown, everything else is only saved."""
    found = get_object_or_404(Attachment, pk=pk)
    try:
        content = files.open_file(found)
    except files.FileMissing as missing:
        raise Http404 from missing
    response = FileResponse(content)
    for name, value in files.headers(found, inline=True).items():  # afterwards: FileResponse guesses some of them
        response[name] = value
    return response
