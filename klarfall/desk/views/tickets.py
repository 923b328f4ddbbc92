"""The page of a ticket, and what concerns the whole ticket: review, assignment, ability to work, solution."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.accounts.models import User
from klarfall.billing.actions import resolution
from klarfall.core.action import Refused
from klarfall.desk import evidence, reference
from klarfall.desk.forms.work import AssignForm, ResolveForm, RestoreForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import shell
from klarfall.desk.workspace import back, show, story_for
from klarfall.tickets.actions import assign, restore
from klarfall.tickets.actions import review as reviewing
from klarfall.tickets.models import Ticket
from klarfall.tickets.status import TicketStatus
from klarfall.ui.rendering import page


def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """The three panes of one ticket."""
    return show(request, number)


@require_POST
def review(request: HttpRequest, number: int) -> HttpResponse:
    """The first look. Opening a new ticket sends it by itself; a second one of the same ticket changes nothing."""
    found = get_object_or_404(Ticket, number=number)
    if found.status == TicketStatus.NEW:
        try:
            reviewing.begin_review(found, actor=request.user, now=timezone.now())
        except Refused as problem:
            messages.error(request, str(problem.message))
    return back(request, number)


@require_POST
def assignment(request: HttpRequest, number: int) -> HttpResponse:
    """Hand the ticket to a colleague, take it, or put it back."""
    found = get_object_or_404(Ticket, number=number)
    form = AssignForm(request.POST, staff=reference.staff(), auto_id="id_assign_%s")

    def act() -> None:
        wanted = form.cleaned_data["to"]
        to = get_object_or_404(User, pk=wanted, kind="staff") if wanted else None
        assign.assign(found, to=to, actor=request.user, now=timezone.now())

    if done(form, act):
        return back(request, number, _("Assigned."))
    return show(request, number, bound={"assign": form}, opened="assign")


@require_POST
def restoration(request: HttpRequest, number: int) -> HttpResponse:
    """The customer can work again, since when and how."""
    found = get_object_or_404(Ticket, number=number)
    form = RestoreForm(request.POST, auto_id="id_restore_%s")

    def act() -> None:
        restore.restore(found, **form.cleaned_data, actor=request.user, now=timezone.now())

    if done(form, act):
        return back(request, number, _("Recorded: the customer can work again."))
    return show(request, number, bound={"restore": form}, opened="restore")


@require_POST
def solution(request: HttpRequest, number: int) -> HttpResponse:
    """Solve the ticket with a text that the customer reads."""
    found = get_object_or_404(Ticket, number=number)
    form = ResolveForm(request.POST, auto_id="id_resolve_%s")

    def act() -> None:
        resolution.resolve(found, **form.cleaned_data, actor=request.user, now=timezone.now())

    if done(form, act):
        return back(request, number, _("Solved. The customer gets the solution by mail."))
    return show(request, number, bound={"resolve": form}, opened="resolve")


def history(request: HttpRequest, number: int) -> HttpResponse:
    """All versions of the assessments, and under *Nachweis* hashes, texts and the check of the chain."""
    story, scope = story_for(request, number)
    return page(
        request,
        "desk/ticket/history.html",
        **shell(scope),
        ticket=story.ticket,
        assessments=evidence.assessments(story),
        offers=evidence.offers(story),
        chain=evidence.chain(story),
    )
