"""One mail that arrived: its page, its formatted view and its files."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from klarfall.accounts import permissions
from klarfall.desk import inbox as mails
from klarfall.desk import inbox_page as one_mail
from klarfall.desk.access import needs
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.views.inbox import HERE
from klarfall.desk.views.mails import download
from klarfall.incoming import showing
from klarfall.incoming.models import IncomingMail
from klarfall.incoming.wording import proof
from klarfall.ui.rendering import page


@needs("mail.handle")
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail with everything that can be done about it."""
    found, frame = mail_of(pk), shell(scope_of(request), HERE)
    return page(request, "desk/inbox/page.html", **frame, **_context(found, request.user, frame["now"]))


def mail_of(pk: int) -> Any:
    """The mail with everything that its pages name; 404 without it."""
    rows = IncomingMail.objects.select_related("ticket", "customer", "contact__user", "filed_by")
    return get_object_or_404(rows, pk=pk)


def _context(found: IncomingMail, user: Any, now: Any) -> dict[str, Any]:
    read = one_mail.parsed(found)
    opened = one_mail.opened(found, read) if read else None
    is_open = found.outcome in one_mail.OPEN and found.message_id is None
    contacts, companies = one_mail.whose(found) if is_open else ([], [])
    return {
        "mail": found,
        "opened": opened,
        "is_open": is_open,
        "may_add": permissions.may("registration.decide", user),
        "why": mails.state_words(found),
        "proof": proof(found.authentication),
        "problems": opened.problems if opened else [],
        "facts": one_mail.facts(found, opened, now),
        "history": one_mail.history(found, now),
        "contacts": contacts,
        "companies": companies,
    }


@needs("mail.handle")
def html(request: HttpRequest, pk: int) -> HttpResponse:
    """The formatted view, for its frame."""
    read = one_mail.parsed(mail_of(pk))
    if read is None or not read.html.strip():
        raise Http404

    def picture(place: int) -> tuple[str, bytes] | None:
        file = read.files[place] if place < len(read.files) else None
        return (file.content_type, file.content) if file else None

    return showing.shown(read.shown.html, picture, pictures=request.GET.get("pictures") == "yes")


@needs("mail.handle")
def file(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    """A file out of the original, to be saved."""
    read = one_mail.parsed(mail_of(pk))
    if read is None or place >= len(read.files):
        raise Http404
    return download(read.files[place].name, read.files[place].content)
