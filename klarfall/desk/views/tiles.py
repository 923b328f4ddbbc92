"""Tiles of the new request: list, order, each with icon, words in both languages and usual assessment."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.contracts.actions import tiles as actions
from klarfall.contracts.models import CatalogueItem, RequestKind
from klarfall.contracts.queries import newest_terms
from klarfall.core.action import Refused
from klarfall.desk.access import needs
from klarfall.desk.forms.tiles import TileForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.icons import PATHS
from klarfall.ui.rendering import SeeOther, page

_NEEDED = "house.set_up"


@needs(_NEEDED)
def tiles(request: HttpRequest) -> HttpResponse:
    """All tiles in their order, those switched off too; POST takes over those of the template into an empty house."""
    if request.method == "POST":
        try:
            actions.add_default_tiles(actor=request.user, now=timezone.now())
        except Refused as problem:
            messages.warning(request, str(problem))
        return SeeOther(reverse("desk:tiles"))
    found = list(RequestKind.objects.order_by("order", "pk"))
    items = {one.code: one for one in CatalogueItem.objects.filter(terms=newest_terms())}
    rows = [
        {"tile": one, "item": items.get(one.usual_item), "up": one is not found[0], "down": one is not found[-1]}
        for one in found
    ]
    return _show(request, "list.html", rows=rows, known=PATHS)


@needs(_NEEDED)
def new(request: HttpRequest) -> HttpResponse:
    """Add a tile."""
    form = TileForm(request.POST or None)

    def act() -> None:
        actions.add_tile(code=form.cleaned_data["code"], data=form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("The tile is added."))
        return SeeOther(reverse("desk:tiles"))
    return _show(request, "page.html", status=422 if form.is_bound else 200, form=form, tile=None)


@needs(_NEEDED)
def tile(request: HttpRequest, code: str) -> HttpResponse:
    """Change a tile, or switch it off."""
    found = get_object_or_404(RequestKind, code=code)
    form = TileForm(request.POST or None, tile=found)

    def act() -> None:
        actions.change_tile(found, data=form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:tiles"))
    return _show(request, "page.html", status=422 if form.is_bound else 200, form=form, tile=found)


@needs(_NEEDED)
@require_POST
def place(request: HttpRequest, code: str) -> HttpResponse:
    """Move a tile up (`to=up`) or down."""
    found = get_object_or_404(RequestKind, code=code)
    actions.move_tile(found, up=request.POST.get("to") == "up", actor=request.user, now=timezone.now())
    return SeeOther(reverse("desk:tiles"))


def _show(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    return page(request, f"desk/tiles/{template}", status=status, **shell(scope_of(request), "tiles"), **context)
