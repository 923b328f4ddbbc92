"""What went to the consultants and trainers, and where it stands."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.desk.forms.handover import HandoverForm
from klarfall.desk.paging import PAGE
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.worklists import OPEN_HANDOVERS
from klarfall.tickets.actions.handover import set_handover_status
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
    if kind not in KINDS:
        raise Http404
    rows = KINDS[kind].objects.select_related("customer", "contact__user", "product", "concern__ticket")
    found = get_object_or_404(rows, number=number)
    start = {"status": found.status, "scheduled_on": found.scheduled_on}
    form = HandoverForm(request.POST or None, initial=start)

    def act() -> None:
        set_handover_status(found, **form.cleaned_data, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:handovers"))
    context = {"found": found, "kind": kind, "form": form}
    status = 422 if form.is_bound else 200
    frame = shell(scope_of(request), "handovers")
    return page(request, "desk/handover/page.html", status=status, **frame, **context)
