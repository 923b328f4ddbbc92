"""Colleagues who registered and wait: the customer's admin lets them in or turns them away."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.core.action import Refused
from klarfall.customers.actions.register import decide_registration
from klarfall.customers.models import RegistrationPolicy
from klarfall.customers.registrations import waiting
from klarfall.portal.paging import page_of
from klarfall.portal.shell import show, viewer_of
from klarfall.portal.typed import whole_number
from klarfall.ui.rendering import go


def registrations(request: HttpRequest) -> HttpResponse:
    """Who waits at the companies whose admin this is; does not exist for others."""
    if not viewer_of(request).customers_where("is_admin"):
        raise Http404
    shown = page_of(waiting(), request.GET, (("pk", whole_number),))
    ours = RegistrationPolicy.SPECIALIST
    return show(request, "portal/registration/waiting.html", here="colleagues", shown=shown, decided_by_us=ours)


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
    return go(request, "portal:registrations")
