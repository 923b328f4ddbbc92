"""What a customer does with one concern: see it differently, stop the work."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.billing.actions import decisions
from klarfall.core.action import Refused
from klarfall.portal.forms.conversation import ObjectionForm
from klarfall.portal.shell import show
from klarfall.tickets.actions import object as objections
from klarfall.tickets.models import Concern, Objection
from klarfall.ui.rendering import go


def _concern(number: int, position: int) -> Concern:
    rows = Concern.objects.select_related("ticket", "current_assessment__item", "current_assessment__sealed")
    concern: Concern = get_object_or_404(rows, ticket__number=number, position=position)
    return concern


def objection(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """Asks for the second review of an assessment: free, and every other way stays open."""
    concern = _concern(number, position)
    if concern.current_assessment is None:
        raise Http404
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            words = form.cleaned_data["text"]
            objections.open_objection(concern.current_assessment, text=words, actor=request.user, now=timezone.now())
            messages.success(
                request, _("A second person checks the assessment. As long as that lasts nothing is billed.")
            )
            return go(request, "portal:ticket", number)
        except Refused as problem:
            form.refuse(problem)
    status = 422 if form.errors else 200
    context = {"concern": concern, "ticket": concern.ticket, "form": form}
    return show(request, "portal/tickets/objection.html", here="requests", status=status, **context)


@require_POST
def objection_withdrawal(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """Takes the objection back."""
    concern = _concern(number, position)
    found = get_object_or_404(Objection, concern=concern, reviewed_at__isnull=True)
    try:
        objections.withdraw_objection(found, actor=request.user, now=timezone.now())
        messages.success(request, _("You have withdrawn your objection."))
    except Refused as problem:
        messages.error(request, str(problem))
    return go(request, "portal:ticket", number)


def stop(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """Stops the work at once; GET asks first and says what it means."""
    concern = _concern(number, position)
    if request.method != "POST":
        context = {"concern": concern, "ticket": concern.ticket}
        return show(request, "portal/tickets/stop.html", here="requests", **context)
    try:
        decisions.stop(concern, actor=request.user, now=timezone.now())
        messages.success(request, _("The work is stopped. No later minute is billable."))
    except Refused as problem:
        messages.error(request, str(problem))
    return go(request, "portal:ticket", number)
