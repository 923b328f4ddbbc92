"""The overview of the administration: every page one may open, with what one does there."""

from django.http import Http404, HttpRequest, HttpResponse

from klarfall.desk import administration
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import page


def overview(request: HttpRequest) -> HttpResponse:
    """All pages of the administration for this person; who may open none has no overview either."""
    pages = administration.entries(request.user)
    if not pages:
        raise Http404
    return page(request, "desk/settings/overview.html", **shell(scope_of(request), "settings"), pages=pages)
