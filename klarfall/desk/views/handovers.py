"""What went to the consultants and trainers, and where it stands."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.desk.forms.handover import HandoverForm, TeamForm
from klarfall.desk.paging import PAGE
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.worklists import OPEN_HANDOVERS
from klarfall.tickets.actions.handover import hand_over, set_handover_status
from klarfall.tickets.handing_over import team_of
from klarfall.tickets.models import ConsultantRequest, TrainingRequest
from klarfall.ui.rendering import SeeOther, page

KINDS: dict[str, Any] = {"consulting": ConsultantRequest, "training": TrainingRequest}


def handovers(request: HttpRequest) -> HttpResponse:
    """The open ones, oldest first; with ?all=1 the newest finished ones, too."""
    every = "all" in request.GET
    lists = [(kind, list(_rows(model, every=every))) for kind, model in KINDS.items()]
    return page(request, "desk/handover/list.html", **shell(scope_of(request), "handovers"), lists=lists, every=every)


def _rows(model: Any, *, every: bool) -> Any:
    rows = model.objects.select_related("customer", "contact__user", "product", "concern__ticket")
    return rows.order_by("-pk")[:PAGE] if every else rows.filter(OPEN_HANDOVERS).order_by("pk")[:PAGE]


def handover(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """One hand-over with its wish; its state is set here."""
    found = _found(kind, number)
    form = HandoverForm.of(request.POST or None, found)

    def act() -> None:
        set_handover_status(found, **form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:handovers"))
    return _show(request, kind, found, form=form, team=_team(found))


@require_POST
def team(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Mail the wish to the other team, the first time or once more."""
    found = _found(kind, number)
    form = TeamForm(request.POST)

    def act() -> None:
        address = form.cleaned_data["address"]
        hand_over(found, address=address, actor=request.user, now=timezone.now())

    if done(form, act):
        messages.success(request, _("Handed over: the mail is on its way to the team."))
        return SeeOther(reverse("desk:handover", kwargs={"kind": kind, "number": number}))
    return _show(request, kind, found, form=HandoverForm.of(None, found), team=form)


def _found(kind: str, number: int) -> Any:
    if kind not in KINDS:
        raise Http404
    names = ["customer", "contact__user", "product", "concern__ticket", *(["offer"] if kind == "training" else [])]
    return get_object_or_404(KINDS[kind].objects.select_related(*names), number=number)


def _team(found: Any) -> TeamForm:
    return TeamForm(initial={"address": found.team_address or team_of(found.product)})


def _show(request: HttpRequest, kind: str, found: Any, *, form: HandoverForm, team: TeamForm) -> HttpResponse:
    status = 422 if form.is_bound or team.is_bound else 200
    context = {"found": found, "kind": kind, "form": form, "team": team}
    return page(request, "desk/handover/page.html", status=status, **shell(scope_of(request), "handovers"), **context)
