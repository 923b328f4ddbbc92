"""The mails that arrived: the list of those that belong to nobody yet, and all others behind its filters."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from klarfall.desk import inbox as mails
from klarfall.desk.access import needs
from klarfall.desk.paging import page_of
from klarfall.desk.shell import scope_of, shell
from klarfall.incoming.models import BlockedSender
from klarfall.ui.rendering import page

HERE = "inbox"


@needs("mail.handle")
def inbox(request: HttpRequest) -> HttpResponse:
    """The mails of one view, newest first."""
    asked = mails.Asked.of(request.GET)
    shown = mails.found(asked)
    return page(
        request,
        "desk/inbox/list.html",
        **shell(scope_of(request), HERE),
        asked=asked,
        shown=shown,
        rows=[(mail, mails.state_words(mail)) for mail in shown.rows],
        views_of_mails=[
            {"label": one.title, "url": reverse("desk:inbox") + asked.of_view(one), "current": one is asked.view}
            for one in mails.VIEWS
        ],
    )


@needs("mail.handle")
def blocked(request: HttpRequest) -> HttpResponse:
    """Who is blocked, newest first."""
    rows = BlockedSender.objects.select_related("blocked_by")
    shown = page_of(rows, after=request.GET.get("after", ""), before=request.GET.get("before", ""), newest=True)
    return page(request, "desk/inbox/blocked.html", **shell(scope_of(request), HERE), shown=shown)
