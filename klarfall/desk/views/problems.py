"""Known problems at the desk: list, a new one, and the page of each."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from klarfall.accounts.access import is_only_editor
from klarfall.contracts.models import Product
from klarfall.desk import problem_page, reference
from klarfall.desk.access import needs
from klarfall.desk.forms.problems import ProblemForm
from klarfall.desk.paging import page_of
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.knowledge.actions import problems as actions
from klarfall.knowledge.actions.affected import attach_ticket
from klarfall.knowledge.models import KnownProblem
from klarfall.knowledge.status import ProblemStatus
from klarfall.knowledge.workflow import PROBLEM
from klarfall.tickets.models import Ticket
from klarfall.ui.rendering import SeeOther, page

HERE = "problems"
_ROWS = ("product", "area", "affected_from", "affected_to", "fixed_in")
_LONGEST = 9  # digits of an id


@needs("problem.manage")
def problems(request: HttpRequest) -> HttpResponse:
    """All problems in a state, the newest first, with how many report them and how many requests hang on them."""
    state, product = request.GET.get("state", ""), _number(request.GET.get("product"))
    state = state if state in (*ProblemStatus.values, "all") else ""
    cursors = {name: request.GET.get(name, "") for name in ("after", "before")}
    found = page_of(problem_page.listed(state, product), **cursors, newest=True)
    kept = "".join(f"&{name}={value}" for name, value in (("state", state), ("product", product)) if value)
    return page(
        request,
        "desk/problems/list.html",
        **shell(scope_of(request), HERE),
        problems=problem_page.counted(found.rows),
        found=found,
        kept=kept,
        **_filters(state, product),
    )


def _filters(state: str, product: int | None) -> dict[str, Any]:
    states = [("", _("Not fixed yet")), *ProblemStatus.choices, ("all", _("All"))]
    return {"state": state, "states": states, "product": product, "products": reference.products()}


@needs("problem.manage")
def new_problem(request: HttpRequest) -> HttpResponse:
    """Write down a problem, on its own or made from a request, which hangs on it then."""
    ticket, product = _beginning(request)
    if product is None:
        frame = shell(scope_of(request), HERE)
        return page(request, "desk/problems/new.html", **frame, products=reference.products(), form=None)
    form, scope = ProblemForm(request.POST or None, product=product, ticket=ticket), scope_of(request)
    made: list[KnownProblem] = []

    def act() -> None:
        who: dict[str, Any] = {"actor": request.user, "now": scope.now}
        made.append(actions.open_problem(product=product, data=form.given, **who))
        if ticket is not None:
            attach_ticket(made[0], ticket=ticket, **who)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Written down. Customers see it as soon as you show it to them."))
        return SeeOther(reverse("desk:problem", args=[made[0].pk]))
    frame = shell(scope, HERE) | {"form": form, "product": product, "ticket": ticket}
    return page(request, "desk/problems/new.html", status=422 if form.is_bound else 200, **frame)


@needs("problem.manage")
def problem(request: HttpRequest, pk: int) -> HttpResponse:
    """One problem: what is said of it, its steps, the requests and people of all customers."""
    row, scope = problem_of(pk), scope_of(request)
    form = ProblemForm(request.POST or None, product=row.product, problem=row)

    def act() -> None:
        actions.change_problem(row, data=form.given, actor=request.user, now=scope.now)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:problem", args=[pk]))
    return page(
        request,
        "desk/problems/page.html",
        status=422 if form.is_bound else 200,
        **shell(scope, HERE),
        problem=row,
        form=form,
        steps_possible=[name for name, step in PROBLEM.transitions.items() if row.status in step.sources],
        **problem_page.about(row, request.user, scope.now),
    )


def problem_of(pk: int) -> Any:
    """The problem with everything its page names; 404 without it."""
    return get_object_or_404(KnownProblem.objects.select_related(*_ROWS), pk=pk)


def _beginning(request: HttpRequest) -> tuple[Ticket | None, Product | None]:
    """The request from which a problem is made, and the product it is about."""
    number, ticket = _number(request.GET.get("ticket")), None
    if number is not None and not is_only_editor(request.user):
        ticket = get_object_or_404(Ticket.objects.select_related("product", "area", "version"), number=number)
    wanted = ticket.product_id if ticket else _number(request.GET.get("product"))
    product = next((one for one in reference.products() if one.pk == wanted), None)
    return ticket, product or (ticket.product if ticket else None)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and text.isascii() and len(text) <= _LONGEST else None
