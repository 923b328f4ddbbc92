"""What becomes of a known problem, each step asked for first; and the requests that hang on it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from klarfall.accounts.access import is_only_editor
from klarfall.core.action import Refused
from klarfall.desk import workspace
from klarfall.desk.access import needs
from klarfall.desk.forms.problems import FixForm, NothingForm, WorkaroundForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.views.problems import HERE, problem_of
from klarfall.knowledge.actions import affected
from klarfall.knowledge.actions import problems as actions
from klarfall.knowledge.audience import audience
from klarfall.knowledge.models import KnownProblem, ProblemTicket
from klarfall.tickets.models import Ticket
from klarfall.ui.rendering import SeeOther, page

_MOST_DIGITS = 9


@dataclass(frozen=True)
class Step:
    """One way to go: its question, what follows, its button, its form, what it does, and whether people are told."""

    title: str | Promise
    text: str | Promise
    label: str | Promise
    act: Callable[..., Any]
    form: Any = NothingForm
    tells: bool = False


STEPS = {
    "publication": Step(
        gettext_lazy("Show this problem to customers?"),
        gettext_lazy("Those who may read it find it in the help, and above their pages where it may affect them."),
        gettext_lazy("Show it"),
        actions.publish_problem,
    ),
    "hiding": Step(
        gettext_lazy("Show this problem to nobody any more?"),
        gettext_lazy("Only we see it then. Requests and reports stay with it."),
        gettext_lazy("Show it to nobody"),
        actions.hide_problem,
    ),
    "work_around": Step(
        gettext_lazy("A workaround is known"),
        gettext_lazy("Whoever said that it affects them, or has asked about it, is told once by mail."),
        gettext_lazy("Save and tell those affected"),
        actions.work_around,
        form=WorkaroundForm,
        tells=True,
    ),
    "wording": Step(
        gettext_lazy("Describe the workaround in other words"),
        gettext_lazy("Nobody is told again."),
        gettext_lazy("Save"),
        actions.change_workaround,
        form=WorkaroundForm,
    ),
    "doubt": Step(
        gettext_lazy("The workaround does not work?"),
        gettext_lazy("Its description is removed, and the problem is examined again."),
        gettext_lazy("Remove the workaround"),
        actions.doubt_workaround,
    ),
    "fix": Step(
        gettext_lazy("Fixed: tell everybody who is affected?"),
        gettext_lazy("Each of them gets one mail with their requests. Requests stay open until somebody has looked."),
        gettext_lazy("Fixed, tell those affected"),
        actions.fix_problem,
        form=FixForm,
        tells=True,
    ),
    "close": Step(
        gettext_lazy("Close this problem without a fix?"),
        gettext_lazy("Nobody is mailed. Its page says that it was closed."),
        gettext_lazy("Close without a fix"),
        actions.close_problem,
    ),
    "reopen": Step(
        gettext_lazy("Examine this problem again?"),
        gettext_lazy("It stands above pages again. When it is fixed again, those affected are told again."),
        gettext_lazy("Examine it again"),
        actions.reopen_problem,
    ),
}


@needs("problem.manage")
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Asks before a step, with who would be told, and goes it."""
    wanted, row, scope = STEPS.get(step), problem_of(pk), scope_of(request)
    if wanted is None:
        raise Http404
    form = wanted.form(request.POST, problem=row) if request.method == "POST" else _asked(request, wanted, row)

    def act() -> None:
        wanted.act(row, **form.given, actor=request.user, now=scope.now)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Done."))
        return SeeOther(reverse("desk:problem", args=[pk]))
    told = audience(row, getattr(form, "chosen", None), scope.now) if wanted.tells else None
    if told is not None and is_only_editor(request.user):
        told.companies = []  # figures, but no customers
    frame, status = shell(scope, HERE), 422 if form.is_bound and form.errors else 200
    context: dict[str, Any] = {"problem": row, "step": wanted, "form": form, "told": told}
    return page(request, "desk/problems/step.html", part="audience", status=status, **frame, **context)


def _asked(request: HttpRequest, wanted: Step, row: KnownProblem) -> Any:
    """The form before anything is sent; of a fix with the version that is being looked at."""
    form = wanted.form(problem=row)
    if "fixed_in" in request.GET:
        form.initial["fixed_in"] = request.GET["fixed_in"]
    return form


@needs("problem.manage")
@require_POST
def tickets(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets a request hang on the problem, by its number."""
    row = problem_of(pk)
    written = request.POST.get("number", "").rpartition("-")[2].strip()
    number = int(written) if written.isdecimal() and len(written) <= _MOST_DIGITS else 0
    found = Ticket.objects.filter(number=number).first()
    if found is None:
        messages.error(request, _("There is no request with this number."))
    else:
        _attach(request, row, found)
    return SeeOther(reverse("desk:problem", args=[pk]) + "#tickets")


@needs("ticket.review")
@require_POST
def ticket_problems(request: HttpRequest, number: int) -> HttpResponse:
    """Lets the request hang on a problem, from the request's page."""
    ticket = get_object_or_404(Ticket, number=number)
    chosen = request.POST.get("problem", "")
    pk = int(chosen) if chosen.isdecimal() and len(chosen) <= _MOST_DIGITS else 0
    _attach(request, get_object_or_404(KnownProblem, pk=pk), ticket)
    return workspace.back(request, number)


@needs("ticket.review")
@require_POST
def detachment(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """The request does not belong to the problem after all."""
    link = get_object_or_404(ProblemTicket, pk=pk, ticket__number=number)
    return _done_with(request, link, affected.detach_ticket)


@needs("ticket.review")
@require_POST
def check(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """A specialist has looked whether the fix solves the request."""
    link = get_object_or_404(ProblemTicket, pk=pk, ticket__number=number)
    return _done_with(request, link, affected.mark_checked)


def _done_with(request: HttpRequest, link: ProblemTicket, act: Callable[..., Any]) -> HttpResponse:
    number = Ticket.objects.values_list("number", flat=True).get(pk=link.ticket_id)
    try:
        act(link, actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.error(request, str(problem.message))
    if request.POST.get("from") == "problem":
        return SeeOther(reverse("desk:problem", args=[link.problem_id]) + "#tickets")
    return workspace.back(request, number)


def _attach(request: HttpRequest, row: KnownProblem, ticket: Ticket) -> None:
    try:
        affected.attach_ticket(row, ticket=ticket, actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.error(request, str(problem.message))
    else:
        messages.success(request, _("The request belongs to the known problem now."))
