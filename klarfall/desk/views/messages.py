"""Messages of a ticket, and its files."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.desk.forms.work import ReplyForm
from klarfall.desk.refusals import done
from klarfall.desk.workspace import back, show
from klarfall.tickets import files
from klarfall.tickets.actions import reply
from klarfall.tickets.models import Attachment, Ticket


@require_POST
def messages(request: HttpRequest, number: int) -> HttpResponse:
    """Answer the customer or leave a note for colleagues."""
    found = get_object_or_404(Ticket, number=number)
    form = ReplyForm(request.POST, request.FILES)

    def act() -> None:
        data, now = form.cleaned_data, timezone.now()
        said = {"text": data["text"], "files": data["attachments"]}
        if form.is_note:
            reply.write_note(found, **said, actor=request.user, now=now)
        else:
            reply.reply(found, **said, waits_for_customer=data["waits"], actor=request.user, now=now)

    if done(form, act):
        return back(request, number, _("Note saved.") if form.is_note else _("Sent."))
    return show(request, number, bound={"reply": form})


def attachment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of a ticket; images may be looked at, everything else is saved."""
    found = get_object_or_404(Attachment, pk=pk)
    try:
        content = files.open_file(found)
    except files.FileMissing:
        raise Http404 from None
    response = FileResponse(content)
    for name, value in files.headers(found, inline="show" in request.GET).items():
        response[name] = value  # afterwards: the response makes a name of its own from the stored key
    return response
