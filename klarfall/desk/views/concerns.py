"""Concerns of a ticket: split it, name a concern, finish one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.billing.actions import resolution
from klarfall.core.action import Refused
from klarfall.desk.forms.work import SplitForm, TitleForm
from klarfall.desk.refusals import done
from klarfall.desk.workspace import back, show
from klarfall.tickets.actions import review
from klarfall.tickets.models import Concern, Ticket


@require_POST
def concerns(request: HttpRequest, number: int) -> HttpResponse:
    """Split a ticket that asks for several things: covered ones go on whatever happens to the others."""
    found = get_object_or_404(Ticket, number=number)
    form = SplitForm(request.POST, auto_id="id_split_%s")

    def act() -> None:
        review.split(found, titles=form.cleaned_data["titles"], actor=request.user, now=timezone.now())

    if done(form, act):
        return back(request, number, _("Split. Each concern is assessed by itself."))
    return show(request, number, bound={"split": form}, opened="split")


@require_POST
def title(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """Name a concern in words that the customer understands."""
    concern = get_object_or_404(Concern, ticket__number=number, position=position)
    form = TitleForm(request.POST, auto_id="id_title_%s")

    def act() -> None:
        review.rename_concern(concern, title=form.cleaned_data["title"], actor=request.user, now=timezone.now())

    if done(form, act):
        return back(request, number, _("Renamed."))
    return show(request, number, bound={"title": form}, opened="split", position=position)


@require_POST
def completion(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """This concern is done; its offers end."""
    concern = get_object_or_404(Concern, ticket__number=number, position=position)
    try:
        resolution.finish_concern(concern, actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.error(request, str(problem.message))
        return back(request, number)
    return back(request, number, _("This concern is done."))
