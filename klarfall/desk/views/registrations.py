"""People who registered and wait to be let in, of all customers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.core.action import Refused
from klarfall.customers.actions.register import decide_registration
from klarfall.customers.registrations import waiting
from klarfall.desk.access import needs
from klarfall.desk.paging import page_of
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import go, page


@needs("registration.decide")
def registrations(request: HttpRequest) -> HttpResponse:
    """Who waits, newest first."""
    query = request.GET
    shown = page_of(waiting(), after=query.get("after", ""), before=query.get("before", ""), newest=True)
    return page(request, "desk/registrations/list.html", **shell(scope_of(request), "registrations"), shown=shown)


@needs("registration.decide")
@require_POST
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in (`admit=1`), or turn them away."""
    registration = get_object_or_404(waiting(), pk=pk)
    admit = request.POST.get("admit") == "1"
    try:
        decide_registration(registration, admit=admit, actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Let in; the mail is on its way.") if admit else _("Turned away."))
    return go(request, "desk:registrations")
