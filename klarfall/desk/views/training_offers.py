"""Trainings on offer: list and each of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.contracts.actions import training_offers as actions
from klarfall.contracts.models import TrainingOffer
from klarfall.desk.access import needs
from klarfall.desk.forms.training_offers import TrainingOfferForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import SeeOther, page

_NEEDED = "house.set_up"
_MOST = 500


@needs(_NEEDED)
def training_offers(request: HttpRequest) -> HttpResponse:
    """All trainings in their order, those switched off last."""
    rows = list(TrainingOffer.objects.select_related("product").order_by("-active", "order", "pk")[:_MOST])
    return _show(request, "list.html", rows=rows)


@needs(_NEEDED)
def new(request: HttpRequest) -> HttpResponse:
    """Put a training on offer."""
    form = TrainingOfferForm(request.POST or None)

    def act() -> None:
        actions.add_training(data=form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("The training is on offer."))
        return SeeOther(reverse("desk:training-offers"))
    return _show(request, "page.html", status=422 if form.is_bound else 200, form=form, offer=None)


@needs(_NEEDED)
def training_offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a training, or take it off the offer."""
    found = get_object_or_404(TrainingOffer, pk=pk)
    form = TrainingOfferForm(request.POST or None, offer=found)

    def act() -> None:
        actions.change_training(found, data=form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:training-offers"))
    return _show(request, "page.html", status=422 if form.is_bound else 200, form=form, offer=found)


def _show(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    frame = shell(scope_of(request), "training-offers")
    return page(request, f"desk/training_offers/{template}", status=status, **frame, **context)
