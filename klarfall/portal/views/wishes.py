"""Wishes to the other teams: a consultant's appointment or a training, without a request to support."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.core.action import Refused
from klarfall.portal.forms.conversation import WishForm
from klarfall.portal.shell import show
from klarfall.portal.writing import Writing, writing
from klarfall.tickets.actions import draft as drafts
from klarfall.tickets.actions import handover
from klarfall.tickets.models import ConsultantRequest, TrainingRequest
from klarfall.ui.rendering import go


def wishes(request: HttpRequest) -> HttpResponse:
    """Shows what this person has asked of the other teams."""
    consulting = ConsultantRequest.objects.select_related("product").order_by("-pk")[:50]
    training = TrainingRequest.objects.select_related("product").order_by("-pk")[:50]
    context: dict[str, Any] = {"consulting": list(consulting), "training": list(training)}
    return show(request, "portal/wishes/list.html", here="requests", **context)


def new_consulting(request: HttpRequest) -> HttpResponse:
    """Asks for a consultant: on site, or for what support does not offer. It is not assessed and costs no support."""
    return _new(request, "consulting", handover.request_consulting, ("wish", "place", "preferred_dates"))


def new_training(request: HttpRequest) -> HttpResponse:
    """Asks for a training."""
    return _new(request, "training", handover.request_training, ("wish",))


def _new(request: HttpRequest, kind: str, action: Callable[..., Any], fields: tuple[str, ...]) -> HttpResponse:
    desk = writing(request, timezone.now())
    if not desk.contacts:
        return show(request, "portal/new/nobody.html", here="requests", status=403)
    products = desk.offered.own_products()
    form = WishForm(request.POST or None, contacts=desk.contacts, products=products, initial=_initial(desk))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        wanted = {name: data[name] for name in fields}
        try:
            made = action(data["contact"], product=data["product"], **wanted, actor=request.user, now=desk.now)
            _drop_draft(desk)
            return go(request, f"portal:{kind}", made.number)
        except Refused as problem:
            form.refuse(problem)
    status = 422 if form.errors else 200
    return show(request, "portal/wishes/new.html", here="requests", status=status, form=form, kind=kind, desk=desk)


def _initial(desk: Writing) -> dict[str, Any]:
    initial = desk.initial()
    if desk.request.GET.get("from") == "draft":
        parts = [initial.get(name, "") for name in ("title", "description")]
        initial["wish"] = "\n\n".join(filter(None, parts))
    return initial


def _drop_draft(desk: Writing) -> None:
    """The draft has become this wish."""
    if desk.request.GET.get("from") == "draft" and desk.draft is not None:
        drafts.discard_draft(desk.draft, actor=desk.request.user, now=desk.now)
        messages.info(desk.request, _("Your draft has become this wish."))


def consulting(request: HttpRequest, number: int) -> HttpResponse:
    """Shows one wish to the consultants."""
    found = get_object_or_404(ConsultantRequest.objects.select_related("product", "concern__ticket"), number=number)
    return show(request, "portal/wishes/page.html", here="requests", wish=found, kind="consulting")


def training(request: HttpRequest, number: int) -> HttpResponse:
    """Shows one wish for a training."""
    found = get_object_or_404(TrainingRequest.objects.select_related("product", "concern__ticket"), number=number)
    return show(request, "portal/wishes/page.html", here="requests", wish=found, kind="training")
